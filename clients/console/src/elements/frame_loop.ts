/** One loop for everything that is drawn: a single animation frame, in which all who asked are called in turn. */

type Draw = (now: number) => void;

/** The frames of the browser, or of a test. */
export interface Frames {
  request(callback: (now: number) => void): unknown;
}

/** Calls each function that asked, once, in the next frame; who wants more asks again. */
export class FrameLoop {
  readonly #frames: Frames;
  #wanted = new Set<Draw>();
  #isRequested = false;

  constructor(frames: Frames) {
    this.#frames = frames;
  }

  /** Have `draw` called in the next frame, once however often it is asked for. */
  request(draw: Draw): void {
    this.#wanted.add(draw);
    if (this.#isRequested) return;
    this.#isRequested = true;
    this.#frames.request(this.#run);
  }

  cancel(draw: Draw): void {
    this.#wanted.delete(draw);
  }

  readonly #run = (now: number): void => {
    const wanted = this.#wanted;
    this.#wanted = new Set();
    this.#isRequested = false;
    for (const draw of wanted) {
      try {
        draw(now);
      } catch (error) {
        // One that fails must not stop the others.
        reportError(error);
      }
    }
  };
}

/** The loop of this page. */
export const frames = new FrameLoop({ request: (callback) => requestAnimationFrame(callback) });
