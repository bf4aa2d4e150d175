/** `<csoundd-meter>`, `<csoundd-scope>` and `<csoundd-spectrum>`: what sounds, to be seen. */

import { css } from "lit";
import { property } from "lit/decorators.js";
import type { Connection, Stop } from "../connection.js";
import { CanvasElement } from "./canvas.js";
import { define } from "./control.js";
import type { Settings } from "./drawings.js";

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
  protected readonly drawing = "meter";
  #channels = 0;

  constructor() {
    super();
    this.addEventListener("click", () => {
      this.acknowledge();
    });
  }

  protected override get settings(): Settings {
    return { horizontal: this.horizontal };
  }

  protected receive(connection: Connection): Stop {
    const stop = connection.subscribe("meters", { rate: 25 }, ({ peak }) => {
      this.#makeRoom(peak.length);
      this.draw(peak);
    });
    return () => {
      stop();
      this.draw(undefined);
    };
  }

  /** Another piece may have more channels, and fewer: there is room for a bar of each. */
  #makeRoom(count: number): void {
    if (count === this.#channels) return;
    this.#channels = count;
    const across = count > ROOMY ? `${4 * count + AROUND}px` : "";
    if (this.horizontal) this.style.height = across;
    else this.style.width = across;
  }
}

/**
 * Samples of the output's channel `source`, as 16 bits: a quarter of the rate of two channels in floats. There is a block for
 * each frame of most screens.
 */
const BLOCK = 768;
/** How long after the last block there is nothing to be seen any more. */
const SILENT_MS = 400;

/** The newest samples of one channel of the output, through the same stream as others on the page. */
abstract class SignalElement extends CanvasElement {
  /** The channel of the output, counted from 0. */
  @property({ type: Number }) source = 0;
  #sampleRate = 48_000;

  protected override get settings(): Settings {
    return { sampleRate: this.#sampleRate };
  }

  protected receive(connection: Connection): Stop {
    const rate = async (): Promise<void> => {
      const { sr } = (await (await connection.ready()).engine.info()).format;
      if (sr !== undefined && sr !== this.#sampleRate) {
        this.#sampleRate = sr;
        this.fit();
      }
    };
    void rate().catch(() => undefined);
    let [latest, silence] = [0, undefined as ReturnType<typeof setTimeout> | undefined];
    // One timer that looks when the latest block came: to set one anew for each of them is dearer than to draw them.
    const look = (): void => {
      const left = latest + SILENT_MS - performance.now();
      silence = left > 0 ? setTimeout(look, left) : undefined;
      // Nothing plays any more, so nothing is to be seen.
      if (left <= 0) this.draw(undefined);
    };
    const stop = connection.subscribe("spout", { format: "i16", block: BLOCK, channels: [this.source] }, (block) => {
      this.draw(block.data as Int16Array);
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
  protected readonly drawing = "scope";

  protected override get settings(): Settings {
    return { ...super.settings, span: this.span };
  }
}

/** The spectrum of the output: frequencies in equal ratios, levels in decibels. */
export class CsounddSpectrum extends SignalElement {
  protected readonly what = "Spectrum";
  protected readonly drawing = "spectrum";
}

define("csoundd-meter", CsounddMeter);
define("csoundd-scope", CsounddScope);
define("csoundd-spectrum", CsounddSpectrum);
