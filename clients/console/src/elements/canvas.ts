/** A canvas as large as its element, drawn in the page's one loop, and only while somebody can see it. */

import { LitElement, css, html } from "lit";
import type { TemplateResult } from "lit";
import { property, query } from "lit/decorators.js";
import { connectionOf } from "../connection.js";
import type { Connection, Stop } from "../connection.js";
import { frames } from "./frame_loop.js";
import { shared } from "./styles.js";

/** The colours that are drawn with, read when they may have changed: to ask for one costs a layout. */
export interface Palette {
  readonly text: string;
  readonly soft: string;
  readonly line: string;
  readonly accent: string;
  readonly level: string;
  readonly high: string;
  readonly error: string;
  readonly well: string;
}

const NAMES = {
  text: "--text",
  soft: "--soft",
  line: "--line",
  accent: "--accent",
  level: "--level",
  high: "--level-high",
  error: "--error",
  well: "--well",
} as const;

export abstract class CanvasElement extends LitElement {
  static override readonly styles = [
    shared,
    css`
      :host { display: block; position: relative; height: 8em; min-width: 4em; border-radius: var(--radius); background: var(--well); box-shadow: inset 0 0 0 1px var(--line); overflow: hidden; contain: strict; }
      canvas { display: block; position: absolute; inset: 0; width: 100%; height: 100%; }
    `,
  ];

  @property() label = "";
  @query("canvas") private canvas!: HTMLCanvasElement;
  protected width = 0;
  protected height = 0;
  #ratio = 1;
  #palette: Palette | undefined;
  #stop: Stop | undefined;
  #isInView = false;
  readonly #resizes = new ResizeObserver(([entry]) => {
    const box = entry?.contentRect;
    if (box === undefined) return;
    [this.width, this.height, this.#ratio] = [box.width, box.height, Math.min(2, devicePixelRatio)];
    this.canvas.width = Math.round(box.width * this.#ratio);
    this.canvas.height = Math.round(box.height * this.#ratio);
    this.resized();
    this.redraw();
  });
  readonly #views = new IntersectionObserver((entries) => {
    this.#isInView = entries.at(-1)?.isIntersecting ?? false;
    this.#attend();
  });
  readonly #schemes = matchMedia("(prefers-color-scheme: dark)");
  readonly #themes = new MutationObserver(() => {
    this.#recolour();
  });

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.#attend);
    this.#schemes.addEventListener("change", this.#recolour);
    this.#themes.observe(document.documentElement, { attributeFilter: ["data-theme", "style", "class"] });
    if (this.hasUpdated) this.#observe();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.#attend);
    this.#schemes.removeEventListener("change", this.#recolour);
    this.#themes.disconnect();
    this.#resizes.disconnect();
    this.#views.disconnect();
    this.#isInView = false;
    this.#attend();
  }

  override render(): TemplateResult {
    return html`<canvas role="img" aria-label=${this.label || this.what}></canvas>`;
  }

  /** What it shows, for who does not see it. */
  protected abstract readonly what: string;

  /** Begin to receive what is drawn; the function that comes back ends that. */
  protected abstract receive(connection: Connection): Stop;

  /** Draw; in pixels of the page, over a clean canvas. Whether there is more to draw in the next frame. */
  protected abstract draw(context: CanvasRenderingContext2D, palette: Palette, seconds: number): boolean;

  protected resized(): void {
    // Who has something that depends on the size overrides it.
  }

  protected override firstUpdated(): void {
    this.#observe();
  }

  /** Have it drawn in the next frame. */
  protected redraw(): void {
    if (this.#isInView) frames.request(this.#frame);
  }

  #observe(): void {
    this.#resizes.observe(this);
    this.#views.observe(this);
  }

  readonly #attend = (): void => {
    const isSeen = this.isConnected && this.#isInView && document.visibilityState === "visible";
    if (isSeen === (this.#stop !== undefined)) return;
    this.#stop?.();
    this.#stop = isSeen ? this.receive(connectionOf(this)) : undefined;
    this.redraw();
  };

  readonly #recolour = (): void => {
    this.#palette = undefined;
    this.redraw();
  };

  #last = 0;
  readonly #frame = (now: number): void => {
    const context = this.canvas.getContext("2d");
    if (context === null || this.width === 0) return;
    this.#palette ??= this.#colours(context);
    const seconds = Math.min(0.1, (now - this.#last) / 1000);
    this.#last = now;
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    if (this.draw(context, this.#palette, seconds)) this.redraw();
  };

  /** `light-dark()` in a custom property stands there as it was written; an element that has the colour knows which. */
  #colours(context: CanvasRenderingContext2D): Palette {
    const probe = document.createElement("span");
    this.renderRoot.append(probe);
    const found: Partial<Record<keyof Palette, string>> = {};
    for (const [name, property] of Object.entries(NAMES)) {
      probe.style.color = `var(${property})`;
      found[name as keyof Palette] = getComputedStyle(probe).color;
    }
    probe.remove();
    context.font = `11px ${getComputedStyle(this).fontFamily}`;
    return found as Palette;
  }
}
