/** `<csoundd-keyboard instrument="Note">`: keys for mouse, fingers, the computer's keyboard and MIDI keyboards. */

import { LitElement, css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { midiInputs } from "csoundd-client";
import type { Client, InstrumentInfo, MidiInputs } from "csoundd-client";
import { property, query, state } from "lit/decorators.js";
import { connectionOf } from "../connection.js";
import type { Connection, Stop } from "../connection.js";
import { define } from "./control.js";
import { frames } from "./frame_loop.js";
import { follow } from "./gestures.js";
import { BLACK_LENGTH, commandOfCode, keyAt, noteName, noteOfCode, pianoKeys, velocityAt } from "./keys.js";
import type { PianoKey } from "./keys.js";
import { midiMessage } from "./midi.js";
import { EventNotes, HeldNotes, MidiNotes } from "./notes.js";
import type { Call } from "./notes.js";
import { shared } from "./styles.js";

const OCTAVES: readonly [number, number] = [0, 8];
const MOST_FINGERS = 10;
/** How long it is not asked again whether the instrument is there. */
const LOOK_MS = 2000;

/**
 * A keyboard. What it plays goes as held notes to `instrument`, by its number or name, with what `pfields` says from p4 on
 * (`key velocity` by default); or, with `midi`, as MIDI to the instruments that `massign` has for it.
 */
export class CsounddKeyboard extends LitElement {
  static override readonly styles = [
    shared,
    css`
      :host { display: block; min-width: 12em; }
      .frame { display: grid; gap: var(--gap); }
      .bar { display: flex; flex-wrap: wrap; align-items: center; gap: calc(var(--gap) / 2) var(--gap); }
      .bar input { width: 7em; -webkit-user-select: text; user-select: text; }
      .bar .octave { display: flex; align-items: center; gap: 4px; }
      .bar .octave button { min-width: var(--control); padding: 0; }
      .bar label { display: flex; align-items: center; gap: 0.5em; }
      .bar input[type="range"] { width: 6em; padding: 0; accent-color: var(--accent); background: none; border: 0; }
      .spring { flex: 1; }
      .keys { position: relative; height: 8.5em; touch-action: none; cursor: pointer; border-radius: var(--radius); }
      .key { position: absolute; top: 0; border-radius: 0 0 3px 3px; }
      .white { height: 100%; background: var(--key-white); border: 1px solid var(--line-strong); }
      .white + .white { border-left-width: 0; }
      .black { z-index: 1; background: var(--key-black); border: 1px solid #0008; box-shadow: 0 1px 2px #0005; }
      .key.down { background: var(--accent); }
      .name { position: absolute; bottom: 4px; left: 0; right: 0; text-align: center; font-size: var(--small); color: #4d545f; pointer-events: none; }
      .key.down .name { color: var(--on-accent); }
      .letter { position: absolute; bottom: 22px; left: 0; right: 0; text-align: center; font-size: var(--small); color: #4d545f; opacity: 0; }
      .black .letter { color: #d9dce0; bottom: 5px; }
      .keys:focus .letter { opacity: 1; }
      .key.down .letter { color: var(--on-accent); }
      /* Without colours of their own black keys are as white as the others, and nobody sees which are down. */
      @media (forced-colors: active) { .keys { forced-color-adjust: none; } }
      .said { min-height: 1.3em; }
    `,
  ];

  @property() instrument = "Note";
  @property() pfields = "key velocity";
  /** The MIDI channel, from 1, that notes go to in place of an instrument. */
  @property({ type: Number }) midi?: number;
  /** How many octaves are seen; as many as there is room for by default. */
  @property({ type: Number }) octaves?: number;
  /** Without the row of settings above the keys. */
  @property({ type: Boolean }) plain = false;
  /** Without a button for panic, where the page has one for all of it. */
  @property({ type: Boolean, attribute: "no-panic" }) hasNoPanic = false;
  @state() private octave = 4;
  @state() private velocity = 0.8;
  @state() private room = 2;
  @state() private pedal = false;
  @state() private inputs: MidiInputs | undefined;
  @state() private said = "";
  @state() private instruments: readonly string[] = [];

  @query(".keys") private surface!: HTMLElement;
  #keys: PianoKey[] = [];
  #connection: Connection | undefined;
  #stop: Stop | undefined;
  #fingers = new Map<number, number>();
  #looked = { name: "", at: 0 };
  readonly #call: Call = (method, params) => {
    const connection = this.#connection;
    void connection?.attempt(async (cs) => {
      await connection.beforeNotes?.();
      await cs.call(method, params);
      if (method === "csound.event") await this.#look(cs);
    });
  };

  /** Csound plays nothing, and says so among its messages alone, where a piece has no instrument of that name. */
  async #look(cs: Client): Promise<void> {
    const { instrument } = this;
    const [now, { name, at }] = [performance.now(), this.#looked];
    if (this.midi !== undefined || Number.isFinite(Number(instrument)) || (name === instrument && now - at < LOOK_MS)) return;
    this.#looked = { name: instrument, at: now };
    const isThere = (await cs.csound.instrNumber(instrument)) > 0;
    if (!isThere) await this.#list();
    const own = this.instruments.length === 0 ? "and no other" : `it has ${spoken(this.instruments)}`;
    if (!isThere) this.said = `there is no instrument ${instrument} in this piece, ${own}`;
    else if (this.said.startsWith("there is no instrument")) this.said = "";
  }

  /** What there is to play, for the field in which one is chosen; a session that may not know is told of none. */
  async #list(): Promise<void> {
    const listed = await this.#connection?.cs?.orc.instruments().catch(() => [] as InstrumentInfo[]);
    this.instruments = (listed ?? []).map(({ name, number }) => (name === "" ? String(number) : name));
  }

  readonly #events = new EventNotes(this.#call, "");
  readonly #held = new HeldNotes(() => {
    if (this.midi !== undefined) return new MidiNotes(this.#call, Math.min(15, Math.max(0, this.midi - 1)));
    this.#events.instrument = this.instrument;
    this.#events.pfields = this.pfields;
    return this.#events;
  });
  readonly #sizes = new ResizeObserver(([entry]) => {
    const width = entry?.contentRect.width ?? 0;
    this.room = Math.min(5, Math.max(1, Math.floor(width / 210)));
  });

  constructor() {
    super();
    this.#held.onChange = () => {
      frames.request(this.#paint);
    };
  }

  /** The notes that sound because of this keyboard. */
  get sounding(): ReadonlySet<number> {
    return this.#held.sounding;
  }

  /** Begin a note, as if a key went down. */
  press(note: number, velocity = this.velocity): void {
    this.#held.press(note, velocity, "page");
  }

  release(note: number): void {
    this.#held.release(note, "page");
  }

  /** Have the keys the focus, to be played by those of the computer. */
  override focus(options?: FocusOptions): void {
    this.surface.focus(options);
  }

  /** End what the keyboards of this page hold, and every note of the engine at once. */
  async panic(): Promise<void> {
    await connectionOf(this).panic();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#connection = connectionOf(this);
    let wasConnected = true;
    this.#stop = this.#connection.onState((current) => {
      // Keys that were let go while there was no connection are told of again: ends of notes that are over do no harm.
      if (current === "connected" && !wasConnected) this.#held.end();
      wasConnected = current === "connected";
    });
    this.#connection.addEventListener("panic", this.#panicked);
    addEventListener("blur", this.#leave);
    addEventListener("pagehide", this.#leave);
    document.addEventListener("visibilitychange", this.#hidden);
    if (this.hasUpdated) this.#sizes.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#held.end();
    this.inputs?.close();
    this.inputs = undefined;
    this.#stop?.();
    this.#connection?.removeEventListener("panic", this.#panicked);
    this.#sizes.disconnect();
    removeEventListener("blur", this.#leave);
    removeEventListener("pagehide", this.#leave);
    document.removeEventListener("visibilitychange", this.#hidden);
  }

  protected override willUpdate(): void {
    // What the computer's keys play stands in the middle, where there is room for more: one looks for bass notes as well.
    const octaves = this.octaves ?? this.room;
    const low = Math.max(0, 12 * (this.octave + 1 - Math.floor((octaves - 1) / 2)));
    this.#keys = pianoKeys(low, low + 12 * octaves);
  }

  protected override firstUpdated(): void {
    this.#sizes.observe(this);
    follow(
      this.surface,
      {
        begin: (event) => {
          this.surface.focus({ preventScroll: true });
          this.#touch(event);
        },
        move: (event) => {
          this.#touch(event);
        },
        end: (event) => {
          this.#lift(event.pointerId);
        },
      },
      MOST_FINGERS,
    );
  }

  protected override updated(): void {
    // As properties: where a page's policy refuses inline styles it refuses attributes of that name.
    for (const [index, element] of this.#elements().entries()) {
      const key = this.#keys[index];
      if (key === undefined) continue;
      element.style.left = `${key.left * 100}%`;
      element.style.width = `${key.width * 100}%`;
      element.style.height = key.isBlack ? `${BLACK_LENGTH * 100}%` : "";
    }
    frames.request(this.#paint);
  }

  override render(): TemplateResult {
    return html`<div class="frame">${this.plain ? nothing : this.#bar()}
      <div class="keys" role="application" tabindex="0" aria-roledescription="keyboard"
        aria-label="Keys for ${this.midi === undefined ? this.instrument : `MIDI channel ${this.midi}`}"
        aria-description="A to L play, Z and X change the octave, C and V the velocity, space is the pedal"
        @keydown=${this.#keyDown} @keyup=${this.#keyUp} @blur=${this.#leave}>
        ${this.#keys.map((key) => this.#key(key))}</div>
      ${this.plain ? nothing : html`<div class="note said" role="status">${this.said}</div>`}</div>`;
  }

  #elements(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>(".key")];
  }

  #key({ note, isBlack }: PianoKey): TemplateResult {
    const letter = LETTERS[note - 12 * (this.octave + 1)] ?? "";
    return html`<div class="key ${isBlack ? "black" : "white"}" data-note=${note}>
      <span class="letter">${letter}</span>${note % 12 === 0 ? html`<span class="name">${noteName(note)}</span>` : nothing}</div>`;
  }

  #bar(): TemplateResult {
    const instrument = this.midi === undefined
      ? html`<label>Instrument <input .value=${this.instrument} spellcheck="false" autocomplete="off" list="instruments"
          @focus=${() => void this.#list()} @keydown=${this.#written}
          @change=${(event: Event) => { this.#choose((event.target as HTMLInputElement).value); }} /></label>
          <datalist id="instruments">${this.instruments.map((name) => html`<option value=${name}></option>`)}</datalist>
          <label title="What the instrument takes for p4 and p5">Sends <select @change=${(event: Event) => { this.#send((event.target as HTMLSelectElement).value); }}>
            ${this.#forms().map(([pfields, label]) => html`<option value=${pfields} ?selected=${pfields === this.pfields}>${label}</option>`)}</select></label>`
      : nothing;
    return html`<div class="bar">${instrument}
      <span class="octave" role="group" aria-label="Octave"><button type="button" aria-label="An octave down" @click=${() => { this.#shift(-1); }}>−</button>
        <span class="value">${noteName(12 * (this.octave + 1))}</span>
        <button type="button" aria-label="An octave up" @click=${() => { this.#shift(1); }}>+</button></span>
      <label>Velocity <input type="range" min="1" max="127" .value=${String(Math.round(this.velocity * 127))}
        @input=${(event: Event) => { event.stopPropagation(); this.velocity = Number((event.target as HTMLInputElement).value) / 127; }} /></label>
      <button type="button" aria-pressed=${this.pedal ? "true" : "false"} @click=${() => { this.#setPedal(!this.pedal); }}>Sustain</button>
      <button type="button" aria-pressed=${this.inputs === undefined ? "false" : "true"} @click=${this.#toggleMidi}>MIDI</button>
      ${this.hasNoPanic ? nothing : html`<span class="spring"></span><button type="button" @click=${() => void this.panic()}>Panic</button>`}</div>`;
  }

  /** The usual ways in which instruments are told of a note, and the one that the page has given. */
  #forms(): readonly (readonly [string, string])[] {
    return FORMS.some(([pfields]) => pfields === this.pfields) ? FORMS : [...FORMS, [this.pfields, this.pfields]];
  }

  #send(pfields: string): void {
    this.#held.end();
    this.pfields = pfields;
  }

  /** Who has written a name plays next: Escape takes back what was written. */
  readonly #written = (event: KeyboardEvent): void => {
    const field = event.target as HTMLInputElement;
    if (event.key === "Escape") field.value = this.instrument;
    else if (event.key !== "Enter") return;
    else this.#choose(field.value);
    this.surface.focus({ preventScroll: true });
  };

  #choose(instrument: string): void {
    const name = instrument.trim();
    if (name === "" || name === this.instrument) return;
    this.#held.end();
    this.instrument = name;
  }

  #shift(octaves: number): void {
    this.#held.releaseAll("key*");
    this.octave = Math.min(OCTAVES[1], Math.max(OCTAVES[0], this.octave + octaves));
  }

  #setPedal(isDown: boolean): void {
    this.pedal = isDown;
    this.#held.setPedal(isDown);
  }

  /** A finger that is on a key plays it; one that goes on to another plays that. */
  #touch(event: PointerEvent): void {
    const box = this.surface.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    const key = keyAt(this.#keys, Math.min(0.9999, Math.max(0, x)), y);
    const before = this.#fingers.get(event.pointerId);
    if (key === undefined || key.note === before) return;
    if (before !== undefined) this.#held.release(before, `finger ${event.pointerId}`);
    this.#fingers.set(event.pointerId, key.note);
    // A pen or a screen that feels pressure says how hard; else the place on the key does, up to what is set.
    const felt = event.pointerType === "pen" && event.pressure > 0 ? event.pressure : velocityAt(key, y);
    this.#held.press(key.note, Math.min(1, felt * this.velocity * 1.05), `finger ${event.pointerId}`);
  }

  #lift(pointer: number): void {
    const note = this.#fingers.get(pointer);
    this.#fingers.delete(pointer);
    if (note !== undefined) this.#held.release(note, `finger ${pointer}`);
  }

  readonly #keyDown = (event: KeyboardEvent): void => {
    // macOS tells of no key that is let go while Command is down.
    if (event.key === "Meta") this.#held.releaseAll("key*");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const note = noteOfCode(event.code, 12 * (this.octave + 1));
    const command = commandOfCode(event.code);
    if (note === undefined && command === undefined) return;
    event.preventDefault();
    if (event.repeat) return;
    if (note !== undefined) this.#held.press(note, this.velocity, `key ${event.code}`);
    else if (command === "pedal") this.#setPedal(true);
    else if (command === "octaveDown" || command === "octaveUp") this.#shift(command === "octaveUp" ? 1 : -1);
    else this.velocity = Math.min(1, Math.max(0.1, this.velocity + (command === "louder" ? 0.1 : -0.1)));
  };

  readonly #keyUp = (event: KeyboardEvent): void => {
    const holder = `key ${event.code}`;
    this.#held.releaseAll(holder);
    if (commandOfCode(event.code) === "pedal") this.#setPedal(false);
  };

  /** Who looks elsewhere does not let go of the keys here: nothing may hang. */
  readonly #leave = (): void => {
    this.#held.releaseAll("key*");
    this.#held.releaseAll("finger*");
    this.#fingers.clear();
    if (this.inputs === undefined) this.#setPedal(false);
  };

  readonly #panicked = (): void => {
    this.#held.end();
    this.#fingers.clear();
    this.pedal = false;
  };

  readonly #hidden = (): void => {
    if (document.visibilityState === "hidden") this.#leave();
  };

  readonly #toggleMidi = async (): Promise<void> => {
    if (this.inputs !== undefined) {
      this.inputs.close();
      this.inputs = undefined;
      this.said = "";
      return;
    }
    try {
      const inputs = await midiInputs(this.#midiReceived);
      const tell = (names: readonly string[]): void => {
        this.said = names.length === 0 ? "no MIDI keyboard is plugged in" : `MIDI: ${names.join(", ")}`;
        this.#held.releaseAll("midi*");
      };
      inputs.onChange = tell;
      tell(inputs.names);
      this.inputs = inputs;
    } catch (error) {
      this.said = error instanceof Error ? error.message : String(error);
    }
  };

  readonly #midiReceived = (bytes: Uint8Array): void => {
    const message = midiMessage(bytes);
    if (message === undefined) {
      // Bends and wheels are for instruments that are played by MIDI.
      if (this.midi !== undefined) this.#call("stream.push", ["midi", [...bytes]]);
      return;
    }
    const holder = `midi ${message.channel}`;
    if (message.kind === "on") this.#held.press(message.note, message.velocity, holder);
    else if (message.kind === "off") this.#held.release(message.note, holder);
    else if (message.kind === "pedal") this.#setPedal(message.isDown);
    else this.#held.releaseAll(holder);
  };

  readonly #paint = (): void => {
    const { sounding } = this.#held;
    for (const key of this.#elements()) {
      key.classList.toggle("down", sounding.has(Number(key.dataset["note"])));
    }
  };
}

/** Names for a sentence: the first of them, where there are many. */
function spoken(names: readonly string[]): string {
  return names.length <= SPOKEN ? names.join(", ") : `${names.slice(0, SPOKEN).join(", ")} and ${names.length - SPOKEN} more`;
}

const SPOKEN = 8;

const FORMS: readonly (readonly [string, string])[] = [
  ["key velocity", "key, velocity"],
  ["key midivelocity", "key, velocity to 127"],
  ["hz velocity", "Hz, amplitude"],
  ["velocity hz", "amplitude, Hz"],
];

/** What stands on the keys of a computer that play, as most of them are labelled. */
const LETTERS = ["A", "W", "S", "E", "D", "F", "T", "G", "Y", "H", "U", "J", "K", "O", "L", "P", ";", "'"];

define("csoundd-keyboard", CsounddKeyboard);
