/** The keys of a piano on a screen, and the keys of a computer that stand for them. */

export interface PianoKey {
  readonly note: number;
  readonly isBlack: boolean;
  /** Left edge and width, in parts of the whole keyboard. */
  readonly left: number;
  readonly width: number;
}

const BLACK = new Set([1, 3, 6, 8, 10]);
/** How far the middle of a black key stands from the edge between its neighbours, in parts of a white key. */
const LEAN: Readonly<Record<number, number>> = { 1: -0.1, 3: 0.1, 6: -0.12, 8: 0, 10: 0.12 };
const BLACK_WIDTH = 0.6;

export function isBlack(note: number): boolean {
  return BLACK.has(note % 12);
}

/** The keys from `low` to `high`, both white ones; white keys first, since black ones lie on top. */
export function pianoKeys(low: number, high: number): PianoKey[] {
  const notes = Array.from({ length: high - low + 1 }, (_, index) => low + index);
  const whites = notes.filter((note) => !isBlack(note));
  const width = 1 / whites.length;
  const left = new Map(whites.map((note, index) => [note, index * width]));
  const white = whites.map((note) => ({ note, isBlack: false, left: left.get(note) ?? 0, width }));
  const black = notes
    .filter((note) => isBlack(note) && note > low && note < high)
    .map((note) => {
      const edge = left.get(note + 1) ?? 0;
      const middle = edge + (LEAN[note % 12] ?? 0) * width;
      return { note, isBlack: true, left: middle - (BLACK_WIDTH * width) / 2, width: BLACK_WIDTH * width };
    });
  return [...white, ...black];
}

/** The part of a white key, from the top, that black keys reach down. */
export const BLACK_LENGTH = 0.62;

/** The key at a place of the keyboard, in parts of its width and height; undefined outside of it. */
export function keyAt(keys: readonly PianoKey[], x: number, y: number): PianoKey | undefined {
  const isOn = (key: PianoKey): boolean => x >= key.left && x < key.left + key.width;
  const black = y < BLACK_LENGTH ? keys.find((key) => key.isBlack && isOn(key)) : undefined;
  return black ?? keys.find((key) => !key.isBlack && isOn(key));
}

/** The velocity of a touch: the further down on the key, the louder, as on most screens. */
export function velocityAt(key: PianoKey, y: number): number {
  const part = Math.min(1, Math.max(0, key.isBlack ? y / BLACK_LENGTH : y));
  return Math.round((0.35 + 0.6 * part) * 100) / 100;
}

/** Semitones above the C that the computer's keyboard begins at, by the place of the key and not by its letter. */
const COMPUTER_KEYS = [
  "KeyA", "KeyW", "KeyS", "KeyE", "KeyD", "KeyF", "KeyT", "KeyG", "KeyY", "KeyH", "KeyU", "KeyJ",
  "KeyK", "KeyO", "KeyL", "KeyP", "Semicolon", "Quote",
] as const;

const SEMITONES: ReadonlyMap<string, number> = new Map(COMPUTER_KEYS.map((code, index) => [code, index]));

/** The note of a key of the computer by its `code`, with `base` the note of its first key; undefined for other keys. */
export function noteOfCode(code: string, base: number): number | undefined {
  const semitones = SEMITONES.get(code);
  return semitones === undefined ? undefined : base + semitones;
}

/** What the keys beside them do. */
export type KeyCommand = "octaveDown" | "octaveUp" | "softer" | "louder" | "pedal";

export function commandOfCode(code: string): KeyCommand | undefined {
  return COMMANDS[code];
}

const COMMANDS: Readonly<Record<string, KeyCommand>> = {
  KeyZ: "octaveDown",
  KeyX: "octaveUp",
  KeyC: "softer",
  KeyV: "louder",
  Space: "pedal",
};

const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

/** A note as one reads it: 60 is C4. */
export function noteName(note: number): string {
  return `${NAMES[note % 12] ?? ""}${Math.floor(note / 12) - 1}`;
}
