/** What the engine is, what befell it, and a new one in its place. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Connection, Stop } from "../connection.js";
import { engineOf } from "../engine.js";
import type { Engine } from "../engine.js";
import { Panel, controls } from "./panel.js";

export class EnginePanel extends Panel {
  static override readonly styles = [
    controls,
    css`
      dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 12px; margin: 0; }
      dt { color: var(--cs-text-soft); }
      dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
      ol { margin: 8px 0 0; padding: 0; list-style: none; max-height: 108px; overflow: auto; }
      li { padding: 2px 0; border-top: 1px solid var(--cs-line-color); font-size: var(--cs-size-small); }
      .row { margin-top: 8px; }
    `,
  ];

  #engine!: Engine;
  #isAsking = false;

  protected override begin(connection: Connection): Stop[] {
    this.#engine = engineOf(connection);
    const update = (): void => {
      this.requestUpdate();
    };
    return [this.#engine.onChange(update), connection.onState(update)];
  }

  override render(): TemplateResult {
    const { info, state, reason, incidents } = this.#engine;
    if (info === undefined) return html`<p class="soft">Not known yet.</p>`;
    const { sr, ksmps, nchnls } = info.format as { sr?: number; ksmps?: number; nchnls?: number };
    const unsupported = Object.keys(info.unsupported);
    const canRestart = this.connection.cs?.welcome.scopes.includes("admin") ?? false;
    return html`
      <dl>
        <dt>Engine</dt><dd>${info.backend}${info.version === null ? nothing : html`, Csound ${versionText(info.version)}`}</dd>
        <dt>State</dt><dd class=${this.#engine.isLive ? "" : "bad"}><span role="status">${state}${reason === "" ? nothing : html`: ${reason}`}</span></dd>
        ${sr === undefined ? nothing : html`<dt>Sound</dt><dd>${sr} Hz, ${nchnls === 1 ? "mono" : nchnls === 2 ? "stereo" : html`${nchnls} channels`}, ksmps ${ksmps}</dd>`}
        <dt>Paced by</dt><dd>${PACES[info.drive]}</dd>
        <dt>Process</dt><dd>${info.pid ?? "none"}, epoch ${info.epoch}</dd>
        ${unsupported.length === 0 ? nothing : html`<dt>Without</dt><dd title=${unsupported.join("\n")}>${unsupported.length} methods of Csound's API</dd>`}
      </dl>
      <div class="row">
        ${this.#isAsking
          ? html`<span class="grow small">What plays is over then, for everybody.</span>
              <button class="primary start" @keydown=${this.#leave} @click=${this.#restart}>Start a new one</button>
              <button @keydown=${this.#leave} @click=${() => { this.#ask(false); }}>Leave it</button>`
          : html`<button class="new" ?disabled=${!canRestart} title=${canRestart ? "An empty engine in the place of this one" : "This needs a token with the scope admin"}
              @click=${() => { this.#ask(true); }}>New engine…</button>`}
      </div>
      ${incidents.length === 0 ? nothing : html`<ol aria-label="What befell the engine">
        ${incidents.map(({ when, text, isBad }) =>
          html`<li class=${isBad ? "bad" : ""}><span class="soft number">${when.toLocaleTimeString()}</span> ${text}</li>`)}
      </ol>`}
    `;
  }

  #ask(isAsking: boolean): void {
    this.#isAsking = isAsking;
    void this.focusOn(isAsking ? ".start" : ".new");
  }

  readonly #leave = (event: KeyboardEvent): void => {
    if (event.key === "Escape") this.#ask(false);
  };

  readonly #restart = (): void => {
    this.#ask(false);
    void this.connection.attempt((cs) => cs.engine.restart());
  };
}

const PACES: Readonly<Record<string, string>> = {
  clock: "the clock",
  device: "a sound card",
  free: "nothing: as fast as it can",
  step: "whoever steps it",
};

/** Csound's version, which it counts in thousandths: 7000 is 7.0. */
function versionText(version: number): string {
  const [major, rest] = [Math.floor(version / 1000), version % 1000];
  const [minor, patch] = [Math.floor(rest / 10), rest % 10];
  return `${major}.${minor}${patch === 0 ? "" : `.${patch}`}`;
}

customElements.define("csoundd-engine", EnginePanel);
