/** Brings sound that comes in blocks to another rate, which may be bent a little as it goes. */

import { PHASES, TAPS, filters } from "./playout.js";

/** One channel or more, interleaved. */
export class Resampler {
  readonly #channels: number;
  readonly #ratio: number;
  readonly #filters: Float32Array;
  /** What has come and is still needed, the first frames first; the place of the next output in it. */
  #kept: Float32Array;
  #place = TAPS / 2 - 1;

  constructor(inputRate: number, outputRate: number, channels: number) {
    this.#channels = channels;
    this.#ratio = inputRate / outputRate;
    this.#filters = filters(Math.min(1, outputRate / inputRate) * 0.95);
    this.#kept = new Float32Array((TAPS - 1) * channels);
  }

  /** The frames that `block` brings; `rate` is how much faster than its clock it is read. */
  process(block: Float32Array, rate = 1): Float32Array {
    const [channels, step] = [this.#channels, this.#ratio * rate];
    const input = new Float32Array(this.#kept.length + block.length);
    input.set(this.#kept);
    input.set(block, this.#kept.length);
    const frames = input.length / channels;
    const last = frames - TAPS / 2 - 1;
    const count = Math.max(0, Math.floor((last - this.#place) / step) + 1);
    const output = new Float32Array(count * channels);
    for (let frame = 0; frame < count; frame += 1) {
      this.#interpolate(input, output, frame);
      this.#place += step;
    }
    const done = Math.min(frames, Math.max(0, Math.floor(this.#place) - TAPS / 2 + 1));
    this.#kept = input.slice(done * channels);
    this.#place -= done;
    return output;
  }

  #interpolate(input: Float32Array, output: Float32Array, frame: number): void {
    const channels = this.#channels;
    const whole = Math.floor(this.#place);
    const place = (this.#place - whole) * PHASES;
    const phase = Math.floor(place);
    const [first, between] = [phase * TAPS, place - phase];
    for (let channel = 0; channel < channels; channel += 1) {
      let sum = 0;
      for (let tap = 0; tap < TAPS; tap += 1) {
        const one = this.#filters[first + tap] ?? 0;
        const weight = one + ((this.#filters[first + TAPS + tap] ?? 0) - one) * between;
        sum += weight * (input[(whole + tap - TAPS / 2 + 1) * channels + channel] ?? 0);
      }
      output[frame * channels + channel] = sum;
    }
  }
}
