/** `<csoundd-xy x="cutoff" y="resonance">`: two channels under one finger. */

import { LitElement, css, html, nothing } from "lit";
import type { PropertyValues, TemplateResult } from "lit";
import { property, query } from "lit/decorators.js";
import { ChannelBinding } from "./binding.js";
import { dragged, labelOf, positionOf, valueAt, valueByKey, valueText } from "./channel.js";
import { define } from "./control.js";
import { frames } from "./frame_loop.js";
import { follow } from "./gestures.js";
import { shared } from "./styles.js";

export class CsounddXY extends LitElement {
  static override readonly styles = [
    shared,
    css`
      :host { display: block; min-width: 9em; }
      .frame { display: grid; gap: 4px; }
      .pad { position: relative; aspect-ratio: 1; border-radius: var(--radius); background: var(--well); box-shadow: inset 0 0 0 1px var(--line-strong); touch-action: none; cursor: crosshair; overflow: hidden; }
      .pad:focus-within { box-shadow: inset 0 0 0 1px var(--line-strong), 0 0 0 2px var(--focus); }
      .grid { position: absolute; inset: 0; background: linear-gradient(var(--line) 0 0) 0 50% / 100% 1px no-repeat, linear-gradient(var(--line) 0 0) 50% 0 / 1px 100% no-repeat; }
      .field { position: absolute; inset: 12px; pointer-events: none; }
      .carrier { position: absolute; inset: 0; }
      .across, .along { position: absolute; background: var(--accent); opacity: 0.5; }
      .across { left: -12px; width: calc(100% + 24px); height: 1px; bottom: 0; }
      .along { top: -12px; height: calc(100% + 24px); width: 1px; left: 0; }
      .thumb { position: absolute; left: -9px; bottom: -9px; width: 18px; height: 18px; border-radius: 50%; background: var(--raised); border: 2px solid var(--accent); box-shadow: 0 1px 3px #0004; }
      .axis { position: absolute; left: -9px; bottom: -9px; width: 18px; height: 18px; border-radius: 50%; }
      .axis:focus-visible { outline: none; background: var(--focus); width: 18px; height: 4px; bottom: -2px; border-radius: 2px; }
      .axis.y:focus-visible { width: 4px; height: 18px; left: -2px; bottom: -9px; }
      .readout { display: flex; justify-content: space-between; gap: var(--gap); }
    `,
  ];

  @property() x = "";
  @property() y = "";
  @property() label = "";

  readonly #x = new ChannelBinding(this, () => { this.#paint(); });
  readonly #y = new ChannelBinding(this, () => { this.#paint(); });
  @query(".pad") private pad!: HTMLElement;
  @query(".carrier") private carrier!: HTMLElement;
  #grip = { x: 0, y: 0, atX: 0, atY: 0 };

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("x")) this.#x.name = this.x;
    if (changed.has("y")) this.#y.name = this.y;
  }

  protected override firstUpdated(): void {
    follow(this.pad, {
      begin: (event) => {
        this.#x.hold();
        this.#y.hold();
        this.renderRoot.querySelector<HTMLElement>(".axis")?.focus({ preventScroll: true });
        const box = this.pad.getBoundingClientRect();
        const [width, height] = [Math.max(1, box.width - 24), Math.max(1, box.height - 24)];
        if (!event.shiftKey) this.#moveTo((event.clientX - box.left - 12) / width, 1 - (event.clientY - box.top - 12) / height);
        this.#grip = { x: this.#position(this.#x), y: this.#position(this.#y), atX: event.clientX, atY: event.clientY };
      },
      move: (event) => {
        const grip = this.#grip;
        const { clientWidth, clientHeight } = this.pad;
        grip.x = dragged(this.#x.channel, grip.x, event.clientX - grip.atX, clientWidth - 24, event.shiftKey);
        grip.y = dragged(this.#y.channel, grip.y, grip.atY - event.clientY, clientHeight - 24, event.shiftKey);
        [grip.atX, grip.atY] = [event.clientX, event.clientY];
        this.#moveTo(grip.x, grip.y);
      },
      end: () => {
        this.#x.letGo();
        this.#y.letGo();
      },
      twice: () => {
        this.#x.reset();
        this.#y.reset();
      },
    });
  }

  protected override updated(): void {
    frames.request(this.#paint);
  }

  override render(): TemplateResult {
    return html`<div class="frame" role="group" aria-label=${this.label || `${labelOf(this.x)} and ${labelOf(this.y)}`}>
      ${this.label === "" ? nothing : html`<span class="label">${this.label}</span>`}
      <div class="pad"><div class="grid"></div><div class="field"><div class="carrier">
        <div class="across"></div><div class="along"></div><div class="thumb"></div>
        ${this.#axis(this.#x, "x")}${this.#axis(this.#y, "y")}</div></div></div>
      <div class="readout"><span><span class="label">${labelOf(this.x)}</span> <span class="value x"></span></span>
        <span><span class="label">${labelOf(this.y)}</span> <span class="value y"></span></span></div></div>`;
  }

  #axis(binding: ChannelBinding, axis: "x" | "y"): TemplateResult {
    const { low, high, description } = binding.channel;
    const note = [description, binding.isAbsent ? "not in this piece" : ""].filter(Boolean).join(", ");
    return html`<div class="axis ${axis}" role="slider" tabindex="0" aria-label=${labelOf(axis === "x" ? this.x : this.y)}
      aria-orientation=${axis === "x" ? "horizontal" : "vertical"} aria-valuemin=${low} aria-valuemax=${high} aria-valuenow=${low}
      aria-description=${note || nothing} @keydown=${(event: KeyboardEvent) => { this.#pressed(event, axis); }}></div>`;
  }

  #position(binding: ChannelBinding): number {
    return typeof binding.value === "number" ? positionOf(binding.channel, binding.value) : 0;
  }

  #moveTo(x: number, y: number): void {
    this.#x.set(valueAt(this.#x.channel, x));
    this.#y.set(valueAt(this.#y.channel, y));
    this.#tell();
  }

  #tell(): void {
    const detail = { x: this.#x.value, y: this.#y.value };
    this.dispatchEvent(new CustomEvent("input", { bubbles: true, composed: true, detail }));
  }

  /** The arrows move the point wherever the focus is; what else there is belongs to the axis that has it. */
  #pressed(event: KeyboardEvent, axis: "x" | "y"): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrows: Readonly<Record<string, "x" | "y">> = { ArrowLeft: "x", ArrowRight: "x", ArrowUp: "y", ArrowDown: "y" };
    const binding = (arrows[event.key] ?? axis) === "x" ? this.#x : this.#y;
    const { channel, value } = binding;
    if (event.key === "Backspace" || event.key === "Delete") binding.reset();
    else {
      const moved = valueByKey(channel, typeof value === "number" ? value : channel.low, event.key, event.shiftKey);
      if (moved === undefined) return;
      binding.set(moved);
    }
    event.preventDefault();
    this.#tell();
  }

  readonly #paint = (): void => {
    if (!this.hasUpdated) return;
    const [x, y] = [this.#position(this.#x), this.#position(this.#y)];
    this.carrier.style.transform = `translate(${(x * 100).toFixed(2)}%, ${(-y * 100).toFixed(2)}%)`;
    for (const [axis, binding] of [["x", this.#x], ["y", this.#y]] as const) {
      const text = binding.value === undefined ? "–" : valueText(binding.channel, binding.value);
      const readout = this.renderRoot.querySelector(`.value.${axis}`);
      if (readout === null || readout.textContent === text) continue;
      readout.textContent = text;
      const handle = this.renderRoot.querySelector(`.axis.${axis}`);
      handle?.setAttribute("aria-valuenow", String(typeof binding.value === "number" ? binding.value : binding.channel.low));
      handle?.setAttribute("aria-valuetext", text);
    }
  };
}

define("csoundd-xy", CsounddXY);
