import { describe, expect, it } from "vitest";
import { unknownChannel } from "../../src/elements/channel.js";
import type { Channel } from "../../src/elements/channel.js";
import { gone, grouped } from "../../src/elements/grouping.js";
import { NoPresets, morphed, presetFile, presetsOf, recallable, removed, stored } from "../../src/elements/presets.js";

function channels(...some: (Partial<Channel> & { name: string })[]): Map<string, Channel> {
  return new Map(some.map((each) => [each.name, { ...unknownChannel(each.name), ...each }]));
}

const piece = channels(
  { name: "cutoff", low: 100, high: 10_000, isExponential: true },
  { name: "steps", low: 0, high: 10, isWhole: true },
  { name: "wave", kind: "choice" },
  { name: "title", kind: "text" },
  { name: "level", isWritable: false },
);

describe("presets", () => {
  it("are stored under their names, in the place of one that is there", () => {
    const first = stored([], " soft ", { cutoff: 1 });
    const both = stored(stored(first, "hard", { cutoff: 2 }), "soft", { cutoff: 3 });
    expect(both).toEqual([{ name: "soft", values: { cutoff: 3 } }, { name: "hard", values: { cutoff: 2 } }]);
    expect(stored(both, "", {}).at(-1)?.name).toBe("Preset 3");
    expect(removed(both, "soft").map((preset) => preset.name)).toEqual(["hard"]);
  });

  it("are recalled as far as the piece has their channels", () => {
    expect(recallable({ cutoff: 5, level: 1, other: 1, title: "x", wave: "x" }, piece)).toEqual({ cutoff: 5, title: "x" });
  });

  it("morph the way a knob goes, and what cannot be between changes half-way", () => {
    const [from, to] = [{ cutoff: 100, steps: 0, wave: 0, title: "a" }, { cutoff: 10_000, steps: 5, wave: 2, title: "b" }];
    expect(morphed(from, to, 0.5, piece)).toEqual({ cutoff: expect.closeTo(1000) as number, steps: 3, wave: 2, title: "b" });
    expect(morphed(from, to, 0.49, piece)).toMatchObject({ wave: 0, title: "a" });
    expect([morphed(from, to, 0, piece), morphed(from, to, 1, piece)]).toEqual([from, to]);
    expect(morphed({ cutoff: 100 }, { steps: 4 }, 0.5, piece)).toEqual({ cutoff: 100, steps: 4 });
  });

  it("are read back as they were written", () => {
    const presets = stored([], "soft", { cutoff: 1.5, title: "x" });
    expect(presetsOf(presetFile(presets))).toEqual(presets);
  });

  it("are none in a file of something else, which is said", () => {
    for (const text of ["", "{}", "[]", '{"format":"csoundd-presets","version":2}', '{"format":"csoundd-presets","version":1,"presets":[{}]}']) {
      expect(() => presetsOf(text)).toThrow(NoPresets);
    }
  });
});

describe("groups", () => {
  const names = (...all: string[]): [string, string[]][] =>
    grouped([...channels(...all.map((name) => ({ name }))).values()]).map((group) => [group.name, group.channels.map(({ label }) => label)]);

  it("are what names begin with, where several do", () => {
    expect(names("fx/echo", "gain", "fx/space", "lfo_rate", "osc1.tune", "osc1.fine")).toEqual([
      ["fx", ["echo", "space"]],
      ["", ["gain", "lfo rate"]],
      ["osc1", ["tune", "fine"]],
    ]);
  });

  it("keep the order of the places that the hints give", () => {
    const some = channels({ name: "b", place: [0, 10] }, { name: "a", place: [1, 0] }, { name: "c", place: [0, 2] });
    expect(grouped([...some.values()])[0]?.channels.map(({ channel }) => channel.name)).toEqual(["c", "b", "a"]);
  });

  it("know what has gone", () => {
    const [one, two] = [[...channels({ name: "a" }, { name: "b" }).values()], [...channels({ name: "b" }).values()]];
    expect(gone(one, two)).toEqual(["a"]);
  });
});
