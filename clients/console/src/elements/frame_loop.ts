/** One loop for everything that is drawn: a single animation frame, in which all who asked are called in turn. */

type Draw = (now: number) => void;

/** The frames of the browser, or of a test. */
export interface Frames {
  request(callback: (now: number) => void): unknown;
}

/**
 * How many of those that may wait are called in one frame, so that a frame costs much the same however many controls move.
 * Of 64 that move at once each is drawn 30 times a second, as often as values come, and its number is written five times,
 * which is more than anybody reads.
 */
const AT_A_TIME = { motion: 32, text: 6 } as const;

/** Calls each function that asked, once, in the next frame; who wants more asks again. */
export class FrameLoop {
  readonly #frames: Frames;
  #wanted = new Set<Draw>();
  readonly #waiting: Readonly<Record<keyof typeof AT_A_TIME, Set<Draw>>> = { motion: new Set(), text: new Set() };
  #isRequested = false;

  constructor(frames: Frames) {
    this.#frames = frames;
  }

  /** Have `draw` called in the next frame, once however often it is asked for. */
  request(draw: Draw): void {
    this.cancel(draw);
    this.#wanted.add(draw);
    this.#ask();
  }

  /** Have `draw` called once, in this frame or the next where few ask, in turn over several frames where many do. */
  requestInTurn(draw: Draw, kind: keyof typeof AT_A_TIME): void {
    this.#waiting[kind].add(draw);
    this.#ask();
  }

  cancel(draw: Draw): void {
    this.#wanted.delete(draw);
    for (const waiting of Object.values(this.#waiting)) waiting.delete(draw);
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
    for (const kind of ["motion", "text"] as const) {
      const waiting = this.#waiting[kind];
      for (const draw of [...waiting].slice(0, AT_A_TIME[kind])) {
        waiting.delete(draw);
        call(draw, now);
      }
      if (waiting.size > 0) this.#ask();
    }
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
