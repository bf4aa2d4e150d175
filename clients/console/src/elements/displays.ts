/** `<csoundd-meter>`, `<csoundd-scope>` and `<csoundd-spectrum>`: what sounds, to be seen. */

import { css } from "lit";
import { property } from "lit/decorators.js";
import type { Connection, Stop } from "../connection.js";
import { CanvasElement } from "./canvas.js";
import type { Palette } from "./canvas.js";
import { define } from "./control.js";
import { Ballistics, History, Spectrum, columnsOf, decibels, frequencyPosition, levelBetween, meterPosition, triggerIn } from "./signal.js";

/** How many channels a meter has room for by itself, and the pixels around its bars. */
const ROOMY = 4;
const AROUND = 30;

/** Levels of every channel of the output, with peaks; one that was full stays marked until it is clicked. */
export class CsounddMeter extends CanvasElement {
  static override readonly styles = [
    ...CanvasElement.styles,
    css`
      :host { height: 12em; width: 5em; }
      :host([horizontal]) { height: 3.4em; width: auto; }
    `,
  ];

  @property({ type: Boolean, reflect: true }) horizontal = false;
  protected readonly what = "Output level";
  #levels: number[] = [];
  #bars: Ballistics[] = [];
  #clipped: boolean[] = [];

  constructor() {
    super();
    this.addEventListener("click", () => {
      this.#clipped = [];
      this.redraw();
    });
  }

  protected receive(connection: Connection): Stop {
    const stop = connection.subscribe("meters", { rate: 25 }, ({ peak }) => {
      if (peak.length !== this.#levels.length) this.#resize(peak.length);
      this.#levels = peak.map(decibels);
      peak.forEach((level, channel) => {
        if (level >= 1) this.#clipped[channel] = true;
      });
      this.redraw();
    });
    return () => {
      stop();
      this.#levels = [];
    };
  }

  /** Another piece may have more channels, and fewer: there is a bar for each, and room for all of them. */
  #resize(count: number): void {
    this.#bars.length = Math.min(this.#bars.length, count);
    this.#clipped.length = Math.min(this.#clipped.length, count);
    const across = count > ROOMY ? `${4 * count + AROUND}px` : "";
    if (this.horizontal) this.style.height = across;
    else this.style.width = across;
  }

  protected draw(context: CanvasRenderingContext2D, palette: Palette, seconds: number): boolean {
    const count = Math.max(this.#levels.length, this.#bars.length, 1);
    while (this.#bars.length < count) this.#bars.push(new Ballistics());
    const { horizontal } = this;
    const [long, wide] = horizontal ? [this.width, this.height] : [this.height, this.width];
    const scale = 16;
    const [inset, end] = [6, 10];
    const room = Math.max(1, long - 2 * inset - end);
    const gap = count > 8 ? 1 : 3;
    const thick = Math.max(2, (wide - inset * 2 - scale - gap * (count - 1)) / count);
    // Along is from silence to full scale, across from the first channel on.
    const box = (along: number, length: number, across: number, width: number): void => {
      if (horizontal) context.fillRect(inset + along, inset + across, length, width);
      else context.fillRect(inset + across, this.height - inset - along - length, width, length);
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

  #drawScale(context: CanvasRenderingContext2D, palette: Palette, room: number, inset: number, across: number): void {
    context.fillStyle = palette.soft;
    context.font = "9px sans-serif";
    context.textAlign = this.horizontal ? "center" : "left";
    context.textBaseline = this.horizontal ? "top" : "middle";
    for (const db of [0, -6, -12, -20, -40]) {
      const at = meterPosition(db) * room;
      if (this.horizontal) context.fillText(String(-db), inset + at, across);
      else context.fillText(String(-db), across, this.height - inset - at);
    }
  }
}

/** Samples of the output's channel `source`, as 16 bits: a quarter of the rate of two channels in floats. */
const BLOCK = 512;
const FULL = 32767;
/** How long after the last block there is nothing to be seen any more. */
const SILENT_MS = 400;

/** The newest samples of one channel of the output, through the same stream as others on the page. */
abstract class SignalElement extends CanvasElement {
  /** The channel of the output, counted from 0. */
  @property({ type: Number }) source = 0;
  protected abstract readonly history: History;
  protected sampleRate = 48_000;

  protected receive(connection: Connection): Stop {
    const rate = async (): Promise<void> => {
      const { sr } = (await (await connection.ready()).engine.info()).format;
      if (sr !== undefined && sr !== this.sampleRate) {
        this.sampleRate = sr;
        this.resized();
      }
    };
    void rate().catch(() => undefined);
    let [latest, silence] = [0, undefined as ReturnType<typeof setTimeout> | undefined];
    // One timer that looks when the latest block came: to set one anew for each of them is dearer than to draw them.
    const look = (): void => {
      const left = latest + SILENT_MS - performance.now();
      silence = left > 0 ? setTimeout(look, left) : undefined;
      if (left > 0) return;
      // Nothing plays any more, so nothing is to be seen.
      this.history.clear();
      this.redraw();
    };
    const stop = connection.subscribe("spout", { format: "i16", block: BLOCK, channels: [this.source] }, (block) => {
      this.history.write(block.data as Int16Array, 0, 1);
      this.redraw();
      latest = performance.now();
      silence ??= setTimeout(look, SILENT_MS);
    });
    return () => {
      clearTimeout(silence);
      stop();
    };
  }
}

/** The wave of the output, held still where it repeats itself. `span` is how many seconds are seen. */
export class CsounddScope extends SignalElement {
  @property({ type: Number }) span = 0.02;
  protected readonly what = "Oscilloscope";
  protected readonly history = new History(8192);

  protected draw(context: CanvasRenderingContext2D, palette: Palette): boolean {
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
    const window = Math.min(this.history.length / 2, Math.max(32, Math.round(this.span * this.sampleRate)));
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

/** The spectrum of the output: frequencies in equal ratios, levels in decibels. */
export class CsounddSpectrum extends SignalElement {
  protected readonly what = "Spectrum";
  protected readonly history = new History(4096);
  readonly #spectrum = new Spectrum(4096);
  #edges: Float32Array = new Float32Array(0);
  #shown = new Float32Array(0);
  #since = Infinity;

  protected override resized(): void {
    const columns = Math.max(1, Math.round(this.width / 2));
    this.#edges = columnsOf(columns, this.#spectrum.levels.length, this.sampleRate, LOWEST_HZ);
    this.#shown = new Float32Array(columns).fill(FLOOR);
  }

  protected draw(context: CanvasRenderingContext2D, palette: Palette, seconds: number): boolean {
    const { width, height } = this;
    this.#since += seconds;
    if (this.#since >= MEASURED_EVERY) {
      this.#since = 0;
      this.#spectrum.measure(this.history);
    }
    const { levels } = this.#spectrum;
    // The samples are integers here, whose full scale is their largest.
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

  #drawGrid(context: CanvasRenderingContext2D, palette: Palette, y: (db: number) => number): void {
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

define("csoundd-meter", CsounddMeter);
define("csoundd-scope", CsounddScope);
define("csoundd-spectrum", CsounddSpectrum);
