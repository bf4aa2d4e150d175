/** A painter in a worker: what it draws costs the page's main thread nothing. */

import { frames } from "./frame_loop.js";
import { Painter } from "./painter.js";
import type { Order } from "./painter.js";

const painter = new Painter(frames);
addEventListener("message", ({ data }: MessageEvent<Order>) => {
  painter.obey(data);
});
// Some browsers have workers that cannot draw, or that no frame calls.
postMessage(typeof requestAnimationFrame === "function" && new OffscreenCanvas(1, 1).getContext("2d") !== null);
