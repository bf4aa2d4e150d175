/** Play, pause, stop, rewind, where it is, how hard the machine works, and silence at once. */

import type { Transport } from "csoundd-client";
import { css, html } from "lit";
import type { TemplateResult } from "lit";
import type { Connection, Stop } from "../connection.js";
import { engineOf } from "../engine.js";
import type { Engine, EngineState } from "../engine.js";
import { PAUSE, PLAY, REWIND, STOP } from "../icons.js";
import { Panel, controls } from "./panel.js";

const NAMES: Readonly<Record<EngineState, string>> = {
  offline: "no engine",
  starting: "starting",
  ready: "nothing plays",
  playing: "playing",
  paused: "paused",
  ended: "ended",
  failed: "failed",
};

/** From which share of real time on the load is shown as much. */
const BUSY = 0.8;

export class TransportPanel extends Panel {
  static override readonly styles = [
    controls,
    css`
      :host { display: flex; align-items: center; gap: var(--cs-gap) 12px; flex-wrap: wrap; }
      .buttons { display: flex; gap: 4px; }
      .buttons button { min-width: 38px; padding: 0; }
      .play { min-width: 52px !important; }
      dl { display: flex; gap: 16px; margin: 0; }
      dl div { min-width: 0; }
      dt { font-size: var(--cs-size-small); color: var(--cs-text-soft); line-height: 1.2; }
      dd { margin: 0; font-variant-numeric: tabular-nums; line-height: 1.25; white-space: nowrap; }
      .time { min-width: 5.2em; }
      .load { min-width: 3em; }
      .panic { border-color: var(--cs-error); color: var(--cs-error); font-weight: 600; }
      .state { min-width: 6.2em; }
      @media (max-width: 700px) {
        /* The parts stand in the page's own rows there. */
        :host { display: contents; }
        .buttons { order: 8; }
        .panic { order: 10; margin-left: auto; }
        dl { order: 2; width: 100%; justify-content: space-between; gap: 8px; }
        .time, .load, .state { min-width: 0; }
      }
    `,
  ];

  #engine!: Engine;
  #time = "0:00.0";
  #load = "–";
  #late = 0;
  #lateBefore: number | undefined;
  #isBusy = false;

  protected override begin(connection: Connection): Stop[] {
    this.#engine = engineOf(connection);
    const update = (): void => {
      this.requestUpdate();
    };
    return [
      this.#engine.onChange(update),
      connection.onState(update),
      connection.subscribe("transport", { rate: 10 }, (transport) => {
        this.#take(transport);
      }),
    ];
  }

  /** Play where it does not play, pause where it does. */
  readonly toggle = (): void => {
    void this.connection.attempt(async (cs) => {
      switch (this.#engine.state) {
        case "playing":
          return cs.thread.pause();
        case "ended":
          await cs.csound.rewindScore();
          return cs.thread.play();
        default:
          return cs.thread.play();
      }
    });
  };

  #take({ scoreTime, cpuLoad, lateCycles }: Transport): void {
    const [time, load] = [clock(scoreTime), `${Math.round(cpuLoad * 100)} %`];
    // Cycles that were late before this page looked are no news.
    this.#lateBefore = this.#lateBefore === undefined || lateCycles < this.#lateBefore ? lateCycles : this.#lateBefore;
    const late = lateCycles - this.#lateBefore;
    if (time === this.#time && load === this.#load && late === this.#late) return;
    [this.#time, this.#load, this.#late, this.#isBusy] = [time, load, late, cpuLoad > BUSY];
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const isConnected = this.connection.state === "connected";
    const state = this.#engine.state;
    const isPlaying = state === "playing";
    const off = !isConnected || !this.#engine.isLive;
    const name = !isConnected ? "no connection" : state === undefined ? "–" : NAMES[state];
    return html`
      <div class="buttons" role="group" aria-label="Transport">
        <button title="Rewind the score" aria-label="Rewind" ?disabled=${off} @click=${this.#rewind}>${REWIND}</button>
        <button class="play ${isPlaying ? "primary" : ""}" title=${isPlaying ? "Pause (space)" : "Play (space)"}
          aria-label=${isPlaying ? "Pause" : "Play"} ?disabled=${off} @click=${this.toggle}>${isPlaying ? PAUSE : PLAY}</button>
        <button title="Stop: the performance is over" aria-label="Stop" ?disabled=${off || state === "ended"}
          @click=${this.#stop}>${STOP}</button>
      </div>
      <dl>
        <div class="state"><dt>State</dt><dd><span role="status">${name}</span></dd></div>
        <div class="time"><dt>Score</dt><dd>${this.#time}</dd></div>
        <div class="load"><dt>Load</dt><dd class=${this.#isBusy ? "bad" : ""}>${this.#load}</dd></div>
        <div title="Cycles that were late since this page was opened"><dt>Late</dt>
          <dd class=${this.#late > 0 ? "bad" : ""}>${this.#late}</dd></div>
      </dl>
      <button class="panic" title="End every note at once" ?disabled=${off} @click=${this.#panic}>Panic</button>
    `;
  }

  readonly #rewind = (): void => {
    void this.connection.attempt((cs) => cs.csound.rewindScore());
  };

  readonly #stop = (): void => {
    void this.connection.attempt((cs) => cs.thread.stop());
  };

  readonly #panic = (): void => {
    void this.connection.panic();
  };
}

/** Seconds as minutes and seconds, with tenths. */
export function clock(seconds: number): string {
  const tenths = Math.floor(Math.max(0, seconds) * 10);
  const [minutes, rest] = [Math.floor(tenths / 600), tenths % 600];
  return `${minutes}:${String(Math.floor(rest / 10)).padStart(2, "0")}.${rest % 10}`;
}

customElements.define("csoundd-transport", TransportPanel);
