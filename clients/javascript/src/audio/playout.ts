/**
 * Plays frames of `spout` in an AudioWorklet: a buffer that takes up the network's jitter, and a resampler that bridges from
 * the engine's clock to that of the sound card. One file without imports, since a worklet is loaded by itself.
 */

/** What the page sends to the processor. */
export type PlayoutOrder =
  | { readonly block: Float32Array; readonly sample: number }
  | { readonly sampleRate: number; readonly channels: number }
  | { readonly leastSeconds: number }
  | { readonly isResumed: true };

/** What the processor tells of itself, four times a second. */
export interface PlayoutReport {
  /** The sample of the engine that was heard last, and the time of the context then. */
  readonly sample: number;
  readonly contextTime: number;
  /** Seconds of sound that wait, and as many as are wanted. */
  readonly buffered: number;
  readonly wanted: number;
  /** How much faster than the engine's clock the buffer is read. */
  readonly rate: number;
  /** How often nothing was left to play. */
  readonly underruns: number;
  /** Samples that never came. */
  readonly missing: number;
  readonly isPlaying: boolean;
}

export const TAPS = 32;
export const PHASES = 256;
const KAISER_BETA = 8;
/** Seconds that the buffer can hold. */
const CAPACITY = 4;
/** Samples over which sound fades where it breaks off and comes back. */
const FADE = 96;
/** The most by which the rate is bent: 1.7 cents, which nobody hears. */
const BEND = 0.001;
/** Seconds in which a wrong fill is made good, and those in which the clocks' difference is learned. */
const SETTLING = 10;
const LEARNING = 200;
/**
 * Seconds beyond what is wanted at which something is left out: to bend the rate brings back a millisecond a second, so that a
 * page which once had to wait for 300 ms would be late for five minutes. A leap fades over to a place where the wave is as here.
 */
const SURPLUS = 0.02;
/** Seconds of the longest leap, of those between two, of the fade, and within which the place that fits best is looked for. */
const LEAP = 0.03;
const REST = 0.5;
const BLEND = 0.01;
const SEARCH = 0.02;
/** Seconds over which late blocks are remembered, and of each slot of them. */
const MEMORY = 20;
const SLOT = 0.5;
/** What is left of a penalty after a slot. */
const FORGIVING = 0.99;
/**
 * Seconds without any block after which what comes is no jitter: a page that was frozen, a computer that slept. What had waited
 * for it comes faster than it was played; as long as it does, all but what is wanted is left out every so many seconds.
 */
const STALL = 1;
const CATCHING_UP = 0.25;
const FASTER = 1.2;
/** Seconds beyond the least that no jitter short of a stall brings. */
const FLOOD = 2 * STALL;
/** Seconds over which the fill is smoothed. */
const SMOOTHING = 1;
const REPORT_SECONDS = 0.25;
/** What is added to the jitter that was seen, and how much more after an underrun, in seconds. */
const MARGIN = 0.004;
const PENALTY = 0.01;

/** The modified Bessel function of order 0, of which a Kaiser window is made. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-9 * sum; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** Windowed sincs, one for each phase and one more to interpolate to. */
export function filters(cutoff: number): Float32Array {
  const table = new Float32Array((PHASES + 1) * TAPS);
  for (let phase = 0; phase <= PHASES; phase += 1) {
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap += 1) {
      const x = tap - TAPS / 2 + 1 - phase / PHASES;
      const window = bessel(KAISER_BETA * Math.sqrt(Math.max(0, 1 - (x / (TAPS / 2)) ** 2))) / bessel(KAISER_BETA);
      const value = x === 0 ? 1 : Math.sin(Math.PI * cutoff * x) / (Math.PI * cutoff * x);
      table[phase * TAPS + tap] = value * window;
      sum += value * window;
    }
    for (let tap = 0; tap < TAPS; tap += 1) table[phase * TAPS + tap] = (table[phase * TAPS + tap] ?? 0) / sum;
  }
  return table;
}

/** The buffer and the resampler. Positions are samples of the engine, counted from the first that came. */
export class Playout {
  readonly #outputRate: number;
  #inputRate = 48_000;
  #channels: Float32Array[] = [];
  #capacity = 0;
  #filters: Float32Array = filters(1);
  /** Where the next sample is written and read; the sample of the engine that position 0 is. */
  #written = 0;
  #read = 0;
  #origin: number | undefined;
  #isPlaying = false;
  #fadedIn = 0;
  /** A leap that is on its way: how far, and how many samples of its fade are over; and how long the next has to wait. */
  #leap: { distance: number; faded: number } | undefined;
  #rested = 0;
  #least = 0.04;
  #penalty = 0;
  #fill: number | undefined;
  #drift = 0;
  #rate = 1;
  /** The least and the most by which blocks were late, in each half second of those that are remembered. */
  #delays: { time: number; least: number; most: number }[] = [];
  #wroteAt = -Infinity;
  /** What comes after a stall: seconds until all that is late is left out, and the samples that have come meanwhile. */
  #catchingUp: { left: number; came: number } | undefined;
  #underruns = 0;
  #missing = 0;

  constructor(outputRate: number) {
    this.#outputRate = outputRate;
    this.configure(outputRate, 2);
  }

  /** Take what another engine plays: everything begins anew. */
  configure(inputRate: number, channels: number): void {
    this.#inputRate = inputRate;
    this.#capacity = 1 << Math.ceil(Math.log2(CAPACITY * inputRate));
    this.#channels = Array.from({ length: channels }, () => new Float32Array(this.#capacity));
    this.#filters = filters(Math.min(1, this.#outputRate / inputRate) * 0.95);
    this.#restart();
  }

  /** Have at least so many seconds in the buffer. */
  demand(seconds: number): void {
    this.#least = seconds;
  }

  /** The sound card goes on after it had stood still, and its clock with it: what waits is old, and says nothing of the network. */
  resume(): void {
    this.#restart();
  }

  /** Take interleaved samples, of which the first is the engine's `sample`, at `time` seconds of the sound card. */
  write(block: Float32Array, sample: number, time: number): void {
    const count = block.length / this.#channels.length;
    if (time - this.#wroteAt > STALL && this.#origin !== undefined) this.#catchingUp = { left: CATCHING_UP, came: 0 };
    if (this.#catchingUp !== undefined) this.#catchingUp.came += count;
    this.#wroteAt = time;
    if (this.#origin === undefined) this.#origin = sample - this.#written;
    const gap = sample - this.#origin - this.#written;
    if (gap < 0 || gap > this.#capacity / 4) {
      // The engine counts anew, or so much is lost that waiting for its time would be silence.
      this.#missing += Math.max(0, gap);
      this.#restart();
      this.#origin = sample;
    } else if (gap > 0) {
      this.#missing += gap;
      this.#fadeOut();
      this.#silence(gap);
      this.#fadeFirst(block);
    }
    const excess = this.#written + count - this.#read - (this.#capacity - TAPS);
    if (excess > 0) this.#skip(Math.ceil(this.#written + count - this.#read) - this.#wantedSamples());
    // A sound card that stood still with the page (a frozen tab) knows of no stall: all that had waited comes at once.
    const waiting = (this.#written - this.#read) / this.#inputRate;
    if (waiting > this.#least + this.#penalty + FLOOD) this.#catchingUp ??= { left: CATCHING_UP, came: 0 };
    const channels = this.#channels.length;
    for (let frame = 0; frame < count; frame += 1) {
      const place = this.#written & (this.#capacity - 1);
      for (const [channel, ring] of this.#channels.entries()) ring[place] = block[frame * channels + channel] ?? 0;
      this.#written += 1;
    }
    this.#note(time, time - (sample - this.#origin + count) / this.#inputRate);
  }

  /** Fill one quantum of output. */
  render(outputs: readonly Float32Array[]): void {
    const frames = outputs[0]?.length ?? 0;
    const nominal = this.#inputRate / this.#outputRate;
    for (const output of outputs) output.fill(0);
    this.#catchUp(frames / this.#outputRate);
    if (!this.#isPlaying) {
      if (this.#written - this.#read < this.#wantedSamples()) return;
      this.#isPlaying = true;
      this.#fadedIn = 0;
      this.#fill = undefined;
      return;
    }
    this.#steer(frames / this.#outputRate);
    const step = nominal * this.#rate;
    const available = this.#written - this.#read - (this.#leap?.distance ?? 0) - TAPS / 2;
    const left = Math.max(0, Math.floor(available / step));
    const ends = left < frames;
    for (let frame = 0; frame < Math.min(frames, left); frame += 1) {
      const fadeOut = ends ? Math.min(1, (left - frame) / Math.min(FADE, left)) : 1;
      const fade = fadeOut * Math.min(1, this.#fadedIn / FADE);
      this.#fadedIn += 1;
      if (this.#leap === undefined) this.#interpolate(outputs, frame, this.#read, fade);
      else this.#blend(outputs, frame, fade, this.#leap);
      this.#read += step;
    }
    if (ends) {
      this.#underruns += 1;
      this.#penalty += PENALTY;
      this.#isPlaying = false;
      this.#leap = undefined;
    }
  }

  report(contextTime: number): PlayoutReport {
    return {
      sample: (this.#origin ?? 0) + this.#read,
      contextTime,
      buffered: (this.#written - this.#read) / this.#inputRate,
      wanted: this.#wantedSamples() / this.#inputRate,
      rate: this.#rate,
      underruns: this.#underruns,
      missing: this.#missing,
      isPlaying: this.#isPlaying,
    };
  }

  #restart(): void {
    this.#written = 0;
    this.#read = 0;
    this.#origin = undefined;
    this.#isPlaying = false;
    this.#fill = undefined;
    this.#leap = undefined;
    this.#delays = [];
  }

  #wantedSamples(): number {
    let [least, most] = [Infinity, -Infinity];
    for (const slot of this.#delays) {
      least = Math.min(least, slot.least);
      most = Math.max(most, slot.most);
    }
    const jitter = most < least ? 0 : most - least;
    const seconds = Math.max(this.#least, jitter + MARGIN) + this.#penalty;
    return Math.min(Math.ceil(seconds * this.#inputRate) + TAPS, this.#capacity / 2);
  }

  /** Remember by how much a block was late, against the clock of the sound card; what it began at does not matter. */
  #note(time: number, delay: number): void {
    const newest = this.#delays.at(-1);
    if (newest !== undefined && time - newest.time < SLOT) {
      newest.least = Math.min(newest.least, delay);
      newest.most = Math.max(newest.most, delay);
      return;
    }
    this.#delays.push({ time, least: delay, most: delay });
    while ((this.#delays[0]?.time ?? time) < time - MEMORY) this.#delays.shift();
    this.#penalty *= FORGIVING;
  }

  /** Bend the rate so that the fill, smoothed over the blocks it comes in, becomes what is wanted. */
  #steer(seconds: number): void {
    const fill = (this.#written - this.#read) / this.#inputRate;
    this.#fill = this.#fill === undefined ? fill : this.#fill + (fill - this.#fill) * Math.min(1, seconds / SMOOTHING);
    const surplus = this.#fill - this.#wantedSamples() / this.#inputRate;
    this.#rested += seconds;
    // What waits at this moment may be less than on average.
    if (surplus > SURPLUS && this.#rested > REST && fill > LEAP + BLEND + SEARCH) {
      this.#rested = 0;
      const distance = this.#fitting(Math.floor(Math.min(surplus, LEAP) * this.#inputRate));
      this.#leap = { distance, faded: 0 };
      this.#fill -= distance / this.#inputRate;
    }
    this.#drift = bounded(this.#drift + (surplus * seconds) / (SETTLING * LEARNING), BEND);
    this.#rate = 1 + bounded(this.#drift + surplus / SETTLING, BEND);
  }

  /** After a stall: leave out what had waited, until what comes is what is made now. */
  #catchUp(seconds: number): void {
    const catching = this.#catchingUp;
    if (catching === undefined) return;
    catching.left -= seconds;
    if (catching.left > 0) return;
    const isNow = catching.came < CATCHING_UP * this.#inputRate * FASTER;
    this.#catchingUp = isNow ? undefined : { left: CATCHING_UP, came: 0 };
    this.#delays = [];
    this.#leap = undefined;
    this.#fill = undefined;
    this.#skip(Math.floor(this.#written - this.#read) - this.#wantedSamples());
  }

  /** Leave `count` samples out, with a fade in behind them. */
  #skip(count: number): void {
    if (count <= 0) return;
    this.#read += count;
    this.#fadedIn = 0;
  }

  /** The distance of at most `most` samples after which the wave is most like it is here. */
  #fitting(most: number): number {
    const [here, length] = [Math.floor(this.#read), Math.floor(BLEND * this.#inputRate)];
    const least = Math.max(1, most - Math.floor(SEARCH * this.#inputRate));
    const [first] = this.#channels;
    if (first === undefined) return most;
    // Every fourth sample tells enough, and keeps this to a fraction of a quantum.
    const at = (place: number): number => first[place & (this.#capacity - 1)] ?? 0;
    let [best, fit] = [most, -Infinity];
    for (let distance = most; distance >= least; distance -= 1) {
      let [product, energy] = [0, 1e-12];
      for (let index = 0; index < length; index += 4) {
        const other = at(here + distance + index);
        product += at(here + index) * other;
        energy += other * other;
      }
      const likeness = product / Math.sqrt(energy);
      if (likeness > fit + 1e-9) [best, fit] = [distance, likeness];
    }
    return best;
  }

  /** One frame of a leap: more and more of where it leads to. */
  #blend(outputs: readonly Float32Array[], frame: number, gain: number, leap: { distance: number; faded: number }): void {
    const over = Math.min(1, leap.faded / (BLEND * this.#outputRate));
    leap.faded += 1;
    this.#interpolate(outputs, frame, this.#read, gain * (1 - over));
    this.#interpolate(outputs, frame, this.#read + leap.distance, gain * over);
    if (over < 1) return;
    this.#read += leap.distance;
    this.#leap = undefined;
  }

  #silence(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const place = this.#written & (this.#capacity - 1);
      for (const ring of this.#channels) ring[place] = 0;
      this.#written += 1;
    }
  }

  /** Let what was written last fade out, as far as it has not been played. */
  #fadeOut(): void {
    const count = Math.min(FADE, Math.floor(this.#written - this.#read));
    for (let back = 0; back < count; back += 1) {
      const place = (this.#written - 1 - back) & (this.#capacity - 1);
      for (const ring of this.#channels) ring[place] = ((ring[place] ?? 0) * back) / count;
    }
  }

  #fadeFirst(block: Float32Array): void {
    const channels = this.#channels.length;
    const count = Math.min(FADE, block.length / channels);
    for (let index = 0; index < count * channels; index += 1) {
      block[index] = ((block[index] ?? 0) * Math.floor(index / channels)) / count;
    }
  }

  /** Add to one frame of output what the samples around `position` are; one channel goes to both ears. */
  #interpolate(outputs: readonly Float32Array[], frame: number, position: number, gain: number): void {
    const whole = Math.floor(position);
    const place = (position - whole) * PHASES;
    const phase = Math.floor(place);
    const between = place - phase;
    const first = phase * TAPS;
    for (const [index, output] of outputs.entries()) {
      const ring = this.#channels[Math.min(index, this.#channels.length - 1)];
      let sum = 0;
      if (ring !== undefined && (index < this.#channels.length || this.#channels.length === 1)) {
        for (let tap = 0; tap < TAPS; tap += 1) {
          const one = this.#filters[first + tap] ?? 0;
          const next = this.#filters[first + TAPS + tap] ?? 0;
          const weight = one + (next - one) * between;
          sum += weight * (ring[(whole + tap - TAPS / 2 + 1) & (this.#capacity - 1)] ?? 0);
        }
      }
      output[frame] = (output[frame] ?? 0) + sum * gain;
    }
  }
}

function bounded(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}

interface WorkletScope {
  readonly AudioWorkletProcessor: new () => { readonly port: MessagePort };
  readonly currentTime: number;
  readonly sampleRate: number;
  registerProcessor(name: string, processor: unknown): void;
}

const scope = globalThis as unknown as Partial<WorkletScope>;

if (scope.registerProcessor !== undefined && scope.AudioWorkletProcessor !== undefined) {
  const { sampleRate = 48_000 } = scope;

  class PlayoutProcessor extends scope.AudioWorkletProcessor {
    readonly #playout = new Playout(sampleRate);
    #reported = 0;

    constructor() {
      super();
      this.port.onmessage = ({ data }: MessageEvent<PlayoutOrder>) => {
        if ("block" in data) this.#playout.write(data.block, data.sample, scope.currentTime ?? 0);
        else if ("channels" in data) this.#playout.configure(data.sampleRate, data.channels);
        else if ("isResumed" in data) this.#playout.resume();
        else this.#playout.demand(data.leastSeconds);
      };
    }

    process(_inputs: unknown, outputs: readonly (readonly Float32Array[])[]): boolean {
      this.#playout.render(outputs[0] ?? []);
      const now = scope.currentTime ?? 0;
      if (now - this.#reported >= REPORT_SECONDS) {
        this.#reported = now;
        this.port.postMessage(this.#playout.report(now));
      }
      return true;
    }
  }

  scope.registerProcessor("csoundd-playout", PlayoutProcessor);
}
