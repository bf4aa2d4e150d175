/** What Csound prints, by level and by words. */

import type { Message } from "csoundd-client";
import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Connection, Stop } from "../connection.js";
import { Panel, controls } from "./panel.js";

interface Line {
  readonly id: number;
  readonly text: string;
  readonly level: Message["level"];
  readonly time: string;
}

type Least = Message["level"];
type Shown = "usual" | "all" | "warning" | "error";

const RANK: Readonly<Record<Least, number>> = { info: 0, warning: 1, error: 2 };
const LEAST: Readonly<Record<Shown, Least>> = { usual: "info", all: "info", warning: "warning", error: "error" };
/** How lines begin that Csound prints for every note, every table and every MIDI channel. */
const ROUTINE = /^\s*(?:rtevent:|B\s+\d|T\s+-?\d|chnl \d+ using instr|new alloc for|ftable \d+:|instr \S+ uses)/;
const KEPT_LINES = 2000;
const SHOWN_LINES = 300;
/** Csound may print thousands of lines a second; nobody reads more than ten screens of them. */
const SHOW_MS = 100;
/** Colours of a terminal. */
const COLOURS = /\u001b\[[0-9;]*m/g;

export class MessagesPanel extends Panel {
  static override readonly styles = [
    controls,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; gap: var(--cs-gap); }
      .row { flex-wrap: nowrap; }
      input { width: 100%; }
      ol {
        flex: 1; min-height: 90px; overflow: auto; margin: 0; padding: 6px 8px; list-style: none;
        background: var(--cs-well); border: 1px solid var(--cs-line-color); border-radius: var(--cs-radius);
        font: var(--cs-size-small) / 1.45 var(--cs-mono); overflow-wrap: anywhere;
      }
      li { white-space: pre-wrap; }
      .warning { color: var(--cs-warning); }
      .error { color: var(--cs-error); }
      .counts { white-space: nowrap; }
    `,
  ];

  #lines: Line[] = [];
  #next = 0;
  #shown: Shown = "usual";
  #words = "";
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #followsEnd = true;

  protected override begin(connection: Connection): Stop[] {
    // From the first that is still kept: what was wrong with a piece was printed before this page was opened.
    const stop = connection.subscribe("messages", { level: "info", since: 0 }, (message) => {
      this.#take(message);
    });
    return [stop, () => { clearTimeout(this.#drawing); }];
  }

  #take({ text, level }: Message): void {
    const time = new Date().toLocaleTimeString();
    for (const part of text.replaceAll(COLOURS, "").split("\n")) {
      if (part.trim() !== "") this.#lines.push({ id: this.#next++, text: part, level, time });
    }
    if (this.#lines.length > KEPT_LINES) this.#lines.splice(0, this.#lines.length - KEPT_LINES);
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined;
      this.requestUpdate();
    }, SHOW_MS);
  }

  override render(): TemplateResult {
    const words = this.#words.toLowerCase();
    const shown = this.#lines
      .filter(({ text, level }) => RANK[level] >= RANK[LEAST[this.#shown]] && text.toLowerCase().includes(words))
      .filter(({ text, level }) => this.#shown !== "usual" || level !== "info" || !ROUTINE.test(text))
      .slice(-SHOWN_LINES);
    const count = (level: Least): number => this.#lines.filter((line) => line.level === level).length;
    const [errors, warnings] = [count("error"), count("warning")];
    return html`
      <div class="row">
        <select aria-label="Which messages" @change=${(event: Event) => {
          this.#shown = (event.target as HTMLSelectElement).value as Shown;
          this.requestUpdate();
        }}>
          <option value="usual" title="Without what is printed for every note">Usual</option>
          <option value="all">All</option>
          <option value="warning">Warnings</option>
          <option value="error">Errors</option>
        </select>
        <input class="grow" type="search" placeholder="Search" aria-label="Search the messages" @input=${(event: Event) => {
          this.#words = (event.target as HTMLInputElement).value;
          this.requestUpdate();
        }} />
        <span class="counts small" aria-live="polite">
          ${errors > 0 ? html`<span class="error">${errors} ${errors === 1 ? "error" : "errors"}</span>` : nothing}
          ${warnings > 0 ? html`<span class="warning">${warnings} ${warnings === 1 ? "warning" : "warnings"}</span>` : nothing}
        </span>
        <button class="plain" ?disabled=${this.#lines.length === 0} @click=${this.#clear}>Clear</button>
      </div>
      <ol tabindex="0" aria-label="Messages" @scroll=${this.#scrolled}>
        ${repeat(shown, ({ id }) => id, ({ text, level, time }) => html`<li class=${level} title=${time}>${text}</li>`)}
        ${shown.length === 0 ? html`<li class="soft">${this.#lines.length === 0 ? "Nothing yet." : "None like that."}</li>` : nothing}
      </ol>
    `;
  }

  protected override updated(): void {
    const list = this.renderRoot.querySelector("ol");
    if (list !== null && this.#followsEnd) list.scrollTop = list.scrollHeight;
  }

  readonly #scrolled = (event: Event): void => {
    const list = event.target as HTMLElement;
    this.#followsEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 24;
  };

  readonly #clear = (): void => {
    this.#lines = [];
    this.#followsEnd = true;
    this.requestUpdate();
  };
}

customElements.define("csoundd-messages", MessagesPanel);
