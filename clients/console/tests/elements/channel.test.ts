import { describe, expect, it } from "vitest";
import {
  channelOf, dragged, formatted, isOn, labelOf, parsed, positionOf, toggleValues, valueAt, valueByKey, valueText, words,
} from "../../src/elements/channel.js";
import type { Channel } from "../../src/elements/channel.js";

function channel(behav: number, dflt: number, min: number, max: number, attributes = "", name = "cutoff"): Channel {
  const hints = { behav, dflt, min, max, x: 0, y: 0, width: 0, height: 0, attributes };
  const made = channelOf({ name, kind: "control", mode: 3, hints, value: dflt });
  if (made === undefined) throw new Error("no channel");
  return made;
}

const cutoff = channel(3, 1400, 60, 12_000, 'unit=hz description="Where the filter rests"');
const resonance = channel(2, 0.35, 0, 0.95);
const steps = channel(1, 4, 1, 16);

describe("what a channel is", () => {
  it("is told by its hints", () => {
    expect(cutoff).toMatchObject({ kind: "slider", low: 60, high: 12_000, isExponential: true, initial: 1400, unit: "Hz" });
    expect(cutoff.description).toBe("Where the filter rests");
    expect(steps).toMatchObject({ isWhole: true, isExponential: false, kind: "slider" });
    expect(channel(1, 1, 0, 1).kind).toBe("toggle");
    expect(channel(1, 0, 0, 2, "vals=0,1,2 names=saw,square,sine")).toMatchObject({
      kind: "choice",
      choices: [{ value: 0, label: "saw" }, { value: 1, label: "square" }, { value: 2, label: "sine" }],
    });
  });

  it("is a text, or nothing that a control shows, by its kind", () => {
    const hints = null;
    expect(channelOf({ name: "title", kind: "string", mode: 3, hints, value: "x" })).toMatchObject({ kind: "text", initial: "x" });
    expect(channelOf({ name: "sound", kind: "audio", mode: 3, hints, value: null })).toBeUndefined();
  });

  it("without hints goes from 0 to 1, and as far as its value does", () => {
    const bare = channelOf({ name: "freq", kind: "control", mode: 3, hints: null, value: 440 });
    expect(bare).toMatchObject({ low: 0, high: 440, initial: 440, isHinted: false });
  });

  it("with one value in its range is that value", () => {
    const fixed = channel(2, 5, 5, 5);
    expect(fixed).toMatchObject({ kind: "slider", low: 5, high: 5, initial: 5, isHinted: true });
    expect([positionOf(fixed, 5), valueAt(fixed, 1), valueText(fixed, 5)]).toEqual([0, 5, "5.00"]);
    expect(channel(0, 0, 0, 0)).toMatchObject({ low: 0, high: 1, isHinted: false });
  });

  it("that the piece only writes is not moved", () => {
    expect(channelOf({ name: "level", kind: "control", mode: 2, hints: null, value: 0 })?.isWritable).toBe(false);
  });

  it("with an exponential range that reaches 0 is linear, as no logarithm is there", () => {
    expect(channel(3, 1, 0, 10).isExponential).toBe(false);
  });

  it("has words in the text of its hints, however they are written", () => {
    expect(words(`unit=hz desc='Cut-off' vals(0, 1) Tags="a"`)).toEqual({ unit: "hz", desc: "Cut-off", vals: "0, 1", tags: "a" });
  });
});

describe("positions", () => {
  it("are in equal ratios where the channel is exponential", () => {
    expect(valueAt(cutoff, 0.5)).toBeCloseTo(Math.sqrt(60 * 12_000));
    expect(positionOf(cutoff, Math.sqrt(60 * 12_000))).toBeCloseTo(0.5);
    expect(valueAt(resonance, 0.5)).toBeCloseTo(0.475);
  });

  it("reach the ends exactly, and stay within them", () => {
    expect([valueAt(cutoff, 0), valueAt(cutoff, 1), valueAt(cutoff, 7)]).toEqual([60, 12_000, 12_000]);
    expect([positionOf(cutoff, 1), positionOf(cutoff, 1e6)]).toEqual([0, 1]);
  });

  it("of whole numbers are whole numbers", () => {
    expect(valueAt(steps, 0.5)).toBe(9);
  });

  it("follow a finger, and with shift a tenth of its way", () => {
    expect(dragged(resonance, 0.5, 20, 200, false)).toBeCloseTo(0.6);
    expect(dragged(resonance, 0.5, 20, 200, true)).toBeCloseTo(0.51);
    expect(dragged(resonance, 0.5, 2000, 200, false)).toBe(1);
  });
});

describe("keys", () => {
  it("go a hundredth, a tenth, and to the ends; with shift a tenth as far", () => {
    expect(valueByKey(resonance, 0.475, "ArrowUp", false)).toBeCloseTo(0.4845);
    expect(valueByKey(resonance, 0.475, "ArrowLeft", true)).toBeCloseTo(0.47405);
    expect(valueByKey(resonance, 0.475, "PageUp", false)).toBeCloseTo(0.57);
    expect([valueByKey(cutoff, 100, "Home", false), valueByKey(cutoff, 100, "End", false)]).toEqual([60, 12_000]);
    expect(valueByKey(cutoff, 100, "q", false)).toBeUndefined();
  });

  it("move a whole number by one at least", () => {
    expect(valueByKey(steps, 4, "ArrowUp", true)).toBe(5);
    expect(valueByKey(steps, 1, "ArrowDown", false)).toBe(1);
  });
});

describe("values as one reads them", () => {
  it("have as many digits as the control resolves, and the unit", () => {
    expect(valueText(cutoff, 1400)).toBe("1400 Hz");
    expect(valueText(cutoff, 93.25)).toBe("93.3 Hz");
    expect(formatted(resonance, 0.35)).toBe("0.35");
    expect(formatted(steps, 3)).toBe("3");
    expect(formatted(channel(2, 0, -60, 0), -0.0001)).toBe("0.0");
    expect(formatted(channel(2, 0, -60, 0), -6)).toBe("−6.0");
    expect(formatted(resonance, Number.NaN)).toBe("–");
    expect(formatted(channel(2, 0, 0, 1e-7), 5e-8)).toBe("5.00e−8");
    expect(formatted(channel(2, 0, -1e12, 1e12), 0)).toBe("0");
  });

  it("are the names of choices, and on and off", () => {
    const wave = channel(1, 0, 0, 2, "vals=0,1,2 names=saw,square,sine");
    expect(valueText(wave, 1)).toBe("square");
    const toggle = channel(1, 1, 0, 1);
    expect([valueText(toggle, 1), valueText(toggle, 0), isOn(toggle, 1)]).toEqual(["on", "off", true]);
    expect(toggleValues(toggle)).toEqual([0, 1]);
  });

  it("are read as people type them, within the range", () => {
    expect([parsed(cutoff, "2.5k"), parsed(cutoff, " 440 Hz"), parsed(cutoff, "1e9")]).toEqual([2500, 440, 12_000]);
    expect([parsed(resonance, "0,5"), parsed(resonance, "loud"), parsed(steps, "3.6")]).toEqual([0.5, undefined, 4]);
  });

  it("stand under a label made of the name", () => {
    expect([labelOf("filter_cutoff"), labelOf("lfoRate"), labelOf("_")]).toEqual(["filter cutoff", "lfo Rate", "_"]);
  });
});
