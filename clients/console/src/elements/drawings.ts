/**
 * What is drawn of sound: levels, waves and spectra, each on a canvas of its own. Nothing here knows of a page, so that a worker
 * can draw it.
 */

import { Ballistics, History, Spectrum, columnsOf, decibels, frequencyPosition, levelBetween, meterPosition, triggerIn } from "./signal.js";

/** The colours that are drawn with. */
export interface Palette {
  readonly text: string;
  readonly soft: string;
  readonly line: string;
  readonly accent: string;
  readonly level: string;
  readonly high: string;
  readonly error: string;
}

/** What an element says of how it is drawn. */
export interface Settings {
  readonly horizontal?: boolean;
  /** Seconds that are seen. */
  readonly span?: number;
  readonly sampleRate?: number;
}

export type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export interface Drawing {
  /** Take what is to be drawn; undefined where nothing plays any more. */
  take(data: ArrayLike<number> | undefined): void;
  /** Forget what stays until somebody has seen it. */
  acknowledge(): void;
  /** Know the size, in pixels of the page, and the settings. */
  fit(width: number, height: number, settings: Settings): void;
  /** Draw over a clean canvas, `seconds` after the last time. Whether there is more to draw in the next frame. */
  draw(context: Context, palette: Palette, seconds: number): boolean;
}

/** How many bars stand with space between them; more stand close together. */
const ROOMY = 4;

/** Peaks of every channel of the output, as bars; one that was full stays marked until that is acknowledged. */
class Meter implements Drawing {
  #levels: number[] = [];
  readonly #bars: Ballistics[] = [];
  #clipped: boolean[] = [];
  #width = 0;
  #height = 0;
  #horizontal = false;

  take(peaks: ArrayLike<number> | undefined): void {
    this.#levels = Array.from(peaks ?? [], decibels);
    // Another piece may have fewer channels.
    if (peaks !== undefined) this.#bars.length = this.#clipped.length = Math.min(this.#bars.length, peaks.length);
    for (const [channel, level] of this.#levels.entries()) if (level >= 0) this.#clipped[channel] = true;
  }

  acknowledge(): void {
    this.#clipped = [];
  }

  fit(width: number, height: number, { horizontal = false }: Settings): void {
    [this.#width, this.#height, this.#horizontal] = [width, height, horizontal];
  }

  draw(context: Context, palette: Palette, seconds: number): boolean {
    const count = Math.max(this.#levels.length, this.#bars.length, 1);
    while (this.#bars.length < count) this.#bars.push(new Ballistics());
    const horizontal = this.#horizontal;
    const [long, wide] = horizontal ? [this.#width, this.#height] : [this.#height, this.#width];
    const scale = 16;
    const [inset, end] = [6, 10];
    const room = Math.max(1, long - 2 * inset - end);
    const gap = count > ROOMY ? 1 : 3;
    const thick = Math.max(2, (wide - inset * 2 - scale - gap * (count - 1)) / count);
    // Along is from silence to full scale, across from the first channel on.
    const box = (along: number, length: number, across: number, width: number): void => {
      if (horizontal) context.fillRect(inset + along, inset + across, length, width);
      else context.fillRect(inset + across, this.#height - inset - along - length, width, length);
    };
    let rests = true;
    for (let channel = 0; channel < count; channel += 1) {
      const bar = this.#bars[channel];
      if (bar === undefined) continue;
      bar.advance(this.#levels[channel] ?? -Infinity, seconds);
      rests &&= bar.isResting;
      const across = channel * (thick + gap);
      context.fillStyle = palette.line;
      box(0, room, across, thick);
      const at = meterPosition(bar.level) * room;
      context.fillStyle = palette.level;
      box(0, Math.min(at, meterPosition(-9) * room), across, thick);
      context.fillStyle = palette.high;
      if (at > meterPosition(-9) * room) box(meterPosition(-9) * room, at - meterPosition(-9) * room, across, thick);
      if (bar.peak > -Infinity) {
        context.fillStyle = bar.peak > -1 ? palette.error : palette.text;
        box(Math.max(0, meterPosition(bar.peak) * room - 1.5), 1.5, across, thick);
      }
      context.fillStyle = this.#clipped[channel] === true ? palette.error : palette.line;
      box(room + 3, end - 3, across, thick);
    }
    this.#drawScale(context, palette, room, inset, wide - inset - scale + 4);
    // The level of a frame lasts until the next: what fell meanwhile goes on falling.
    return !rests;
  }

  #drawScale(context: Context, palette: Palette, room: number, inset: number, across: number): void {
    context.fillStyle = palette.soft;
    context.font = "9px sans-serif";
    context.textAlign = this.#horizontal ? "center" : "left";
    context.textBaseline = this.#horizontal ? "top" : "middle";
    for (const db of [0, -6, -12, -20, -40]) {
      const at = meterPosition(db) * room;
      if (this.#horizontal) context.fillText(String(-db), inset + at, across);
      else context.fillText(String(-db), across, this.#height - inset - at);
    }
  }
}

/** Samples are integers of 16 bits, whose full scale is their largest. */
const FULL = 32767;

/** What is made of the newest samples of one channel. */
abstract class Signal implements Drawing {
  protected abstract readonly history: History;
  protected width = 0;
  protected height = 0;
  protected settings: Settings = {};

  take(samples: ArrayLike<number> | undefined): void {
    if (samples === undefined) this.history.clear();
    else this.history.write(samples, 0, 1);
  }

  acknowledge(): void {
    // Nothing of it stays.
  }

  fit(width: number, height: number, settings: Settings): void {
    [this.width, this.height, this.settings] = [width, height, settings];
  }

  abstract draw(context: Context, palette: Palette, seconds: number): boolean;

  protected get sampleRate(): number {
    return this.settings.sampleRate ?? 48_000;
  }
}

/** The wave, held still where it repeats itself. */
class Scope extends Signal {
  protected readonly history = new History(8192);

  draw(context: Context, palette: Palette): boolean {
    const { width, height } = this;
    const middle = height / 2;
    context.strokeStyle = palette.line;
    context.lineWidth = 1;
    context.beginPath();
    for (const part of [0.25, 0.5, 0.75]) {
      context.moveTo(0, Math.round(height * part) + 0.5);
      context.lineTo(width, Math.round(height * part) + 0.5);
      context.moveTo(Math.round(width * part) + 0.5, 0);
      context.lineTo(Math.round(width * part) + 0.5, height);
    }
    context.stroke();
    const span = Math.round((this.settings.span ?? 0.02) * this.sampleRate);
    const window = Math.min(this.history.length / 2, Math.max(32, span));
    const first = triggerIn(this.history, window);
    context.strokeStyle = palette.accent;
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    context.beginPath();
    const points = Math.min(window, Math.round(width));
    for (let point = 0; point < points; point += 1) {
      const from = first + Math.floor((point * window) / points);
      const to = first + Math.floor(((point + 1) * window) / points);
      // Where several samples share a pixel, the farthest of them is seen.
      let value = this.history.at(from);
      for (let index = from + 1; index < to; index += 1) {
        const other = this.history.at(index);
        if (Math.abs(other) > Math.abs(value)) value = other;
      }
      const y = middle - (value / FULL) * (middle - 3);
      if (point === 0) context.moveTo(0, y);
      else context.lineTo((point * width) / (points - 1), y);
    }
    context.stroke();
    return false;
  }
}

const LOWEST_HZ = 30;
const FLOOR = -96;
/** Decibels that a column falls a second. */
const SINK = 60;
/** Seconds between two transforms, less than two frames of most screens; in between columns fall. */
const MEASURED_EVERY = 0.025;

/** Frequencies in equal ratios, levels in decibels. */
class SpectrumView extends Signal {
  protected readonly history = new History(4096);
  readonly #spectrum = new Spectrum(4096);
  #edges: Float32Array = new Float32Array(0);
  #shown = new Float32Array(0);
  #since = Infinity;

  override fit(width: number, height: number, settings: Settings): void {
    super.fit(width, height, settings);
    const columns = Math.max(1, Math.round(width / 2));
    this.#edges = columnsOf(columns, this.#spectrum.levels.length, this.sampleRate, LOWEST_HZ);
    if (columns !== this.#shown.length) this.#shown = new Float32Array(columns).fill(FLOOR);
  }

  draw(context: Context, palette: Palette, seconds: number): boolean {
    const { width, height } = this;
    this.#since += seconds;
    if (this.#since >= MEASURED_EVERY) {
      this.#since = 0;
      this.#spectrum.measure(this.history);
    }
    const { levels } = this.#spectrum;
    const full = decibels(FULL);
    const y = (db: number): number => height * (db / FLOOR);
    this.#drawGrid(context, palette, y);
    context.beginPath();
    context.moveTo(0, height);
    let moves = false;
    for (let column = 0; column < this.#shown.length; column += 1) {
      const level = levelBetween(levels, 0, this.#edges[column] ?? 0, this.#edges[column + 1] ?? 0) - full;
      const shown = Math.max(FLOOR, level, (this.#shown[column] ?? FLOOR) - SINK * seconds);
      moves ||= shown > FLOOR;
      this.#shown[column] = shown;
      context.lineTo(((column + 0.5) * width) / this.#shown.length, y(Math.min(0, shown)));
    }
    context.lineTo(width, height);
    context.globalAlpha = 0.25;
    context.fillStyle = palette.accent;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = palette.accent;
    context.lineWidth = 1.25;
    context.stroke();
    return moves;
  }

  #drawGrid(context: Context, palette: Palette, y: (db: number) => number): void {
    context.strokeStyle = palette.line;
    context.lineWidth = 1;
    context.fillStyle = palette.soft;
    context.font = "9px sans-serif";
    context.beginPath();
    for (const db of [-24, -48, -72]) {
      context.moveTo(0, Math.round(y(db)) + 0.5);
      context.lineTo(this.width, Math.round(y(db)) + 0.5);
    }
    context.textAlign = "left";
    context.textBaseline = "top";
    for (const [hertz, text] of [[100, "100"], [1000, "1k"], [10_000, "10k"]] as const) {
      const x = Math.round(frequencyPosition(hertz, LOWEST_HZ, this.sampleRate / 2) * this.width) + 0.5;
      context.moveTo(x, 0);
      context.lineTo(x, this.height);
      context.fillText(text, x + 3, 3);
    }
    context.stroke();
  }
}

export const DRAWINGS = {
  meter: () => new Meter(),
  scope: () => new Scope(),
  spectrum: () => new SpectrumView(),
} as const satisfies Readonly<Record<string, () => Drawing>>;

export type DrawingName = keyof typeof DRAWINGS;
