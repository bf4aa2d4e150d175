/** Draws on the canvases it is given, as it is told to, in a worker or in the page. */

import { DRAWINGS } from "./drawings.js";
import type { Context, Drawing, DrawingName, Palette, Settings } from "./drawings.js";
import type { FrameLoop } from "./frame_loop.js";

/** What a painter is told. `id` says which canvas is meant; the page numbers them. */
export type Order =
  | { readonly order: "add"; readonly id: number; readonly canvas: HTMLCanvasElement | OffscreenCanvas; readonly drawing: DrawingName }
  | ({ readonly order: "fit"; readonly id: number; readonly settings: Settings; readonly palette: Palette } & Size)
  | { readonly order: "draw"; readonly id: number; readonly data: ArrayLike<number> | undefined }
  | { readonly order: "acknowledge" | "remove"; readonly id: number };

export interface Size {
  /** In pixels of the page. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the screen in each of those. */
  readonly ratio: number;
}

/** Longer than this nothing falls at once, however long nobody looked. */
const LONGEST_SECONDS = 0.1;

export class Painter {
  readonly #frames: FrameLoop;
  readonly #canvases = new Map<number, PaintedCanvas>();

  constructor(frames: FrameLoop) {
    this.#frames = frames;
  }

  readonly obey = (order: Order): void => {
    if (order.order === "add") {
      const context = order.canvas.getContext("2d") as Context | null;
      if (context !== null) this.#canvases.set(order.id, new PaintedCanvas(context, DRAWINGS[order.drawing](), this.#frames));
      return;
    }
    const canvas = this.#canvases.get(order.id);
    switch (order.order) {
      case "fit":
        canvas?.fit(order, order.settings, order.palette);
        break;
      case "draw":
        canvas?.take(order.data);
        break;
      case "acknowledge":
        canvas?.acknowledge();
        break;
      case "remove":
        canvas?.end();
        this.#canvases.delete(order.id);
    }
  };
}

class PaintedCanvas {
  readonly #context: Context;
  readonly #drawing: Drawing;
  readonly #frames: FrameLoop;
  #size: Size = { width: 0, height: 0, ratio: 1 };
  #palette: Palette | undefined;
  #last = 0;

  constructor(context: Context, drawing: Drawing, frames: FrameLoop) {
    this.#context = context;
    this.#drawing = drawing;
    this.#frames = frames;
  }

  fit(size: Size, settings: Settings, palette: Palette): void {
    const { canvas } = this.#context;
    const [width, height] = [Math.round(size.width * size.ratio), Math.round(size.height * size.ratio)];
    // To set a width cleans the canvas, even where it is the same.
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    [this.#size, this.#palette] = [size, palette];
    this.#drawing.fit(size.width, size.height, settings);
    this.#frames.request(this.#frame);
  }

  take(data: ArrayLike<number> | undefined): void {
    this.#drawing.take(data);
    this.#frames.request(this.#frame);
  }

  acknowledge(): void {
    this.#drawing.acknowledge();
    this.#frames.request(this.#frame);
  }

  end(): void {
    this.#frames.cancel(this.#frame);
  }

  readonly #frame = (now: number): void => {
    const { width, height, ratio } = this.#size;
    if (this.#palette === undefined || width === 0) return;
    const seconds = Math.min(LONGEST_SECONDS, (now - this.#last) / 1000);
    this.#last = now;
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#context.clearRect(0, 0, width, height);
    if (this.#drawing.draw(this.#context, this.#palette, seconds)) this.#frames.request(this.#frame);
  };
}
