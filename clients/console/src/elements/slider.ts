/** `<csoundd-slider channel="cutoff">` and `<csoundd-knob channel="cutoff">`: a number in its range. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { dragged, parsed, positionOf, valueAt, valueByKey, valueText } from "./channel.js";
import { ChannelControl, define } from "./control.js";
import { frames } from "./frame_loop.js";
import { follow } from "./gestures.js";
import { shared } from "./styles.js";

/** Pixels of a finger's way that are no movement yet. */
const SLACK = 4;
/** Pixels for the whole range of a knob. */
const KNOB_WAY = 190;

/** A value is in a box that has the size of its longest text, so that one that moves lays out nothing but itself. */
const readout = css`
  .value { position: relative; }
  .value::before { content: attr(data-widest); visibility: hidden; }
  .digits { position: absolute; inset: 0; contain: size layout; }
`;

/** What sliders and knobs do alike: keys, a number that is typed, and where the value stands. */
abstract class RangeControl extends ChannelControl {
  @state() private typing: string | undefined;
  @query("[role=slider]") protected handle!: HTMLElement;
  @query(".value") private readout!: HTMLElement | null;
  #painted = "";
  #told = "";
  #widest = "";

  protected get position(): number {
    const { value } = this.binding;
    return typeof value === "number" ? positionOf(this.spec, value) : 0;
  }

  protected get number(): number {
    return typeof this.value === "number" ? this.value : this.spec.low;
  }

  protected abstract paintPosition(position: number): void;

  protected moveTo(position: number): void {
    this.change(valueAt(this.spec, position));
  }

  protected paint(): void {
    const painted = this.position.toFixed(4);
    if (painted !== this.#painted) {
      this.#painted = painted;
      this.paintPosition(this.position);
    }
    if (this.binding.isHeld) this.#tell();
    else frames.requestInTurn(this.#tell, "text");
  }

  /** Say the value in words, for eyes and for ears. */
  readonly #tell = (): void => {
    const text = this.valueText;
    const told = `${this.number} ${text}`;
    if (told === this.#told) return;
    this.#told = told;
    if (this.readout !== null) {
      if (text.length > this.#widest.length) this.#widen(text);
      const digits = this.readout.firstElementChild?.firstChild;
      if (digits instanceof Text) digits.data = text;
    }
    this.handle.setAttribute("aria-valuenow", String(this.number));
    this.handle.setAttribute("aria-valuetext", text);
  };

  #widen(text: string): void {
    this.#widest = text;
    this.readout?.setAttribute("data-widest", text);
  }

  protected override updated(): void {
    [this.#painted, this.#told] = ["", ""];
    const { spec } = this;
    const [low, high] = [valueText(spec, spec.low), valueText(spec, spec.high)];
    this.#widen(low.length > high.length ? low : high);
    super.updated();
    if (this.typing !== undefined) {
      const input = this.renderRoot.querySelector("input");
      if (input !== null && this.shadowRoot?.activeElement !== input) {
        input.focus();
        input.setSelectionRange(input.value.length, input.value.length);
      }
    }
  }

  /** The value, or while one is typed the field for it. */
  protected readoutTemplate(): TemplateResult {
    if (this.typing === undefined) return html`<span class="value" @dblclick=${this.#beginTyping}><span class="digits"> </span></span>`;
    return html`<input class="typed" type="text" inputmode="decimal" aria-label="${this.name}, value" .value=${this.typing}
      @keydown=${this.#typed} @blur=${this.#finishTyping} />`;
  }

  protected slider(content: TemplateResult, orientation: "horizontal" | "vertical"): TemplateResult {
    const { low, high, isWritable, description } = this.spec;
    return html`<div class="body" role="slider" tabindex="0" aria-label=${this.name} aria-orientation=${orientation}
      aria-valuemin=${low} aria-valuemax=${high} aria-valuenow=${low} aria-disabled=${isWritable ? "false" : "true"}
      aria-description=${[description, this.note].filter(Boolean).join(", ") || nothing}
      @keydown=${this.#pressed}>${content}</div>`;
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.spec.isWritable) return;
    const moved = valueByKey(this.spec, this.number, event.key, event.shiftKey);
    if (moved !== undefined) this.change(moved);
    else if (event.key === "Backspace" || event.key === "Delete") this.change(this.spec.initial);
    else if (/^[-\d.,]$/.test(event.key)) this.typing = event.key;
    else if (event.key === "Enter") this.#beginTyping();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  readonly #beginTyping = (): void => {
    if (this.spec.isWritable) this.typing = /^-?[\d.]+(?:e[+-]?\d+)?/.exec(this.valueText.replaceAll("−", "-"))?.[0] ?? "";
  };

  readonly #typed = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    if (event.key === "Escape") this.typing = undefined;
    else this.#finishTyping(event);
    void this.updateComplete.then(() => {
      this.handle.focus();
    });
  };

  readonly #finishTyping = (event: Event): void => {
    if (this.typing === undefined) return;
    this.typing = undefined;
    const value = parsed(this.spec, (event.target as HTMLInputElement).value);
    if (value !== undefined) this.change(value);
  };
}

export class CsounddSlider extends RangeControl {
  static override readonly styles = [
    shared,
    readout,
    css`
      :host { display: block; min-width: 6em; touch-action: pan-y; }
      .frame { contain: layout style; display: grid; grid-template: "label value" auto "body body" auto / 1fr auto; column-gap: var(--gap); align-items: baseline; }
      .label { grid-area: label; }
      .value { grid-area: value; text-align: right; }
      .typed { grid-area: value; width: 7em; min-height: 0; padding: 0 0.3em; text-align: right; -webkit-user-select: text; user-select: text; }
      .body { grid-area: body; position: relative; height: var(--control); cursor: pointer; touch-action: pan-y; }
      /* Inside: around it would go through the label above. */
      .body:focus-visible { outline-offset: -2px; }
      .track { position: absolute; inset: calc(50% - 2px) 0; height: 4px; border-radius: 2px; background: var(--well); box-shadow: inset 0 0 0 1px var(--line); }
      /* Nothing that moves is clipped, or reaches beyond the track: each clip is another piece for the browser to put together. */
      .fill { position: absolute; inset: 0; border-radius: inherit; background: var(--accent); transform-origin: left; transform: scaleX(0); }
      .rail { position: absolute; inset: 0 6px; pointer-events: none; }
      .thumb { position: absolute; left: -6px; top: calc(50% - 9px); width: 12px; height: 18px; border-radius: 3px; border: 1px solid var(--line-strong); box-shadow: 0 1px 2px #0003;
        background: linear-gradient(var(--accent) 0 0) center / 2px 10px no-repeat var(--raised); }
      .body[aria-disabled="true"] { cursor: default; }
      .body[aria-disabled="true"] .thumb { display: none; }
      :host([vertical]) { display: inline-block; min-width: 4em; height: 12em; touch-action: pan-x; }
      :host([vertical]) .frame { height: 100%; grid-template: "body" 1fr "value" auto "label" auto / 1fr; justify-items: center; row-gap: 2px; }
      :host([vertical]) .value { text-align: center; }
      :host([vertical]) .body { width: var(--control); height: 100%; touch-action: pan-x; }
      :host([vertical]) .label { max-width: 6em; }
      :host([vertical]) .track { inset: 0 calc(50% - 2px); width: 4px; height: auto; }
      :host([vertical]) .fill { transform-origin: bottom; transform: scaleY(0); }
      :host([vertical]) .rail { inset: 6px 0; }
      :host([vertical]) .thumb { left: calc(50% - 9px); top: auto; bottom: -6px; width: 18px; height: 12px; background-size: 10px 2px; }
    `,
  ];

  @property({ type: Boolean, reflect: true }) vertical = false;
  @query(".fill") private fill!: HTMLElement;
  @query(".thumb") private thumb!: HTMLElement;
  #grip = 0;
  /** Pixels that the thumb can go. */
  #way = 0;
  #from = { at: 0, position: 0, value: 0, moved: false };

  protected override firstUpdated(): void {
    const rail = this.renderRoot.querySelector(".rail");
    if (rail !== null) this.#resizes.observe(rail);
    follow(this.handle, {
      begin: (event) => {
        if (!this.spec.isWritable) return;
        this.binding.hold();
        this.handle.focus({ preventScroll: true });
        // A finger may be about to scroll: it moves the slider only when it goes along it. A mouse means the place.
        const isFinger = event.pointerType === "touch";
        if (!isFinger && !event.shiftKey) this.moveTo(this.#place(event));
        this.#from = { at: this.#along(event), position: this.position, value: this.number, moved: !isFinger };
        this.#grip = this.position;
      },
      move: (event) => {
        if (!this.binding.isHeld) return;
        const pixels = (this.#along(event) - this.#from.at) * (this.vertical ? -1 : 1);
        if (!this.#from.moved && Math.abs(pixels) < SLACK) return;
        this.#from.moved = true;
        this.#grip = dragged(this.spec, this.#grip, pixels, this.#length, event.shiftKey);
        this.#from.at = this.#along(event);
        this.moveTo(this.#grip);
      },
      end: (event, isCancelled) => {
        if (!this.binding.isHeld) return;
        if (isCancelled) this.change(this.#from.value);
        else if (!this.#from.moved) this.moveTo(this.#place(event));
        this.binding.letGo();
      },
      twice: () => {
        if (this.spec.isWritable) this.change(this.spec.initial);
      },
    });
  }

  override render(): TemplateResult {
    const track = html`<div class="track"><div class="fill"></div></div>
      <div class="rail"><div class="thumb"></div></div>`;
    return html`<div class="frame ${this.binding.isAbsent ? "absent" : ""}" title=${this.spec.description || this.channel}>
      <span class="label">${this.name} <span class="note">${this.note}</span></span>
      ${this.readoutTemplate()}
      ${this.slider(track, this.vertical ? "vertical" : "horizontal")}</div>`;
  }

  protected paintPosition(position: number): void {
    const [part, way] = [position.toFixed(4), (position * this.#way).toFixed(1)];
    this.fill.style.transform = this.vertical ? `scaleY(${part})` : `scaleX(${part})`;
    this.thumb.style.transform = this.vertical ? `translateY(-${way}px)` : `translateX(${way}px)`;
  }

  readonly #resizes = new ResizeObserver(([entry]) => {
    if (entry === undefined) return;
    this.#way = this.vertical ? entry.contentRect.height : entry.contentRect.width;
    this.paintPosition(this.position);
  });

  #along(event: PointerEvent): number {
    return this.vertical ? event.clientY : event.clientX;
  }

  get #length(): number {
    return (this.vertical ? this.handle.clientHeight : this.handle.clientWidth) - 12;
  }

  #place(event: PointerEvent): number {
    const box = this.handle.getBoundingClientRect();
    const along = this.vertical ? box.bottom - event.clientY : event.clientX - box.left;
    return Math.min(1, Math.max(0, (along - 6) / this.#length));
  }
}

/** The arc of a knob: three quarters of a circle of radius 16 around 20,20, open below. */
const TURN = 270;
const RADIUS = 16;
const ARC = (Math.PI * 2 * RADIUS * TURN) / 360;

export class CsounddKnob extends RangeControl {
  static override readonly styles = [
    shared,
    readout,
    css`
      :host { display: inline-block; width: 5.5em; }
      .frame { contain: layout style; display: grid; justify-items: center; text-align: center; gap: 1px; }
      .label, .value { max-width: 100%; }
      .typed { width: 100%; min-height: 0; padding: 0 0.2em; text-align: center; -webkit-user-select: text; user-select: text; }
      .body { width: 48px; height: 48px; cursor: ns-resize; touch-action: none; border-radius: 50%; }
      .body:focus-visible { border-radius: 50%; outline-offset: 0; }
      .body[aria-disabled="true"] { cursor: default; }
      svg { display: block; width: 100%; height: 100%; }
      .arc { fill: none; stroke: var(--well); stroke-width: 3; stroke-linecap: round; }
      .rim { fill: none; stroke: var(--line-strong); stroke-width: 4; stroke-linecap: round; opacity: 0.6; }
      .fill { fill: none; stroke: var(--accent); stroke-width: 3; stroke-linecap: round; }
      .cap { fill: var(--raised); stroke: var(--line-strong); stroke-width: 1; }
      .pointer { stroke: var(--text); stroke-width: 2; stroke-linecap: round; transform-origin: 20px 20px; }
    `,
  ];

  @query(".fill") private fill!: SVGElement;
  @query(".pointer") private pointer!: SVGElement;
  #grip = 0;
  #at = 0;

  protected override firstUpdated(): void {
    follow(this.handle, {
      begin: (event) => {
        if (!this.spec.isWritable) return;
        this.binding.hold();
        this.handle.focus({ preventScroll: true });
        this.#grip = this.position;
        this.#at = event.clientX - event.clientY;
      },
      move: (event) => {
        if (!this.binding.isHeld) return;
        // Up and to the right turn it up.
        const at = event.clientX - event.clientY;
        this.#grip = dragged(this.spec, this.#grip, at - this.#at, KNOB_WAY, event.shiftKey);
        this.#at = at;
        this.moveTo(this.#grip);
      },
      end: () => {
        this.binding.letGo();
      },
      twice: () => {
        if (this.spec.isWritable) this.change(this.spec.initial);
      },
    });
  }

  override render(): TemplateResult {
    const path = "M 8.69 31.31 A 16 16 0 1 1 31.31 31.31";
    const dial = html`<svg viewBox="0 0 40 40" aria-hidden="true">
      <path class="rim" d=${path}></path><path class="arc" d=${path}></path>
      <path class="fill" d=${path} stroke-dasharray="${ARC} 200" stroke-dashoffset=${ARC}></path>
      <circle class="cap" cx="20" cy="20" r="11"></circle><line class="pointer" x1="20" y1="10.5" x2="20" y2="15"></line></svg>`;
    return html`<div class="frame ${this.binding.isAbsent ? "absent" : ""}" title=${this.spec.description || this.channel}>
      ${this.slider(dial, "vertical")}${this.readoutTemplate()}
      <span class="label">${this.name}</span>${this.note === "" ? nothing : html`<span class="note">${this.note}</span>`}</div>`;
  }

  protected paintPosition(position: number): void {
    this.fill.style.strokeDashoffset = (ARC * (1 - position)).toFixed(2);
    this.fill.style.visibility = position > 0 ? "visible" : "hidden";
    this.pointer.style.transform = `rotate(${(position * TURN - TURN / 2).toFixed(1)}deg)`;
  }
}

define("csoundd-slider", CsounddSlider);
define("csoundd-knob", CsounddKnob);
