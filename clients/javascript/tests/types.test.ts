/** What TypeScript must not let through: each line marked so fails to compile, or this file does. */

import { expect, test } from "vitest";

import type { Client, Meters, NdArray } from "../src/index.js";

function wrong(cs: Client): unknown[] {
  return [
    // @ts-expect-error - a value is a number
    cs.csound.setControlChannel("cutoff", "4000"),
    // @ts-expect-error - the value is missing
    cs.csound.setControlChannel("cutoff"),
    // @ts-expect-error - there is no such method
    (cs.csound as { setControlChanel: unknown }).setControlChanel,
    // @ts-expect-error - one parameter too many
    cs.csound.sr(1),
    // @ts-expect-error - no such drive
    cs.engine.drive("fast"),
    // @ts-expect-error - no such topic
    cs.stream("metres"),
    // @ts-expect-error - a rate is a number
    cs.stream("meters", { rate: "20" }),
    // @ts-expect-error - this topic needs a name
    cs.stream("audio-channel"),
    // @ts-expect-error - a time has one base
    cs.timed({ at: { sample: "now" } }),
  ];
}

function right(cs: Client): [Promise<[number, number]>, Promise<NdArray<Float64Array>>, AsyncIterable<Meters>] {
  return [cs.csound.controlChannel("cutoff"), cs.csound.spin(), cs.stream("meters", { rate: 20 })];
}

test("wrong parameters do not compile, which the compiler has shown", () => {
  expect([wrong, right].map((each) => each.length)).toEqual([1, 1]);
});
