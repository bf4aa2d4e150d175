/** The button that has this page sound, how safely, and how that goes. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Connection, Stop } from "../connection.js";
import { SPEAKER } from "../icons.js";
import { soundOf } from "../sound.js";
import type { Safety, Sound } from "../sound.js";
import { Panel, controls } from "./panel.js";

const SAFETIES: readonly { readonly value: Safety; readonly label: string; readonly title: string }[] = [
  { value: "quick", label: "Quick", title: "Little delay, for playing; a weak network is heard" },
  { value: "steady", label: "Steady", title: "Less than a tenth of a second of delay on a good network" },
  { value: "safe", label: "Safe", title: "About a third of a second of delay, for a weak network" },
];

const SAID: Readonly<Record<Sound["state"], string>> = {
  off: "",
  waiting: "waits for a click",
  buffering: "waiting for sound",
  playing: "listening",
  interrupted: "taken by the system; a click goes on",
  closed: "",
};

const LOOK_MS = 500;

export class ListenPanel extends Panel {
  static override readonly styles = [
    controls,
    css`
      :host { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
      input[type="range"] { width: 84px; min-height: var(--cs-control); margin: 0; accent-color: var(--cs-accent); }
      select { padding: 0 4px; }
      .facts { font-size: var(--cs-size-small); color: var(--cs-text-soft); font-variant-numeric: tabular-nums; line-height: 1.25; }
      .listen { min-width: 92px; }
      @media (max-width: 700px) {
        :host { display: contents; }
        /* A phone has keys for its volume. */
        input[type="range"] { display: none; }
        select { order: 5; }
        .facts { order: 6; margin-left: auto; text-align: right; }
        .listen { order: 9; }
      }
      @media (max-width: 350px) {
        .listen { min-width: 0; }
        .listen svg { display: none; }
      }
    `,
  ];

  #sound!: Sound;

  protected override begin(connection: Connection): Stop[] {
    this.#sound = soundOf(connection);
    const update = (): void => {
      this.requestUpdate();
    };
    const timer = setInterval(() => {
      if (this.#sound.state !== "off") this.requestUpdate();
    }, LOOK_MS);
    return [this.#sound.onChange(update), connection.onState(update), () => { clearInterval(timer); }];
  }

  override render(): TemplateResult {
    const sound = this.#sound;
    const isOn = sound.state !== "off";
    return html`
      <button class="listen" aria-pressed=${isOn} title="Hear here what the engine plays"
        ?disabled=${!isOn && this.connection.state !== "connected"}
        @click=${() => void (isOn ? sound.stop() : sound.start())}>${SPEAKER}Listen</button>
      <select aria-label="Safety of listening" title="How much delay for how much safety"
        @change=${(event: Event) => { sound.safety = (event.target as HTMLSelectElement).value as Safety; }}>
        ${SAFETIES.map(({ value, label, title }) =>
          html`<option value=${value} title=${title} ?selected=${value === sound.safety}>${label}</option>`)}
      </select>
      <input type="range" min="0" max="1" step="0.01" aria-label="Volume of this page" title="Volume of this page"
        .value=${String(sound.volume)}
        @input=${(event: Event) => { sound.volume = Number((event.target as HTMLInputElement).value); }} />
      <span class="visually-hidden" role="status">${this.#said()}</span>
      ${isOn ? html`<span class="facts">${this.#facts()}</span>` : nothing}
    `;
  }

  /** What a screen reader tells: not the numbers, which change all the time. */
  #said(): string {
    const { state } = this.#sound;
    return SAID[state];
  }

  #facts(): TemplateResult {
    const { state, statistics, reason } = this.#sound;
    if (state !== "playing") return html`${SAID[state]}`;
    if (statistics === undefined) {
      return html`<span title=${reason}>some seconds late,<br />${isSecureContext ? "by a plain player" : "since not over https"}</span>`;
    }
    const { latency, underruns } = statistics;
    const delay = latency === undefined ? "–" : `${Math.round(latency * 1000)} ms`;
    return html`${delay} late<br />${underruns} ${underruns === 1 ? "dropout" : "dropouts"}`;
  }
}

customElements.define("csoundd-listen", ListenPanel);
