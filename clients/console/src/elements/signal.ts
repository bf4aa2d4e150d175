/** What is drawn of sound: levels, waveforms that stand still, and spectra over a logarithmic axis. */

export const FLOOR_DB = -60;

/** The level of an amplitude, where 1 is full scale. */
export function decibels(amplitude: number): number {
  return amplitude > 0 ? 20 * Math.log10(amplitude) : -Infinity;
}

/** Where a level stands on a meter, from 0 to 1; the upper 20 dB take up half of it. */
export function meterPosition(db: number): number {
  if (!(db > FLOOR_DB)) return 0;
  if (db >= 0) return 1;
  return db > -20 ? 1 + db / 40 : (0.5 * (db - FLOOR_DB)) / 40;
}

/** Decibels that a bar falls a second, and seconds that its peak stays. */
const FALL = 26;
const HOLD = 1.2;

/** A bar that jumps up and falls slowly, with the peak that stays for a while. */
export class Ballistics {
  level = -Infinity;
  peak = -Infinity;
  #held = 0;

  /** Take the level of now, `seconds` after the one before. */
  advance(db: number, seconds: number): void {
    this.level = Math.max(db, this.level - FALL * seconds);
    if (this.level < FLOOR_DB) this.level = db > FLOOR_DB ? db : -Infinity;
    this.#held += seconds;
    if (db >= this.peak) {
      this.peak = db;
      this.#held = 0;
    } else if (this.#held > HOLD) {
      this.peak = Math.max(this.level, this.peak - FALL * seconds);
    }
    if (this.peak < FLOOR_DB) this.peak = -Infinity;
  }

  get isResting(): boolean {
    return this.level === -Infinity && this.peak === -Infinity;
  }
}

/** The newest samples of one channel. */
export class History {
  readonly #samples: Float32Array;
  #written = 0;

  constructor(length: number) {
    this.#samples = new Float32Array(length);
  }

  get length(): number {
    return this.#samples.length;
  }

  /** Every `stride`th sample of `data`, from `offset` on. */
  write(data: ArrayLike<number>, offset: number, stride: number): void {
    for (let index = offset; index < data.length; index += stride) {
      this.#samples[this.#written] = data[index] ?? 0;
      this.#written = (this.#written + 1) % this.#samples.length;
    }
  }

  /** The sample at `index`, 0 being the oldest. */
  at(index: number): number {
    return this.#samples[(this.#written + index) % this.#samples.length] ?? 0;
  }

  clear(): void {
    this.#samples.fill(0);
  }
}

/** How far below a crossing the wave must have been: noise around zero is no crossing. */
const HYSTERESIS = 0.02;

/**
 * Where to begin to draw `window` samples so that the wave stands still: at the last upward crossing of zero that leaves
 * room for them; without one, at the end.
 */
export function triggerIn(history: History, window: number): number {
  const last = history.length - window;
  let most = 0;
  for (let index = 0; index < history.length; index += 16) most = Math.max(most, Math.abs(history.at(index)));
  const below = -HYSTERESIS * most;
  let candidate = -1;
  for (let index = last; index > 0; index -= 1) {
    const value = history.at(index);
    if (candidate < 0) {
      if (value >= 0 && history.at(index - 1) < 0) candidate = index;
    } else if (value < below) {
      return candidate;
    } else if (value >= 0) {
      candidate = history.at(index - 1) < 0 ? index : -1;
    }
  }
  return last;
}

/** The bins that fall into each of `columns` columns, from `lowest` to half of `sampleRate`, in equal ratios. */
export function columnsOf(columns: number, bins: number, sampleRate: number, lowest: number): Float32Array {
  const nyquist = sampleRate / 2;
  const edges = new Float32Array(columns + 1);
  for (let column = 0; column <= columns; column += 1) {
    edges[column] = ((lowest * (nyquist / lowest) ** (column / columns)) / nyquist) * (bins - 1);
  }
  return edges;
}

/** The highest level among the bins between two edges; between two bins the level that lies between theirs. */
export function levelBetween(levels: ArrayLike<number>, offset: number, from: number, to: number): number {
  const first = Math.ceil(from);
  if (first >= to) {
    const below = Math.floor(from);
    const [one, next] = [levels[offset + below] ?? -200, levels[offset + below + 1] ?? -200];
    return one + (next - one) * (from - below);
  }
  let most = -Infinity;
  for (let bin = first; bin < to; bin += 1) most = Math.max(most, levels[offset + bin] ?? -200);
  return most;
}

/** Where a frequency stands on the axis of a spectrum, from 0 to 1. */
export function frequencyPosition(hertz: number, lowest: number, nyquist: number): number {
  return Math.log(hertz / lowest) / Math.log(nyquist / lowest);
}

/**
 * Levels of a real signal by frequency: a Hann window and a transform of a size that is a power of 2. Its samples are taken in
 * pairs, as the two parts of complex numbers, so that the transform is one of half the size.
 */
export class Spectrum {
  readonly size: number;
  /** Decibels of each bin from 0 to half of the sample rate; 0 is a sine at full scale. */
  readonly levels: Float32Array;
  readonly #window: Float32Array;
  readonly #cosines: Float32Array;
  readonly #sines: Float32Array;
  readonly #reversed: Uint32Array;
  readonly #real: Float32Array;
  readonly #imaginary: Float32Array;

  constructor(size: number) {
    const bits = Math.round(Math.log2(size));
    if (2 ** bits !== size || bits < 4) throw new RangeError("the size of a transform is a power of 2");
    this.size = size;
    const half = size / 2;
    this.levels = new Float32Array(half + 1).fill(-200);
    this.#window = Float32Array.from({ length: size }, (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / size));
    this.#cosines = Float32Array.from({ length: half }, (_, index) => Math.cos((2 * Math.PI * index) / size));
    this.#sines = Float32Array.from({ length: half }, (_, index) => -Math.sin((2 * Math.PI * index) / size));
    this.#reversed = new Uint32Array(half);
    for (let index = 0; index < half; index += 1) {
      this.#reversed[index] = ((this.#reversed[index >> 1] ?? 0) >> 1) | ((index & 1) << (bits - 2));
    }
    this.#real = new Float32Array(half);
    this.#imaginary = new Float32Array(half);
  }

  /** Take the newest samples of `history`. */
  measure(history: History): Float32Array {
    const [real, imaginary] = [this.#real, this.#imaginary];
    const [half, first] = [this.size / 2, history.length - this.size];
    for (let index = 0; index < half; index += 1) {
      const place = this.#reversed[index] ?? 0;
      real[place] = history.at(first + 2 * index) * (this.#window[2 * index] ?? 0);
      imaginary[place] = history.at(first + 2 * index + 1) * (this.#window[2 * index + 1] ?? 0);
    }
    this.#transform(real, imaginary);
    // Half of the energy is in the mirrored half, and half of the amplitude is lost in the window.
    const scale = (4 / this.size) ** 2;
    for (let bin = 0; bin <= half; bin += 1) {
      // The spectra of the even and of the odd samples, which the symmetry of each tells apart.
      const [here, there] = [bin % half, (half - bin) % half];
      const [re, im] = [real[here] ?? 0, imaginary[here] ?? 0];
      const [mirroredRe, mirroredIm] = [real[there] ?? 0, -(imaginary[there] ?? 0)];
      const [evenRe, evenIm] = [(re + mirroredRe) / 2, (im + mirroredIm) / 2];
      const [oddRe, oddIm] = [(im - mirroredIm) / 2, (mirroredRe - re) / 2];
      const [cosine, sine] = bin === half ? [-1, 0] : [this.#cosines[bin] ?? 0, this.#sines[bin] ?? 0];
      const [sumRe, sumIm] = [evenRe + oddRe * cosine - oddIm * sine, evenIm + oddRe * sine + oddIm * cosine];
      this.levels[bin] = 10 * Math.log10(Math.max(scale * (sumRe * sumRe + sumIm * sumIm), 1e-20));
    }
    return this.levels;
  }

  #transform(real: Float32Array, imaginary: Float32Array): void {
    const size = real.length;
    for (let length = 2; length <= size; length *= 2) {
      // The table is that of twice the size.
      const [half, stride] = [length / 2, this.size / length];
      for (let begin = 0; begin < size; begin += length) {
        for (let offset = 0; offset < half; offset += 1) {
          const [even, odd] = [begin + offset, begin + offset + half];
          const [cosine, sine] = [this.#cosines[offset * stride] ?? 0, this.#sines[offset * stride] ?? 0];
          const [oddReal, oddImaginary] = [real[odd] ?? 0, imaginary[odd] ?? 0];
          const turnedReal = oddReal * cosine - oddImaginary * sine;
          const turnedImaginary = oddReal * sine + oddImaginary * cosine;
          const [evenReal, evenImaginary] = [real[even] ?? 0, imaginary[even] ?? 0];
          real[even] = evenReal + turnedReal;
          imaginary[even] = evenImaginary + turnedImaginary;
          real[odd] = evenReal - turnedReal;
          imaginary[odd] = evenImaginary - turnedImaginary;
        }
      }
    }
  }
}
