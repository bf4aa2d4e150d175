import { describe, expect, it } from "vitest";
import { FrameLoop } from "../../src/elements/frame_loop.js";
import { Ballistics, History, Spectrum, columnsOf, decibels, frequencyPosition, levelBetween, meterPosition, triggerIn } from "../../src/elements/signal.js";

function sine(length: number, hertz: number, phase = 0, amplitude = 1): Float32Array {
  return Float32Array.from({ length }, (_, index) => amplitude * Math.sin((2 * Math.PI * hertz * index) / 48_000 + phase));
}

describe("meters", () => {
  it("stand at the ends for silence and full scale, and rise in between", () => {
    expect([-Infinity, -60, 0, 6].map(meterPosition)).toEqual([0, 0, 1, 1]);
    expect(meterPosition(-20)).toBeCloseTo(0.5);
    expect(meterPosition(-6)).toBeGreaterThan(meterPosition(-12));
    expect(decibels(0.5)).toBeCloseTo(-6.02, 2);
  });

  it("jump up, fall slowly, and keep the peak for a while", () => {
    const bar = new Ballistics();
    bar.advance(-6, 0.016);
    expect([bar.level, bar.peak]).toEqual([-6, -6]);
    bar.advance(-Infinity, 0.5);
    expect([bar.level, bar.peak]).toEqual([-19, -6]);
    bar.advance(-Infinity, 1);
    expect(bar.peak).toBeLessThan(-6);
    for (let second = 0; second < 8; second += 1) bar.advance(-Infinity, 1);
    expect(bar.isResting).toBe(true);
  });
});

describe("the scope", () => {
  it("begins where the wave rises through zero, whatever came before", () => {
    for (const phase of [0, 1, 2, 4]) {
      const history = new History(4096);
      history.write(sine(4096, 440, phase), 0, 1);
      const first = triggerIn(history, 1024);
      expect(history.at(first)).toBeGreaterThanOrEqual(0);
      expect(history.at(first - 1)).toBeLessThan(0);
      expect(first).toBeLessThanOrEqual(4096 - 1024);
    }
  });

  it("shows the newest where nothing crosses", () => {
    expect(triggerIn(new History(256), 64)).toBe(192);
  });

  it("keeps one channel of several, the newest samples of it", () => {
    const history = new History(3);
    history.write([1, 10, 2, 20, 3, 30, 4, 40], 1, 2);
    expect([history.at(0), history.at(1), history.at(2)]).toEqual([20, 30, 40]);
  });
});

describe("the spectrum", () => {
  it("has a sine at full scale at 0 dB in its bin, and next to nothing elsewhere", () => {
    const history = new History(4096);
    const bin = 100;
    history.write(sine(4096, (bin * 48_000) / 4096), 0, 1);
    const levels = new Spectrum(4096).measure(history);
    expect(levels.indexOf(Math.max(...levels))).toBe(bin);
    expect(levels[bin]).toBeCloseTo(0, 1);
    expect(levels[bin + 10]).toBeLessThan(-90);
  });

  it("is that of the sum over all samples, at every bin", () => {
    const [size, full] = [64, new History(64)];
    const samples = Array.from({ length: size }, (_, index) => Math.sin(index * index) + 0.3);
    full.write(samples, 0, 1);
    const wanted = Array.from({ length: size / 2 + 1 }, (_, bin) => {
      let [re, im] = [0, 0];
      for (const [index, sample] of samples.entries()) {
        const windowed = sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * index) / size));
        re += windowed * Math.cos((2 * Math.PI * index * bin) / size);
        im -= windowed * Math.sin((2 * Math.PI * index * bin) / size);
      }
      return 20 * Math.log10((4 / size) * Math.hypot(re, im));
    });
    const levels = new Spectrum(size).measure(full);
    expect(levels.length).toBe(wanted.length);
    for (const [bin, level] of wanted.entries()) expect(levels[bin]).toBeCloseTo(level, 2);
  });

  it("is laid out in equal ratios from the lowest frequency to the highest", () => {
    const edges = columnsOf(100, 513, 48_000, 30);
    expect([edges[0], edges[100]]).toEqual([expect.closeTo(0.64, 2), expect.closeTo(512, 2)]);
    expect(frequencyPosition(Math.sqrt(30 * 24_000), 30, 24_000)).toBeCloseTo(0.5);
  });

  it("shows the strongest bin of a column, and between bins what lies between them", () => {
    const levels = [-90, -10, -50, -40];
    expect(levelBetween(levels, 0, 0.5, 3)).toBe(-10);
    expect(levelBetween(levels, 0, 2.25, 2.5)).toBeCloseTo(-47.5);
  });

  it("refuses a size that is no power of 2", () => {
    expect(() => new Spectrum(1000)).toThrow(RangeError);
  });
});

describe("the loop of frames", () => {
  it("calls each who asked once a frame, in one frame for all", () => {
    const requested: ((now: number) => void)[] = [];
    const loop = new FrameLoop({ request: (callback) => requested.push(callback) });
    const drawn: string[] = [];
    const [one, two] = [() => drawn.push("one"), () => drawn.push("two")];
    loop.request(one);
    loop.request(one);
    loop.request(two);
    expect(requested.length).toBe(1);
    requested[0]?.(0);
    expect(drawn).toEqual(["one", "two"]);
    loop.request(two);
    expect(requested.length).toBe(2);
  });

  it.each(["motion", "text"] as const)("calls those of %s who may wait some at a time, each in its turn", (kind) => {
    const requested: ((now: number) => void)[] = [];
    const loop = new FrameLoop({ request: (callback) => requested.push(callback) });
    const drawn: number[] = [];
    const all = Array.from({ length: 80 }, (_, index) => index);
    for (const each of all) loop.requestInTurn(() => drawn.push(each), kind);
    requested[0]?.(0);
    const first = drawn.length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(80);
    // Who asks again waits behind the others.
    loop.requestInTurn(() => drawn.push(0), kind);
    for (let frame = 1; frame < requested.length; frame += 1) requested[frame]?.(0);
    expect(drawn).toEqual([...all, 0]);
  });

  it("calls at once, and once, who waited and cannot wait any longer", () => {
    const requested: ((now: number) => void)[] = [];
    const loop = new FrameLoop({ request: (callback) => requested.push(callback) });
    const drawn: string[] = [];
    for (let other = 0; other < 80; other += 1) loop.requestInTurn(() => drawn.push("other"), "motion");
    const urgent = (): unknown => drawn.push("urgent");
    loop.requestInTurn(urgent, "motion");
    loop.request(urgent);
    for (let frame = 0; frame < requested.length; frame += 1) requested[frame]?.(0);
    expect(drawn[0]).toBe("urgent");
    expect(drawn.filter((each) => each === "urgent").length).toBe(1);
  });
});
