/** A canvas as large as its element, on which the page's painter draws, and only while somebody can see it. */

import { LitElement, css, html } from "lit";
import type { TemplateResult } from "lit";
import { property, query } from "lit/decorators.js";
import { connectionOf } from "../connection.js";
import type { Connection, Stop } from "../connection.js";
import type { DrawingName, Palette, Settings } from "./drawings.js";
import { painter } from "./painting.js";
import type { Tell } from "./painting.js";
import { shared } from "./styles.js";

const COLOURS = {
  text: "--text",
  soft: "--soft",
  line: "--line",
  accent: "--accent",
  level: "--level",
  high: "--level-high",
  error: "--error",
} as const satisfies Readonly<Record<keyof Palette, string>>;

let canvases = 0;

export abstract class CanvasElement extends LitElement {
  static override readonly styles = [
    shared,
    css`
      :host { display: block; position: relative; height: 8em; min-width: 4em; border-radius: var(--radius); background: var(--well); box-shadow: inset 0 0 0 1px var(--line); overflow: hidden; contain: strict; }
      canvas { display: block; position: absolute; inset: 0; width: 100%; height: 100%; }
    `,
  ];

  @property() label = "";
  @query("div") private place!: HTMLElement;
  #tell: Tell | undefined;
  /** The canvas that is in the page now; one that was taken out of it is never drawn on again. */
  #id = 0;
  #size = { width: 0, height: 0, ratio: 1 };
  #palette: Palette | undefined;
  #stop: Stop | undefined;
  #isInView = false;
  readonly #resizes = new ResizeObserver(([entry]) => {
    if (entry === undefined) return;
    const { width, height } = entry.contentRect;
    this.#size = { width, height, ratio: Math.min(2, devicePixelRatio) };
    this.fit();
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
    if (this.hasUpdated) void this.#begin();
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
    this.#tell?.({ order: "remove", id: this.#id });
    this.#tell = undefined;
    this.place.replaceChildren();
  }

  override render(): TemplateResult {
    return html`<div role="img" aria-label=${this.label || this.what}></div>`;
  }

  /** What it shows, for who does not see it. */
  protected abstract readonly what: string;

  protected abstract readonly drawing: DrawingName;

  protected get settings(): Settings {
    return {};
  }

  /** Begin to receive what is drawn; the function that comes back ends that. */
  protected abstract receive(connection: Connection): Stop;

  /** Draw what came; undefined where nothing plays any more. */
  protected draw(data: ArrayLike<number> | undefined): void {
    this.#tell?.({ order: "draw", id: this.#id, data });
  }

  /** What was to be seen until somebody has, was seen. */
  protected acknowledge(): void {
    this.#tell?.({ order: "acknowledge", id: this.#id });
  }

  /** Draw it in the size, the colours and the settings of now. */
  protected fit(): void {
    if (this.#tell === undefined || !this.#isInView) return;
    this.#palette ??= this.#colours();
    this.#tell({ order: "fit", id: this.#id, ...this.#size, settings: this.settings, palette: this.#palette });
  }

  protected override firstUpdated(): void {
    void this.#begin();
  }

  protected override updated(): void {
    this.fit();
  }

  async #begin(): Promise<void> {
    const id = ++canvases;
    this.#id = id;
    this.#resizes.observe(this);
    this.#views.observe(this);
    const { tell, isElsewhere } = await painter();
    // It may have been taken out of the page meanwhile, and put in again.
    if (!this.isConnected || this.#id !== id) return;
    const canvas = document.createElement("canvas");
    this.place.replaceChildren(canvas);
    const drawn = isElsewhere ? canvas.transferControlToOffscreen() : canvas;
    tell({ order: "add", id, canvas: drawn, drawing: this.drawing }, isElsewhere ? [drawn as OffscreenCanvas] : []);
    this.#tell = tell;
    this.fit();
  }

  readonly #attend = (): void => {
    const isSeen = this.isConnected && this.#isInView && document.visibilityState === "visible";
    if (isSeen === (this.#stop !== undefined)) return;
    this.#stop?.();
    this.#stop = isSeen ? this.receive(connectionOf(this)) : undefined;
    this.fit();
  };

  readonly #recolour = (): void => {
    this.#palette = undefined;
    this.fit();
  };

  /** `light-dark()` in a custom property stands there as it was written; an element that has the colour knows which. */
  #colours(): Palette {
    const probe = document.createElement("span");
    this.renderRoot.append(probe);
    const entries = Object.entries(COLOURS).map(([name, property]) => {
      probe.style.color = `var(${property})`;
      return [name, getComputedStyle(probe).color];
    });
    probe.remove();
    return Object.fromEntries(entries) as Palette;
  }
}
