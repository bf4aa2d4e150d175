/** One loop for everything that is drawn: a single animation frame, in which all who asked are called in turn. */

type Draw = (now: number) => void;

/** The frames of the browser, or of a test. */
export interface Frames {
  request(callback: (now: number) => void): unknown;
}

/**
 * How many of those that may wait are called in one frame. What is read costs a layout, and where 64 controls move at once
 * each is still written five times a second, which is more than anybody reads.
 */
const AT_A_TIME = 6;

/** Calls each function that asked, once, in the next frame; who wants more asks again. */
export class FrameLoop {
  readonly #frames: Frames;
  #wanted = new Set<Draw>();
  readonly #waiting = new Set<Draw>();
  #isRequested = false;

  constructor(frames: Frames) {
    this.#frames = frames;
  }

  /** Have `draw` called in the next frame, once however often it is asked for. */
  request(draw: Draw): void {
    this.#wanted.add(draw);
    this.#ask();
  }

  /** Have `draw` called once, in this frame or the next where few ask, in turn over several frames where many do. */
  requestInTurn(draw: Draw): void {
    this.#waiting.add(draw);
    this.#ask();
  }

  cancel(draw: Draw): void {
    this.#wanted.delete(draw);
    this.#waiting.delete(draw);
  }

  #ask(): void {
    if (this.#isRequested) return;
    this.#isRequested = true;
    this.#frames.request(this.#run);
  }

  readonly #run = (now: number): void => {
    const wanted = this.#wanted;
    this.#wanted = new Set();
    this.#isRequested = false;
    for (const draw of wanted) call(draw, now);
    for (const draw of [...this.#waiting].slice(0, AT_A_TIME)) {
      this.#waiting.delete(draw);
      call(draw, now);
    }
    if (this.#waiting.size > 0) this.#ask();
  };
}

function call(draw: Draw, now: number): void {
  try {
    draw(now);
  } catch (error) {
    // One that fails must not stop the others.
    reportError(error);
  }
}

/** The loop of this page. */
export const frames = new FrameLoop({ request: (callback) => requestAnimationFrame(callback) });
