import { expect, test } from "vitest";
import { Resampler } from "../src/audio/resampler.js";
import { refusal, spread } from "../src/audio/sending.js";

function sine(rate: number, hertz: number, seconds: number): Float32Array {
  return Float32Array.from({ length: rate * seconds }, (_, index) => Math.sin((2 * Math.PI * hertz * index) / rate));
}

/** Frequency of a wave, by where it first and last rises through zero. */
function pitch(samples: Float32Array, rate: number): number {
  const crossings: number[] = [];
  for (let index = 1; index < samples.length; index += 1) {
    const [before, now] = [samples[index - 1] ?? 0, samples[index] ?? 0];
    if (before < 0 && now >= 0) crossings.push(index - now / (now - before));
  }
  const [first = 0, last = 0] = [crossings[0], crossings.at(-1)];
  return ((crossings.length - 1) * rate) / (last - first);
}

function resampled(input: Float32Array, from: number, to: number, block: number, rate = 1): Float32Array {
  const resampler = new Resampler(from, to, 1);
  const parts: number[] = [];
  for (let at = 0; at < input.length; at += block) parts.push(...resampler.process(input.subarray(at, at + block), rate));
  return Float32Array.from(parts);
}

test.each([[48_000, 44_100], [44_100, 48_000], [48_000, 48_000], [16_000, 48_000], [48_000, 96_000]])(
  "a tone keeps its pitch and its level from %i to %i Hz, whatever blocks it comes in",
  (from, to) => {
    for (const block of [512, 37]) {
      const output = resampled(sine(from, 1000, 1), from, to, block);
      expect(Math.abs(output.length - to)).toBeLessThan(200);
      expect(pitch(output.slice(200), to)).toBeCloseTo(1000, 1);
      expect(Math.max(...output.slice(to / 2))).toBeCloseTo(1, 2);
    }
  },
);

test("a rate that is bent brings fewer frames", () => {
  const [straight, bent] = [1, 1.001].map((rate) => resampled(sine(48_000, 100, 1), 48_000, 48_000, 512, rate).length);
  expect((straight ?? 0) - (bent ?? 0)).toBeCloseTo(48, -1);
});

test("channels stay apart", () => {
  const resampler = new Resampler(48_000, 44_100, 2);
  const output = resampler.process(Float32Array.from({ length: 4096 }, (_, index) => (index % 2 === 0 ? 0.5 : 0)));
  const frames = output.length / 2;
  expect(output[(frames - 10) * 2]).toBeCloseTo(0.5, 2);
  expect(output.filter((_, index) => index % 2 === 1).every((sample) => sample === 0)).toBe(true);
});

test("one channel goes to all, several to their own, and to one their mean", () => {
  expect([...spread(Float32Array.of(1, 2), 1, 2)]).toEqual([1, 1, 2, 2]);
  expect([...spread(Float32Array.of(1, 2, 3, 4), 2, 1)]).toEqual([1.5, 3.5]);
  expect([...spread(Float32Array.of(1, 2), 2, 3)]).toEqual([1, 2, 0]);
});

test.each([
  ["NotAllowedError", /not allowed/],
  ["NotFoundError", /there is no microphone/],
  ["NotReadableError", /cannot be opened/],
  ["OverconstrainedError", /not there/],
])("%s is said in words", (name, words) => {
  const refused = refusal(new DOMException("", name));
  expect(refused.message).toMatch(words);
  expect(refused.hint).toBeDefined();
});
