import { describe, expect, it } from "vitest";
import { keyAt, noteName, noteOfCode, pianoKeys, velocityAt } from "../../src/elements/keys.js";
import { midiMessage } from "../../src/elements/midi.js";
import { EventNotes, HeldNotes, MidiNotes, pfieldsOf } from "../../src/elements/notes.js";

function recorder(): { said: string[]; held: HeldNotes } {
  const said: string[] = [];
  const output = { begin: (note: number) => said.push(`+${note}`), end: (note: number) => said.push(`-${note}`) };
  return { said, held: new HeldNotes(() => output) };
}

describe("held notes", () => {
  it("begin and end with their keys, each by itself", () => {
    const { said, held } = recorder();
    held.press(60, 0.8, "a");
    held.press(64, 0.8, "b");
    held.release(60, "a");
    expect(said).toEqual(["+60", "+64", "-60"]);
    expect([...held.sounding]).toEqual([64]);
  });

  it("last until the last of those who hold them lets go", () => {
    const { said, held } = recorder();
    held.press(60, 0.8, "key");
    held.press(60, 0.8, "finger");
    held.release(60, "key");
    expect(said).toEqual(["+60", "-60", "+60"]);
    held.release(60, "finger");
    expect(said.at(-1)).toBe("-60");
  });

  it("go on with the pedal, and end with it where no key holds them", () => {
    const { said, held } = recorder();
    held.setPedal(true);
    held.press(60, 0.8, "a");
    held.press(62, 0.8, "b");
    held.release(60, "a");
    expect(said).toEqual(["+60", "+62"]);
    held.setPedal(false);
    expect(said).toEqual(["+60", "+62", "-60"]);
  });

  it("begin anew when they are struck again under the pedal", () => {
    const { said, held } = recorder();
    held.setPedal(true);
    held.press(60, 0.8, "a");
    held.release(60, "a");
    held.press(60, 0.8, "a");
    expect(said).toEqual(["+60", "-60", "+60"]);
  });

  it("end all at once, and those of one kind of holder", () => {
    const { said, held } = recorder();
    held.press(60, 0.8, "key KeyA");
    held.press(62, 0.8, "midi 0");
    held.releaseAll("key*");
    expect(said).toEqual(["+60", "+62", "-60"]);
    held.setPedal(true);
    held.end();
    expect(said.at(-1)).toBe("-62");
    expect(held.sounding.size).toBe(0);
  });

  it("are none outside of MIDI's range", () => {
    const { said, held } = recorder();
    held.press(128, 1, "a");
    held.press(-1, 1, "a");
    expect(said).toEqual([]);
  });
});

describe("what is sent", () => {
  it("is a held event of the instrument, ended by the negative of its p1", () => {
    const calls: unknown[] = [];
    const notes = new EventNotes((method, params) => calls.push([method, params]), "Note", "key velocity", () => 0);
    notes.begin(60, 0.8);
    notes.instrument = "3";
    notes.begin(61, 0.5);
    notes.end(60);
    notes.end(61);
    expect(calls).toEqual([
      ["csound.event", ["i", ["Note.0188", 0, -1, 60, 0.8]]],
      ["csound.event", ["i", [3.0189, 0, -1, 61, 0.5]]],
      ["csound.event", ["i", ["-Note.0188", 0, 0]]],
      ["csound.event", ["i", [-3.0189, 0, 0]]],
    ]);
  });

  it("has a fraction of its own on every page, within four digits", () => {
    const p1 = (random: number): unknown => {
      let sent: unknown;
      new EventNotes((_method, params) => (sent = (params[1] as unknown[])[0]), "1", "key", () => random).begin(127, 1);
      return sent;
    };
    expect([p1(0), p1(0.9999)]).toEqual([1.0255, 1.9983]);
  });

  it("has the p-fields that the instrument wants", () => {
    expect(pfieldsOf("hz, midivelocity 0.5 saw", 69, 1)).toEqual([440, 127, 0.5, "saw"]);
  });

  it("is MIDI where the instrument is played by that", () => {
    const calls: unknown[] = [];
    const notes = new MidiNotes((method, params) => calls.push([method, params]), 2);
    notes.begin(60, 0);
    notes.end(60);
    expect(calls).toEqual([["stream.push", ["midi", [0x92, 60, 1]]], ["stream.push", ["midi", [0x82, 60, 0]]]]);
  });
});

describe("keys", () => {
  const keys = pianoKeys(60, 72);

  it("of a piano lie where a finger finds them, black ones on top", () => {
    expect(keys.filter((key) => !key.isBlack).map((key) => key.note)).toEqual([60, 62, 64, 65, 67, 69, 71, 72]);
    expect(keys.filter((key) => key.isBlack).map((key) => key.note)).toEqual([61, 63, 66, 68, 70]);
    expect([keyAt(keys, 0.01, 0.2)?.note, keyAt(keys, 0.12, 0.2)?.note, keyAt(keys, 0.12, 0.9)?.note]).toEqual([60, 61, 60]);
    expect(keyAt(keys, 0.999, 0.5)?.note).toBe(72);
    expect(keyAt(keys, 1.2, 0.5)).toBeUndefined();
  });

  it("are louder further down", () => {
    const [white] = keys;
    if (white === undefined) throw new Error("no keys");
    expect(velocityAt(white, 0.9)).toBeGreaterThan(velocityAt(white, 0.1));
  });

  it("of the computer are those places, whatever letters are on them", () => {
    expect([noteOfCode("KeyA", 60), noteOfCode("KeyW", 60), noteOfCode("KeyK", 60), noteOfCode("KeyB", 60)]).toEqual([60, 61, 72, undefined]);
    expect([noteName(60), noteName(69), noteName(0)]).toEqual(["C4", "A4", "C-1"]);
  });
});

describe("MIDI messages", () => {
  it("are notes, the pedal, and silence", () => {
    expect(midiMessage([0x91, 60, 127])).toEqual({ kind: "on", channel: 1, note: 60, velocity: 1 });
    expect(midiMessage([0x91, 60, 0])).toEqual({ kind: "off", channel: 1, note: 60 });
    expect(midiMessage([0x80, 60, 64])).toEqual({ kind: "off", channel: 0, note: 60 });
    expect(midiMessage([0xb0, 64, 127])).toEqual({ kind: "pedal", channel: 0, isDown: true });
    expect(midiMessage([0xb0, 123, 0])).toEqual({ kind: "silence", channel: 0 });
  });

  it("that mean nothing to a keyboard, or are none, are nothing", () => {
    for (const bytes of [[0xb0, 1, 5], [0xe0, 0, 64], [0xf8], [60, 60, 60], [0x90, 200, 1], []]) expect(midiMessage(bytes)).toBeUndefined();
  });
});
