/** The buffer and resampler of the worklet, in simulated time. */

import { describe, expect, test } from "vitest";

import { Playout } from "../src/audio/playout.js";

const BLOCK = 256;
const QUANTUM = 128;

/** What of the engine's tone arrives when: `late` are the seconds by which a block is late, undefined for one that is lost. */
interface Network {
  inputRate: number;
  outputRate: number;
  seconds: number;
  /** How much faster than its own count the engine's clock runs. */
  drift?: number;
  late?: (block: number) => number | undefined;
  hertz?: number;
}

/** Play a sine through a playout: the left output, and what it reported at the end. */
function played({ inputRate, outputRate, seconds, drift = 0, late = () => 0.002, hertz = 440 }: Network) {
  const playout = new Playout(outputRate);
  playout.configure(inputRate, 2);
  playout.demand(0.04);
  const output: number[] = [];
  const reports = [];
  const blocks = Math.floor((seconds * inputRate) / BLOCK);
  const arrivals = Array.from({ length: blocks }, (_, block) => {
    const delay = late(block);
    return { block, time: delay === undefined ? Infinity : ((block + 1) * BLOCK) / (inputRate * (1 + drift)) + delay };
  }).sort((one, other) => one.time - other.time || one.block - other.block);
  let next = 0;
  for (let time = 0; time < seconds; time += QUANTUM / outputRate) {
    for (let arrival = arrivals[next]; arrival !== undefined && arrival.time <= time; arrival = arrivals[(next += 1)]) {
      const first = arrival.block * BLOCK;
      const samples = Float32Array.from({ length: 2 * BLOCK }, (_, index) =>
        Math.sin((2 * Math.PI * hertz * (first + Math.floor(index / 2))) / inputRate),
      );
      playout.write(samples, first, time);
    }
    const quantum = [new Float32Array(QUANTUM), new Float32Array(QUANTUM)];
    playout.render(quantum);
    output.push(...(quantum[0] ?? []));
    reports.push(playout.report(time));
  }
  return { output, reports, report: playout.report(seconds) };
}

/** The frequency of a sine, by its upward crossings of zero. */
function pitch(samples: readonly number[], rate: number): number {
  const crossings: number[] = [];
  for (let index = 1; index < samples.length; index += 1) {
    const [before = 0, after = 0] = [samples[index - 1], samples[index]];
    if (before < 0 && after >= 0) crossings.push(index - 1 + before / (before - after));
  }
  const [first = 0, last = 1] = [crossings[0], crossings.at(-1)];
  return ((crossings.length - 1) * rate) / (last - first);
}

function loudest(samples: readonly number[]): number {
  return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

/** The largest step between neighbours, against that of the sine itself: a click is a large one. */
function roughest(samples: readonly number[]): number {
  return samples.reduce((most, sample, index) => Math.max(most, Math.abs(sample - (samples[index - 1] ?? sample))), 0);
}

describe.each([
  [48_000, 48_000],
  [48_000, 44_100],
  [44_100, 48_000],
  [96_000, 48_000],
])("from %i to %i Hz", (inputRate, outputRate) => {
  test("the pitch stays, with neither gap nor click", () => {
    const { output, report } = played({ inputRate, outputRate, seconds: 4 });
    const steady = output.slice(outputRate);
    expect(pitch(steady, outputRate)).toBeCloseTo(440, 0);
    expect(loudest(steady)).toBeCloseTo(1, 1);
    expect(roughest(output)).toBeLessThan((2 * Math.PI * 440 * 1.1) / outputRate);
    expect(report).toMatchObject({ underruns: 0, missing: 0 });
  });
});

test("what is above the lower rate's half does not fold back", () => {
  const { output } = played({ inputRate: 96_000, outputRate: 48_000, seconds: 2, hertz: 28_000 });
  expect(loudest(output.slice(48_000))).toBeLessThan(0.05);
});

test.each([3e-4, -3e-4])("a clock that is off by %f neither runs dry nor piles up", (drift) => {
  const { reports } = played({ inputRate: 48_000, outputRate: 48_000, seconds: 60, drift });
  const settled = reports.slice(-10_000);
  expect(reports.at(-1)?.underruns).toBe(0);
  expect(Math.max(...settled.map(({ buffered, wanted }) => Math.abs(buffered - wanted)))).toBeLessThan(0.03);
});

test("jitter is taken up after the first time that it was too much", () => {
  const late = (block: number): number => 0.002 + (block % 40 === 39 ? 0.09 : 0);
  const { reports } = played({ inputRate: 48_000, outputRate: 48_000, seconds: 20, late });
  const [half, end] = [reports[Math.floor(reports.length / 4)], reports.at(-1)];
  expect(end?.wanted).toBeGreaterThan(0.09);
  expect(end?.underruns).toBe(half?.underruns);
});

test("after one time of great jitter the delay is soon again what it was, without a click", () => {
  // Nothing comes for 0.3 s, and then all of it at once.
  const late = (block: number): number => 0.002 + Math.max(0, 0.3 - Math.abs(block - 150) * (BLOCK / 48_000));
  const { output, reports } = played({ inputRate: 48_000, outputRate: 48_000, seconds: 28, late });
  const at = (seconds: number): number => reports[Math.floor((seconds * 48_000) / QUANTUM)]?.buffered ?? 0;
  expect(at(5)).toBeGreaterThan(0.25);
  expect(at(27)).toBeLessThan(0.09);
  const back = output.slice(20 * 48_000);
  expect(loudest(back)).toBeCloseTo(1, 1);
  expect(roughest(back)).toBeLessThan((2 * Math.PI * 440 * 1.1) / 48_000);
  expect(pitch(back, 48_000)).toBeCloseTo(440, 0);
});

test.each([0, 0.5])("after a page was frozen, what had waited is not played late, even if it takes %f of its time to come", (slow) => {
  // Nothing comes from the second second to the fourth, and then half of that: so much did the daemon keep.
  const late = (block: number): number | undefined => {
    const made = ((block + 1) * BLOCK) / 48_000;
    return made > 2 && made < 3 ? undefined : Math.max(0.002, made < 3 ? 0 : 4.002 + (made - 3) * slow - made);
  };
  const { output, reports } = played({ inputRate: 48_000, outputRate: 48_000, seconds: 7, late });
  const at = (seconds: number): number => reports[Math.floor((seconds * 48_000) / QUANTUM)]?.buffered ?? 0;
  if (slow === 0) expect(at(4.1)).toBeGreaterThan(0.5);
  expect(at(slow === 0 ? 4.6 : 5.6)).toBeLessThan(0.1);
  expect(pitch(output.slice(6 * 48_000), 48_000)).toBeCloseTo(440, 0);
});

test("a sound card that goes on after it stood still is at what is made now", () => {
  const playout = new Playout(48_000);
  playout.demand(0.04);
  const quantum = (): Float32Array[] => [new Float32Array(BLOCK), new Float32Array(BLOCK)];
  const write = (block: number, time: number): void => {
    playout.write(new Float32Array(2 * BLOCK).fill(0.5), block * BLOCK, time);
    playout.render(quantum());
  };
  for (let block = 0; block < 200; block += 1) write(block, (block * BLOCK) / 48_000);
  // For ten seconds neither the clock nor anything else moves.
  playout.resume();
  for (let block = 2000; block < 2100; block += 1) write(block, ((block - 1800) * BLOCK) / 48_000);
  expect(playout.report(0)).toMatchObject({ isPlaying: true });
  expect(playout.report(0).buffered).toBeLessThan(0.06);
  expect(playout.report(0).wanted).toBeLessThan(0.06);
});

test.each([3, 12])("a sound card that stood still with the page is at what is made now, though all of %d s comes at once", (frozen) => {
  const playout = new Playout(48_000);
  playout.demand(0.04);
  const write = (block: number, time: number): void => {
    playout.write(new Float32Array(2 * BLOCK).fill(0.5), block * BLOCK, time);
  };
  const quantum = (): void => {
    playout.render([new Float32Array(BLOCK), new Float32Array(BLOCK)]);
  };
  let [block, time] = [0, 0];
  const play = (blocks: number): void => {
    for (let more = 0; more < blocks; more += 1) {
      write(block, time);
      quantum();
      [block, time] = [block + 1, time + BLOCK / 48_000];
    }
  };
  play(200);
  for (const end = block + (frozen * 48_000) / BLOCK; block < end; block += 1) write(block, time);
  play(48_000 / BLOCK);
  expect(playout.report(0)).toMatchObject({ isPlaying: true });
  expect(playout.report(0).buffered).toBeLessThan(0.06);
});

test("lost blocks are told, and fade out and in", () => {
  const late = (block: number): number | undefined => (block % 100 === 50 ? undefined : 0.002);
  const { output, report } = played({ inputRate: 48_000, outputRate: 48_000, seconds: 3, late });
  expect(report.missing).toBe(6 * BLOCK);
  expect(report.underruns).toBe(0);
  expect(roughest(output)).toBeLessThan(0.1);
});

test("where nothing comes any more it fades out, and comes back when there is something", () => {
  const late = (block: number): number | undefined => (block > 100 && block < 250 ? undefined : 0.002);
  const { output, report } = played({ inputRate: 48_000, outputRate: 48_000, seconds: 3, late });
  expect(report).toMatchObject({ underruns: 1, isPlaying: true });
  expect(roughest(output)).toBeLessThan(0.1);
});

test("an engine that begins anew is heard", () => {
  const playout = new Playout(48_000);
  playout.demand(0.01);
  const heard: number[] = [];
  for (const begin of [1_000_000, 0]) {
    for (let block = 0; block < 20; block += 1) {
      playout.write(new Float32Array(2 * BLOCK).fill(0.5), begin + block * BLOCK, block * 0.005);
      const quantum = [new Float32Array(BLOCK), new Float32Array(BLOCK)];
      playout.render(quantum);
      heard.push(quantum[0]?.at(-1) ?? 0);
    }
  }
  expect(heard[19]).toBeCloseTo(0.5, 2);
  expect(heard[39]).toBeCloseTo(0.5, 2);
});
