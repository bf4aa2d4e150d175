/** `<csoundd-presets src="lantern.presets.json">`: settings of a piece, kept in the workspace. */

import { LitElement, css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { connectionOf } from "../connection.js";
import type { Connection, Stop } from "../connection.js";
import { channelOf } from "./channel.js";
import type { Channel, ChannelValue } from "./channel.js";
import { define } from "./control.js";
import { frames } from "./frame_loop.js";
import { morphed, presetFile, presetsOf, recallable, removed, stored } from "./presets.js";
import type { Preset, Values } from "./presets.js";
import { shared } from "./styles.js";

/** How often a change is made again on what another page has stored meanwhile. */
const TRIES = 4;

export class CsounddPresets extends LitElement {
  static override readonly styles = [
    shared,
    css`
      :host { display: block; }
      .frame { display: grid; gap: var(--gap); }
      .row { display: flex; flex-wrap: wrap; align-items: center; gap: calc(var(--gap) / 2) var(--gap); }
      .preset { display: inline-flex; }
      .preset button:first-child { border-radius: var(--radius) 0 0 var(--radius); }
      .preset button + button { border-left: 0; border-radius: 0 var(--radius) var(--radius) 0; padding: 0; width: var(--control); color: var(--soft); }
      .name { flex: 1 1 8em; min-width: 6em; max-width: 16em; -webkit-user-select: text; user-select: text; }
      label { display: flex; align-items: center; gap: 0.5em; }
      select { max-width: 9em; }
      .morph { flex: 1 1 8em; min-width: 6em; padding: 0; accent-color: var(--accent); background: none; border: 0; touch-action: pan-y; }
      .said { min-height: 1.3em; }
    `,
  ];

  /** The file in the workspace. */
  @property() src = "presets.json";
  @state() private presets: readonly Preset[] = [];
  @state() private from = "";
  @state() private to = "";
  @state() private said = "";
  @state() private isWorking = false;
  @query(".name") private field!: HTMLInputElement;
  @query(".morph") private slider!: HTMLInputElement | null;
  #channels: ReadonlyMap<string, Channel> = new Map();
  #connection: Connection | undefined;
  #stops: Stop[] = [];
  #etag: string | undefined;
  #position = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    const connection = connectionOf(this);
    this.#connection = connection;
    this.#stops = [
      connection.channels.watchList((list) => {
        this.#channels = new Map(list.flatMap((each) => channelOf(each) ?? []).map((channel) => [channel.name, channel]));
      }),
      connection.onState((current) => {
        if (current === "connected") void this.load();
      }),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has("src") && changed.get("src") !== undefined) void this.load();
  }

  override render(): TemplateResult {
    return html`<div class="frame"><form class="row" @submit=${this.#submitted}>
        <input class="name" aria-label="Name of the preset" placeholder="Name of a preset" autocomplete="off" spellcheck="false" maxlength="80" />
        <button type="submit" ?disabled=${this.isWorking}>Store</button></form>
      ${this.presets.length === 0 ? nothing : html`<div class="row" role="group" aria-label="Presets">
        ${this.presets.map(({ name }) => html`<span class="preset">
          <button type="button" @click=${() => { this.recall(name); }}>${name}</button>
          <button type="button" aria-label="Remove ${name}" @click=${() => void this.forget(name)}>×</button></span>`)}</div>`}
      ${this.presets.length < 2 ? nothing : html`<div class="row" role="group" aria-label="Morph">
        ${this.#choice("From", this.from, (name) => (this.from = name))}
        <input class="morph" type="range" min="0" max="1" step="0.001" value="0" aria-label="Morph" @input=${this.#morphed} @dblclick=${this.#rewound} />
        ${this.#choice("To", this.to, (name) => (this.to = name))}</div>`}
      <div class="note said" role="status">${this.said}</div></div>`;
  }

  #choice(label: string, chosen: string, choose: (name: string) => void): TemplateResult {
    return html`<label>${label} <select @change=${(event: Event) => { choose((event.target as HTMLSelectElement).value); }}>
      ${this.presets.map(({ name }) => html`<option value=${name} ?selected=${name === chosen}>${name}</option>`)}</select></label>`;
  }

  /** Read the file again. */
  async load(): Promise<void> {
    const { src } = this;
    try {
      // Most pieces have none: to ask for a file that is not there is an error in the browser's console.
      const response = (await this.#isThere()) ? await this.#fetch({ cache: "no-store" }) : undefined;
      // Another piece has taken the place of the one that this file is of.
      if (src !== this.src) return;
      this.#etag = response?.headers.get("etag") ?? undefined;
      if (response === undefined || response.status === 404) this.#show([]);
      else if (response.ok) this.#show(presetsOf(await response.text()));
      else this.said = await saidBy(response);
    } catch (error) {
      this.said = `${this.src} cannot be read: ${messageOf(error)}`;
    }
  }

  /** Store what the channels hold now. */
  async store(name: string): Promise<void> {
    const names = [...this.#channels.values()].filter((channel) => channel.isWritable).map((channel) => channel.name);
    const values = await this.#connection?.attempt((cs) => cs.channel.get(names.map(literal)));
    if (values === undefined) return;
    const kept = Object.entries(values).filter((entry): entry is [string, ChannelValue] => /^(number|string)$/.test(typeof entry[1]));
    const before = new Set(this.presets.map((preset) => preset.name));
    if (!(await this.#save((presets) => stored(presets, name, Object.fromEntries(kept))))) return;
    const made = this.presets.find((preset) => !before.has(preset.name))?.name ?? name;
    this.said = `${made} is stored`;
  }

  async forget(name: string): Promise<void> {
    if (await this.#save((presets) => removed(presets, name))) this.said = `${name} is removed`;
  }

  /** Set the channels to what a preset holds. */
  recall(name: string): void {
    const preset = this.presets.find((each) => each.name === name);
    if (preset === undefined) return;
    const values = recallable(preset.values, this.#channels);
    this.#set(values);
    const missing = Object.keys(preset.values).length - Object.keys(values).length;
    this.said = missing === 0 ? "" : `${missing} of its channels are not in this piece`;
  }

  /** Set the channels to what lies between two presets: 0 is the one, 1 the other. */
  morph(from: string, to: string, position: number): void {
    const [one, other] = [from, to].map((name) => this.presets.find((each) => each.name === name));
    if (one === undefined || other === undefined) return;
    this.#set(recallable(morphed(one.values, other.values, position, this.#channels), this.#channels));
  }

  #set(values: Values): void {
    for (const [name, value] of Object.entries(values)) {
      if (this.#connection?.channels.value(name) !== value) this.#connection?.channels.set(name, value);
    }
  }

  #show(presets: readonly Preset[]): void {
    this.presets = presets;
    const names = presets.map((preset) => preset.name);
    if (!names.includes(this.from)) this.from = names[0] ?? "";
    if (!names.includes(this.to) || (this.to === this.from && names.length > 1)) this.to = names.find((name) => name !== this.from) ?? "";
  }

  /** Write the file with a change; where another page has written it meanwhile, the change is made on that. */
  async #save(change: (presets: readonly Preset[]) => readonly Preset[]): Promise<boolean> {
    this.isWorking = true;
    try {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const presets = change(this.presets);
        const condition: Record<string, string> = this.#etag === undefined ? { "if-none-match": "*" } : { "if-match": this.#etag };
        const headers = { "content-type": "application/json", ...condition };
        const response = await this.#fetch({ method: "PUT", headers, body: presetFile(presets) });
        if (response.ok) {
          this.#etag = response.headers.get("etag") ?? undefined;
          this.#show(presets);
          if (this.#etag === undefined) await this.load();
          return true;
        }
        if (response.status !== 412) {
          this.said = `not stored: ${await saidBy(response)}`;
          return false;
        }
        await this.load();
      }
      this.said = "not stored: others change the file all the time";
    } catch (error) {
      this.said = `not stored: ${messageOf(error)}`;
    } finally {
      this.isWorking = false;
    }
    return false;
  }

  /** Whether the folder has the file. Where that cannot be told, the file itself is asked for. */
  async #isThere(): Promise<boolean> {
    const folder = this.src.split("/").slice(0, -1);
    const answer = await this.#ask(folder.map(encodeURIComponent).join("/"), { cache: "no-store" });
    if (!answer.ok) return true;
    const { entries } = (await answer.json()) as { entries: readonly { name: string }[] };
    return entries.some(({ name }) => name === this.src.split("/").at(-1));
  }

  #fetch(init: RequestInit): Promise<Response> {
    return this.#ask(this.src.split("/").map(encodeURIComponent).join("/"), init);
  }

  #ask(path: string, init: RequestInit): Promise<Response> {
    return (this.#connection ?? connectionOf(this)).fetch(`files/${path}`, init);
  }

  readonly #submitted = (event: Event): void => {
    event.preventDefault();
    void this.store(this.field.value).then(() => {
      this.field.value = "";
    });
  };

  readonly #morphed = (event: Event): void => {
    event.stopPropagation();
    this.#position = Number((event.target as HTMLInputElement).value);
    frames.request(this.#apply);
  };

  readonly #rewound = (): void => {
    if (this.slider === null) return;
    this.slider.value = "0";
    this.#position = 0;
    frames.request(this.#apply);
  };

  readonly #apply = (): void => {
    this.morph(this.from, this.to, this.#position);
  };
}

/** A name as a pattern that matches nothing else. */
function literal(name: string): string {
  return name.replaceAll(/[*?[]/g, "[$&]");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the daemon says of a request that it refused. */
async function saidBy(response: Response): Promise<string> {
  const text = (await response.text()).trim();
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === "object" && content !== null && "message" in content) return String(content.message);
  } catch {
    // Plain text.
  }
  return text === "" ? `${response.status} ${response.statusText}` : text;
}

define("csoundd-presets", CsounddPresets);
