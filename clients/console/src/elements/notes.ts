/** Notes that are held: what is sent for a key that goes down or up, with the pedal, and that none of them hangs. */

/** How hard a key was struck, from 0 to 1. */
export type Velocity = number;

/** Where notes go: score events for an instrument of one's choice, or MIDI messages for those that `massign` has. */
export interface NoteOutput {
  begin(note: number, velocity: Velocity): void;
  end(note: number): void;
}

/** Sends a call without waiting for it. */
export type Call = (method: string, params: readonly unknown[]) => void;

/** Fractions of an instrument's number, in ten-thousandths: 128 keys for each of so many pages. */
const PAGES = 77;
const KEYS = 128;

/**
 * Notes as score events, held (p3 is -1) and ended by the negative of their p1. Csound knows a note by the fraction of its
 * instrument's number; each page takes others than the rest, so one does not end the notes of another.
 */
export class EventNotes implements NoteOutput {
  readonly #call: Call;
  readonly #page: number;
  readonly #held = new Map<number, string | number>();
  instrument: string;
  pfields: string;

  /** `pfields` says what p4 and those behind it are: `key`, `velocity` (to 1), `midivelocity` (to 127), `hz`, or numbers. */
  constructor(call: Call, instrument: string, pfields = "key velocity", random: () => number = Math.random) {
    this.#call = call;
    this.instrument = instrument;
    this.pfields = pfields;
    // From 1 on: below that are the ids 1 to 128 that OSC controllers use.
    this.#page = 1 + Math.floor(random() * PAGES);
  }

  begin(note: number, velocity: Velocity): void {
    const p1 = this.#p1(note);
    this.#held.set(note, p1);
    this.#call("csound.event", ["i", [p1, 0, -1, ...pfieldsOf(this.pfields, note, velocity)]]);
  }

  end(note: number): void {
    const p1 = this.#held.get(note);
    if (p1 === undefined) return;
    this.#held.delete(note);
    this.#call("csound.event", ["i", [typeof p1 === "number" ? -p1 : `-${p1}`, 0, 0]]);
  }

  #p1(note: number): string | number {
    const fraction = this.#page * KEYS + note;
    const number = Number(this.instrument);
    if (Number.isInteger(number) && number > 0) return number + fraction / 10_000;
    return `${this.instrument}.${String(fraction).padStart(4, "0")}`;
  }
}

/** Notes as MIDI messages of a channel (from 0). */
export class MidiNotes implements NoteOutput {
  readonly #call: Call;
  readonly channel: number;

  constructor(call: Call, channel = 0) {
    this.#call = call;
    this.channel = channel;
  }

  begin(note: number, velocity: Velocity): void {
    this.#push(0x90, note, Math.max(1, Math.round(velocity * 127)));
  }

  end(note: number): void {
    this.#push(0x80, note, 0);
  }

  #push(status: number, ...data: readonly number[]): void {
    this.#call("stream.push", ["midi", [status | this.channel, ...data]]);
  }
}

/** The p-fields from p4 on. What is no word that is known here is sent as it is: a number, or a text. */
export function pfieldsOf(pattern: string, note: number, velocity: Velocity): (number | string)[] {
  const known: Readonly<Record<string, number>> = {
    key: note,
    velocity: rounded(velocity),
    midivelocity: Math.round(velocity * 127),
    hz: rounded(440 * 2 ** ((note - 69) / 12)),
  };
  return pattern
    .split(/[\s,]+/)
    .filter((word) => word !== "")
    .map((word) => known[word.toLowerCase()] ?? (Number.isFinite(Number(word)) ? Number(word) : word));
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/**
 * The keys that are down. A key may be held by several at once (a finger, the computer's keyboard, a MIDI keyboard): it
 * sounds from the first to the last of them, or until the pedal comes up.
 */
export class HeldNotes {
  readonly #output: () => NoteOutput;
  readonly #holders = new Map<number, Set<string>>();
  /** Who has to end each note that sounds: the output may be another one by then. */
  readonly #sounding = new Map<number, NoteOutput>();
  #pedal = false;
  /** Called with what sounds whenever that changes. */
  onChange: ((sounding: ReadonlySet<number>) => void) | undefined;

  constructor(output: () => NoteOutput) {
    this.#output = output;
  }

  get sounding(): ReadonlySet<number> {
    return new Set(this.#sounding.keys());
  }

  get pedal(): boolean {
    return this.#pedal;
  }

  /** `holder` presses a key. A key that is struck again begins anew. */
  press(note: number, velocity: Velocity, holder: string): void {
    if (!Number.isInteger(note) || note < 0 || note >= KEYS) return;
    const holders = this.#holders.get(note) ?? new Set<string>();
    this.#holders.set(note, holders);
    if (holders.has(holder)) return;
    holders.add(holder);
    this.#sounding.get(note)?.end(note);
    const output = this.#output();
    this.#sounding.set(note, output);
    output.begin(note, Math.min(1, Math.max(0, velocity)));
    this.#changed();
  }

  /** `holder` lets a key go. */
  release(note: number, holder: string): void {
    const holders = this.#holders.get(note);
    if (holders?.delete(holder) !== true || holders.size > 0) return;
    this.#holders.delete(note);
    if (!this.#pedal) this.#end(note);
  }

  /** Let go of every key that `holder` holds, and of all for which `holder` begins so with a trailing `*`. */
  releaseAll(holder?: string): void {
    for (const [note, holders] of [...this.#holders]) {
      for (const each of [...holders]) {
        if (holder === undefined || each === holder || (holder.endsWith("*") && each.startsWith(holder.slice(0, -1)))) {
          this.release(note, each);
        }
      }
    }
  }

  /** The pedal goes down, and notes go on when their keys are let go; or it comes up, and they end. */
  setPedal(isDown: boolean): void {
    if (this.#pedal === isDown) return;
    this.#pedal = isDown;
    if (isDown) return;
    for (const note of [...this.#sounding.keys()]) {
      if (!this.#holders.has(note)) this.#end(note);
    }
  }

  /** End everything: what is held, and what the pedal holds. */
  end(): void {
    this.#holders.clear();
    this.#pedal = false;
    for (const note of [...this.#sounding.keys()]) this.#end(note);
  }

  #end(note: number): void {
    this.#sounding.get(note)?.end(note);
    this.#sounding.delete(note);
    this.#changed();
  }

  #changed(): void {
    this.onChange?.(this.sounding);
  }
}
