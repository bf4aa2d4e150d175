/** Recording what plays, and keeping what has just been heard. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Connection, Stop } from "../connection.js";
import { engineOf } from "../engine.js";
import type { Engine } from "../engine.js";
import { DOWNLOAD, RECORD } from "../icons.js";
import { soundOf } from "../sound.js";
import type { Sound } from "../sound.js";
import { keep, stamp, workspaceOf } from "../workspace.js";
import type { Workspace } from "../workspace.js";
import { Panel, controls } from "./panel.js";

const LOOK_MS = 1000;

export class RecordPanel extends Panel {
  static override readonly styles = [
    controls,
    css`
      :host { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
      .record svg { color: var(--cs-error); }
      .record[aria-pressed="true"] { background: var(--cs-error); border-color: var(--cs-error); color: var(--cs-surface); }
      .record[aria-pressed="true"] svg { color: inherit; }
      .record { min-width: 92px; }
      @media (max-width: 700px) {
        :host { display: contents; }
        button { order: 4; }
      }
    `,
  ];

  #workspace!: Workspace;
  #engine!: Engine;
  #sound!: Sound;

  protected override begin(connection: Connection): Stop[] {
    this.#workspace = workspaceOf(connection);
    this.#engine = engineOf(connection);
    this.#sound = soundOf(connection);
    const update = (): void => {
      this.requestUpdate();
    };
    const timer = setInterval(() => {
      if (this.#workspace.take !== undefined || this.#sound.state === "playing") this.requestUpdate();
    }, LOOK_MS);
    const stops = [this.#workspace, this.#engine, this.#sound].map((each) => each.onChange(update));
    return [...stops, connection.onState(update), () => { clearInterval(timer); }];
  }

  override render(): TemplateResult {
    const { take, takes } = this.#workspace;
    const [latest] = takes;
    const { cs } = this.connection;
    const mayRecord = cs?.welcome.scopes.includes("compile") ?? false;
    const state = this.#engine.state;
    const canBegin = mayRecord && (state === "playing" || state === "paused");
    const seconds = take === undefined ? 0 : Math.round((Date.now() - take.since) / 1000);
    const kept = Math.floor(this.#sound.kept);
    return html`
      <button class="record" aria-pressed=${take !== undefined} ?disabled=${take === undefined ? !canBegin : cs === undefined}
        title=${mayRecord ? "Record what plays into a file of the workspace" : "This needs a token with the scope compile"}
        @click=${() => void (take === undefined ? this.#workspace.record() : this.#workspace.stopRecording())}>
        ${RECORD}${take === undefined ? "Record" : html`<span class="number">${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}</span>`}
      </button>
      ${take !== undefined || latest === undefined ? nothing : html`<button aria-label="Download the recording ${latest}" title="Download ${latest}"
        @click=${() => void this.#workspace.download(latest)}>${DOWNLOAD}Take</button>`}
      ${kept < 1 ? nothing : html`<button title="Save what was heard here last, up to a minute, as a WAV file"
        @click=${this.#keepLast}>Keep last ${kept} s</button>`}
    `;
  }

  readonly #keepLast = (): void => {
    const sound = this.#sound.lastMinute();
    if (sound === undefined) return;
    const url = URL.createObjectURL(sound);
    keep(url, `heard-${stamp(new Date())}.wav`);
    setTimeout(() => { URL.revokeObjectURL(url); }, 60_000);
  };
}

customElements.define("csoundd-record", RecordPanel);
