/** The painter of a page: in a worker where that is allowed and able to draw, else in the page itself. */

import workerUrl from "./painter_worker.ts?worker&url";
import { frames } from "./frame_loop.js";
import type { Order } from "./painter.js";

export type Tell = (order: Order, moved?: Transferable[]) => void;

export interface Painting {
  readonly tell: Tell;
  /** Whether canvases have to be handed over to it. */
  readonly isElsewhere: boolean;
}

let painting: Promise<Painting> | undefined;

/** The one painter of this page, as soon as it is there. */
export function painter(): Promise<Painting> {
  painting ??= elsewhere().catch(here);
  return painting;
}

/** Rejects where there is no such worker: an old browser, or a page whose policy does not allow it. */
async function elsewhere(): Promise<Painting> {
  if (!("transferControlToOffscreen" in HTMLCanvasElement.prototype)) throw new Error("no canvas can be handed over");
  const worker = started(new URL(workerUrl, import.meta.url));
  const isAble = await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<boolean>) => { resolve(data); };
    worker.onerror = () => { reject(new Error("the worker did not start")); };
  });
  if (isAble !== true) {
    worker.terminate();
    throw new Error("the worker cannot draw");
  }
  worker.onerror = null;
  return { tell: (order, moved = []) => { worker.postMessage(order, moved); }, isElsewhere: true };
}

/** A page of another origin starts no worker of the daemon's; one of its own may load what the daemon serves. */
function started(url: URL): Worker {
  if (url.origin === location.origin) return new Worker(url, { type: "module" });
  const source = URL.createObjectURL(new Blob([`import ${JSON.stringify(url.href)};`], { type: "text/javascript" }));
  return new Worker(source, { type: "module" });
}

async function here(): Promise<Painting> {
  const { Painter } = await import("./painter.js");
  return { tell: new Painter(frames).obey, isElsewhere: false };
}
