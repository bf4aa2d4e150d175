/** The whole page: what plays and how it is heard above, panels below, and what has to be said over them. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Connection, Stop } from "./connection.js";
import { engineOf } from "./engine.js";
import type { Engine } from "./engine.js";
import { EXAMPLES, KEYS } from "./examples.js";
import type { Example } from "./examples.js";
import { CLOSE, THEME } from "./icons.js";
import { pieceOf } from "./piece.js";
import type { Fault, Piece } from "./piece.js";
import { soundOf } from "./sound.js";
import type { FilesPanel } from "./panels/files.js";
import { Panel, controls } from "./panels/panel.js";
import type { TransportPanel } from "./panels/transport.js";
import { nextTheme, theme } from "./theme.js";
import "./panels/engine.js";
import "./panels/files.js";
import "./panels/listen.js";
import "./panels/messages.js";
import "./panels/record.js";
import "./panels/transport.js";
import "./elements/index.js";

interface Notice {
  readonly id: number;
  readonly text: string;
}

const NOTICE_MS = 12_000;
const SHOWN_NOTICES = 4;
const LAST_ROW_PX = 62;

export class CsounddConsole extends Panel {
  static override readonly styles = [
    controls,
    css`
      :host { display: flex; flex-direction: column; min-height: 100dvh; }
      header {
        position: sticky; top: 0; z-index: 5; display: flex; align-items: center; gap: var(--cs-gap) 20px; flex-wrap: wrap;
        padding: 8px max(12px, env(safe-area-inset-left)); background: var(--cs-surface); border-bottom: 1px solid var(--cs-line-color);
      }
      .skip { position: fixed; top: 8px; left: 8px; z-index: 10; }
      .skip:not(:focus) { clip-path: inset(50%); }
      h1 { margin: 0; font-size: 15px; font-weight: 650; letter-spacing: 0.01em; display: flex; align-items: baseline; gap: 8px; }
      h1 small { font-weight: 400; font-size: var(--cs-size-small); color: var(--cs-text-soft); max-width: 16em; overflow: hidden;
        text-overflow: ellipsis; white-space: nowrap; }
      .far { margin-left: auto; display: flex; align-items: center; gap: var(--cs-gap) 16px; flex-wrap: wrap; }
      .banner { padding: 6px 14px; background: var(--cs-error-soft); color: var(--cs-text); border-bottom: 1px solid var(--cs-line-color);
        display: flex; align-items: center; gap: 12px; flex-wrap: wrap; }
      .banner p { margin: 0; flex: 1; min-width: 12em; }
      main {
        flex: 1; display: grid; gap: 10px; padding: 10px max(10px, env(safe-area-inset-left));
        grid-template: "channels scope side" auto "channels messages side" 1fr "keyboard keyboard keyboard" auto / minmax(0, 1fr) minmax(280px, 25%) minmax(250px, 22%);
      }
      section { contain: layout style; min-width: 0; overflow-x: clip; background: var(--cs-surface); border: 1px solid var(--cs-line-color); border-radius: 6px; padding: 10px 12px; }
      section > h2 { margin: 0 0 8px; font-size: var(--cs-size-small); font-weight: 600; color: var(--cs-text-soft); }
      [data-panel="channels"] { grid-area: channels; }
      [data-panel="scope"] { grid-area: scope; display: grid; gap: 8px; align-content: start; }
      [data-panel="messages"] { grid-area: messages; display: flex; flex-direction: column; min-height: 200px; max-height: 46dvh; }
      [data-panel="messages"] csoundd-messages { flex: 1; }
      [data-panel="keyboard"] { grid-area: keyboard; }
      .break { display: none; }
      .side { grid-area: side; display: grid; gap: 10px; align-content: start; min-width: 0; }
      .meters { display: grid; gap: 8px; }
      @media (min-width: 1081px) and (min-height: 640px) {
        /* All of it in sight: what does not fit scrolls in its panel. */
        :host { height: 100dvh; }
        main { min-height: 0; grid-template-rows: auto minmax(0, 1fr) auto; }
        section, .side { overflow: hidden auto; }
        .side { grid-template-rows: minmax(160px, auto) auto; }
        [data-panel="scope"], [data-panel="keyboard"] { overflow: clip; }
        [data-panel="messages"] { max-height: none; min-height: 0; overflow: clip; }
      }
      @media (max-width: 1080px) {
        main { grid-template: "channels channels" auto "keyboard keyboard" auto "scope side" auto "messages side" 1fr / minmax(0, 1fr) minmax(0, 1fr); }
      }
      @media (max-width: 700px) {
        main { grid-template: "channels" auto "keyboard" auto "scope" auto "side" auto "messages" auto / minmax(0, 1fr); padding: 8px; gap: 8px; }
        header { gap: 8px; padding: 8px; top: var(--header-top, 0); }
        h1 { margin-right: auto; }
        .break { display: block; order: 7; width: 100%; }
        .far { display: contents; }
        .theme { order: 1; }
        main.is-empty { grid-template-areas: "channels" "keyboard" "side" "messages" "scope"; }
      }
      .start { display: grid; gap: 12px; align-content: start; }
      .start p { margin: 0; max-width: 60ch; }
      .start ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 210px), 1fr)); gap: 8px; list-style: none; margin: 0; padding: 0; }
      .start li button { width: 100%; height: 100%; min-height: 62px; padding: 8px 12px; flex-direction: column; align-items: flex-start; gap: 1px;
        white-space: normal; text-align: left; }
      .start strong { font-weight: 600; font-size: calc(var(--cs-size) + 1px); }
      .faults { scroll-margin: 80px 0 10px; border: 1px solid var(--cs-error); border-radius: var(--cs-radius); padding: 8px 10px; margin-bottom: 10px; background: var(--cs-error-soft); }
      .faults ol { margin: 6px 0 0; padding: 0; list-style: none; display: grid; gap: 6px; }
      .faults pre { margin: 2px 0 0; padding: 3px 6px; font: var(--cs-size-small) / 1.4 var(--cs-mono); background: var(--cs-well); overflow: auto;
        border-radius: 3px; }
      .notices { position: fixed; right: 12px; bottom: 12px; z-index: 9; display: grid; gap: 8px; max-width: min(440px, calc(100vw - 24px)); }
      .notices div { display: flex; gap: 8px; align-items: start; padding: 8px 8px 8px 12px; background: var(--cs-raised); border: 1px solid var(--cs-error);
        border-left-width: 4px; border-radius: var(--cs-radius); box-shadow: 0 4px 18px #0005; white-space: pre-line; overflow-wrap: anywhere; }
      .notices span { flex: 1; max-height: 10em; overflow: auto; }
      .drop { position: fixed; inset: 8px; z-index: 8; display: grid; place-items: center; border: 2px dashed var(--cs-accent); border-radius: 10px;
        background: color-mix(in srgb, var(--cs-page) 82%, transparent); font-size: 20px; pointer-events: none; }
    `,
  ];

  #engine!: Engine;
  #piece!: Piece;
  #notices: readonly Notice[] = [];
  #nextNotice = 0;
  #shownFaults: readonly Fault[] | undefined;
  #isDropping = false;
  #hasChannels = false;
  #keys: Promise<void> | undefined;

  protected override begin(connection: Connection): Stop[] {
    this.#engine = engineOf(connection);
    this.#piece = pieceOf(connection);
    const update = (): void => {
      this.requestUpdate();
    };
    const failed = (event: Event): void => {
      this.#notice((event as CustomEvent<Error>).detail.message);
    };
    connection.addEventListener("failure", failed);
    connection.beforeNotes = async () => {
      if (this.#isEmpty) await (this.#keys ??= this.#hear(KEYS).finally(() => { this.#keys = undefined; }));
    };
    const listeners: readonly [string, (event: never) => void][] = [
      ["keydown", this.#key], ["dragover", this.#dragged], ["dragleave", this.#left], ["drop", this.#dropped],
    ];
    for (const [name, listener] of listeners) addEventListener(name, listener as EventListener);
    return [
      connection.onState(update),
      this.#engine.onChange(update),
      this.#piece.onChange(update),
      connection.channels.watchList((channels) => {
        this.#hasChannels = channels.length > 0;
        this.requestUpdate();
      }),
      () => {
        connection.removeEventListener("failure", failed);
        connection.beforeNotes = undefined;
        for (const [name, listener] of listeners) removeEventListener(name, listener as EventListener);
      },
    ];
  }

  /** On a phone the header is tall: its last row, with what is wanted at once, stays in sight. */
  protected override firstUpdated(): void {
    // Nobody waits for these in order to hear something.
    void import("./panels/pairing.js");
    void import("./panels/token.js");
    const header = this.renderRoot.querySelector("header");
    if (header === null) return;
    this.#sizes.observe(header);
  }

  /** Why a piece was refused stands above the channels; where that was clicked, far below on a phone, it is not seen. */
  protected override updated(): void {
    const { faults } = this.#piece;
    if (faults === this.#shownFaults) return;
    this.#shownFaults = faults;
    this.renderRoot.querySelector(".faults")?.scrollIntoView({ block: "nearest" });
  }

  readonly #sizes = new ResizeObserver(([entry]) => {
    const height = (entry?.target as HTMLElement | undefined)?.offsetHeight ?? 0;
    this.style.setProperty("--header-top", `${Math.min(0, LAST_ROW_PX - height)}px`);
  });

  /** Whether nothing has been compiled yet, so that there is nothing to show but what could be. */
  get #isEmpty(): boolean {
    return this.#engine.state === "ready" && !this.#hasChannels;
  }

  override render(): TemplateResult {
    const { piece } = this.#engine;
    const { loading } = this.#piece;
    return html`
      <button class="skip" @click=${this.#skip}>To the keys</button>
      <header data-panel="transport">
        <h1>csoundd <small role="status" title=${piece}>${loading === "" ? piece : `loading ${loading}…`}</small></h1>
        <csoundd-transport></csoundd-transport>
        <div class="far">
          <csoundd-record></csoundd-record>
          <csoundd-listen></csoundd-listen><span class="break"></span>
          <csoundd-pairing></csoundd-pairing>
          <button class="plain icon theme" title="Colours: ${theme()}" aria-label="Colours: ${theme()}" @click=${this.#theme}>${THEME}</button>
        </div>
      </header>
      ${this.#banner()}
      <main class=${this.#isEmpty ? "is-empty" : ""}>
        <section data-panel="channels" aria-label="Channels">${this.#faults()}${this.#isEmpty ? this.#start() : html`<csoundd-panel></csoundd-panel>
          ${this.#engine.info === undefined || !this.#hasChannels ? nothing : html`<csoundd-presets src=${presetsOf(piece)}></csoundd-presets>`}`}</section>
        <section data-panel="scope" aria-label="Levels, scope and spectrum">
          <csoundd-meter horizontal></csoundd-meter><csoundd-scope></csoundd-scope><csoundd-spectrum></csoundd-spectrum>
        </section>
        <section data-panel="messages" aria-label="Messages"><h2>Messages</h2><csoundd-messages></csoundd-messages></section>
        <div class="side">
          <section data-panel="files" aria-label="Pieces and files"><csoundd-files ?brief=${this.#isEmpty}></csoundd-files></section>
          <section data-panel="engine" aria-label="Engine"><h2>Engine</h2><csoundd-engine></csoundd-engine></section>
        </div>
        <section data-panel="keyboard" aria-label="Keyboard"><csoundd-keyboard no-panic></csoundd-keyboard></section>
      </main>
      <csoundd-token></csoundd-token>
      <div class="notices" role="alert">${this.#notices.map(({ id, text }) => html`<div><span>${text}</span>
        <button class="plain icon" aria-label="Dismiss" @click=${() => { this.#dismiss(id); }}>${CLOSE}</button></div>`)}</div>
      ${this.#isDropping ? html`<div class="drop">Drop files into the workspace</div>` : nothing}
    `;
  }

  #banner(): TemplateResult | typeof nothing {
    const { state, reason, refusal } = this.connection;
    if (refusal === "protocol") {
      return html`<div class="banner" role="alert"><p>This page and the daemon do not understand each other: ${reason}.
        Load the page anew; if that does not help, the daemon is of another version.</p>
        <button @click=${() => { this.connection.retry(); }}>Try again</button></div>`;
    }
    if (state === "connecting" && reason !== "") {
      return html`<div class="banner" role="status"><p>No connection: ${reason}. It is tried again by itself.</p></div>`;
    }
    if (state !== "connected" || this.#engine.state === undefined || this.#engine.isLive) return nothing;
    const why = this.#engine.reason;
    if (this.#engine.state === "failed") {
      return html`<div class="banner" role="alert"><p>The engine is given up${why === "" ? "" : `: ${why}`}. Load another piece, or begin with an empty engine.</p>
        <button @click=${() => void this.connection.attempt((cs) => cs.engine.restart())}>Empty engine</button></div>`;
    }
    return html`<div class="banner" role="status"><p>The engine is being brought back${why === "" ? "" : `: ${why}`}.</p></div>`;
  }

  #start(): TemplateResult {
    const canLoad = this.connection.cs?.welcome.scopes.includes("admin") ?? false;
    const card = (example: Example): TemplateResult => html`<li><button ?disabled=${!canLoad || this.#piece.loading !== ""}
      @click=${() => void this.#hear(example)}><strong>${example.title}</strong><span class="small soft">${example.about}</span></button></li>`;
    return html`<div class="start">
      <p>Nothing is loaded. Choose a piece to hear it, play a key below, or drop a <span class="mono">.csd</span> of yours.</p>
      <ul aria-label="Pieces that come along">${[KEYS, ...EXAMPLES].map(card)}</ul>
    </div>`;
  }

  #faults(): TemplateResult | typeof nothing {
    const { failed, faults } = this.#piece;
    if (failed === "" && faults.length === 0) return nothing;
    return html`<div class="faults" role="alert">
      <div class="row"><strong class="grow">${failed === "" ? "It plays, but" : `${failed} does not compile; what played goes on`}</strong>
        <button class="plain icon" aria-label="Dismiss" @click=${() => { this.#piece.dismiss(); }}>${CLOSE}</button></div>
      <ol>${faults.map(({ line, file, message, source }) => html`<li>
        ${line === 0 ? nothing : html`<strong>${file === "" ? "" : `${file}, `}line ${line}</strong>: `}${message}
        ${source === "" ? nothing : html`<pre>${source}</pre>`}</li>`)}</ol>
    </div>`;
  }

  /** Play an example and, unless it sounds on the daemon's own card, listen to it: the click is the leave to sound. */
  async #hear(example: Example): Promise<void> {
    if (this.#engine.info?.drive !== "device") void soundOf(this.connection).start();
    await this.#piece.load(example);
  }

  #notice(said: string): void {
    const text = sentences(said);
    const id = this.#nextNotice++;
    // The same over and over is said once.
    this.#notices = [...this.#notices.filter((each) => each.text !== text), { id, text }].slice(-SHOWN_NOTICES);
    this.requestUpdate();
    setTimeout(() => { this.#dismiss(id); }, NOTICE_MS);
  }

  #dismiss(id: number): void {
    this.#notices = this.#notices.filter((each) => each.id !== id);
    this.requestUpdate();
  }

  /** By keys alone they are the last of a hundred things. */
  readonly #skip = (): void => {
    this.renderRoot.querySelector<HTMLElement>("csoundd-keyboard")?.focus();
  };

  readonly #theme = (): void => {
    nextTheme();
    this.requestUpdate();
  };

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key !== " " || event.defaultPrevented || event.repeat) return;
    // A space belongs to what has the focus, if that does anything with it.
    const target = event.composedPath()[0];
    if (target instanceof HTMLElement && target.matches("button, input, select, textarea, summary, a, [role], [tabindex]")) return;
    event.preventDefault();
    this.renderRoot.querySelector<TransportPanel>("csoundd-transport")?.toggle();
  };

  readonly #dragged = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes("Files") !== true) return;
    event.preventDefault();
    if (this.#isDropping) return;
    this.#isDropping = true;
    this.requestUpdate();
  };

  readonly #left = (event: DragEvent): void => {
    if (event.relatedTarget !== null) return;
    this.#isDropping = false;
    this.requestUpdate();
  };

  readonly #dropped = (event: DragEvent): void => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    this.#isDropping = false;
    this.requestUpdate();
    void this.renderRoot.querySelector<FilesPanel>("csoundd-files")?.upload(files);
  };
}

/** What the daemon says, and its hint on a line of its own, as sentences. A name that comes first stays as it is. */
function sentences(text: string): string {
  const sentence = (line: string): string => {
    const begun = line.replace(/^[a-z]+(?=[ ,])/, (word) => word.charAt(0).toUpperCase() + word.slice(1));
    return /[.!?:]$/.test(begun) ? begun : `${begun}.`;
  };
  return text.trim().split("\n").map(sentence).join("\n");
}

/** The file of the workspace in which the presets of a piece are kept. */
function presetsOf(piece: string): string {
  return piece === "" ? "presets.json" : `${piece.replace(/\.(csd|orc)$/i, "")}.presets.json`;
}

customElements.define("csoundd-console", CsounddConsole);
