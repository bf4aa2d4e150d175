/** Fingers and mice on a control: each pointer by itself, so that several controls move at once. */

/** What a control does with a pointer that is on it. Places are those of the page, in pixels. */
export interface Gesture {
  begin(event: PointerEvent): void;
  move(event: PointerEvent): void;
  /** `isCancelled` where the browser took the pointer for scrolling: nothing was meant by it. */
  end(event: PointerEvent, isCancelled: boolean): void;
  /** A double click, or a double tap. */
  twice?(event: PointerEvent): void;
}

const TWICE_MS = 350;
const TWICE_PIXELS = 12;

/** Has `gesture` follow the pointers that go down on `target`, one or `most` of them at a time. */
export function follow(target: HTMLElement, gesture: Gesture, most = 1): void {
  const pointers = new Set<number>();
  let last = { at: -Infinity, x: 0, y: 0 };
  target.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointers.size >= most || pointers.has(event.pointerId)) return;
    const isNear = Math.hypot(event.clientX - last.x, event.clientY - last.y) < TWICE_PIXELS;
    const isTwice = event.timeStamp - last.at < TWICE_MS && isNear;
    last = { at: isTwice ? -Infinity : event.timeStamp, x: event.clientX, y: event.clientY };
    if (isTwice && gesture.twice !== undefined) {
      gesture.twice(event);
      return;
    }
    pointers.add(event.pointerId);
    target.setPointerCapture(event.pointerId);
    gesture.begin(event);
  });
  target.addEventListener("pointermove", (event) => {
    if (pointers.has(event.pointerId)) gesture.move(event);
  });
  const end = (event: PointerEvent): void => {
    if (pointers.delete(event.pointerId)) gesture.end(event, event.type === "pointercancel");
  };
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture"] as const) target.addEventListener(kind, end);
}
