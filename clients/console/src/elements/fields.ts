/** `<csoundd-number channel="tempo">` and `<csoundd-text channel="title">`: values that are typed. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { query } from "lit/decorators.js";
import { formatted, parsed, valueByKey } from "./channel.js";
import { ChannelControl, define } from "./control.js";
import { shared } from "./styles.js";

const styles = [
  shared,
  css`
    :host { display: block; }
    .frame { display: grid; gap: 3px; }
    .row { display: flex; align-items: center; gap: 0.4em; }
    input { flex: 1; min-width: 0; width: 100%; -webkit-user-select: text; user-select: text; font-variant-numeric: tabular-nums; }
    input:read-only { border-color: transparent; background: none; padding-left: 0; }
    .unit { color: var(--soft); }
  `,
];

/** What is typed counts when it is done: at Enter, or when the field is left. Escape brings back what was. */
abstract class TypedControl extends ChannelControl {
  static override readonly styles = styles;

  @query("input") protected field!: HTMLInputElement;
  #isEdited = false;

  protected abstract get shown(): string;

  protected abstract accept(text: string): void;

  /** What a key does before it counts as typed; whether it did anything. */
  protected abstract pressed(event: KeyboardEvent): boolean;

  protected paint(): void {
    if (!this.#isEdited && this.field.value !== this.shown) this.field.value = this.shown;
  }

  protected input(extra: { mode: "decimal" | "text"; role: "spinbutton" | undefined }): TemplateResult {
    const { low, high, isWritable, description } = this.spec;
    const isNumber = extra.role !== undefined;
    return html`<input class="body" type="text" inputmode=${extra.mode} role=${extra.role ?? nothing} autocomplete="off" spellcheck="false"
      aria-valuemin=${isNumber ? low : nothing} aria-valuemax=${isNumber ? high : nothing}
      aria-description=${[description, this.note].filter(Boolean).join(", ") || nothing} ?readonly=${!isWritable}
      @input=${this.#edited} @keydown=${this.#pressed} @focus=${this.#entered} @blur=${this.#left} />`;
  }

  protected done(): void {
    if (!this.#isEdited) return;
    this.#isEdited = false;
    this.accept(this.field.value);
    this.paint();
  }

  readonly #edited = (event: Event): void => {
    // What is typed is nothing to the page until it counts.
    event.stopPropagation();
    this.#isEdited = true;
  };

  readonly #entered = (): void => {
    if (this.binding.name !== "") this.field.select();
  };

  readonly #left = (): void => {
    this.done();
  };

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.key === "Enter") this.done();
    else if (event.key === "Escape") {
      this.#isEdited = false;
      this.paint();
    } else if (!this.pressed(event)) return;
    event.preventDefault();
  };
}

export class CsounddNumber extends TypedControl {
  override render(): TemplateResult {
    return html`<label class="frame ${this.binding.isAbsent ? "absent" : ""}" title=${this.spec.description || this.channel}>
      <span class="label">${this.name} <span class="note">${this.note}</span></span>
      <span class="row">${this.input({ mode: "decimal", role: "spinbutton" })}<span class="unit">${this.spec.unit}</span></span></label>`;
  }

  protected get shown(): string {
    return typeof this.value === "number" ? formatted(this.spec, this.value) : "";
  }

  protected override paint(): void {
    super.paint();
    if (typeof this.value === "number") this.field.setAttribute("aria-valuenow", String(this.value));
    this.field.setAttribute("aria-valuetext", this.valueText);
  }

  protected accept(text: string): void {
    const value = parsed(this.spec, text);
    if (value !== undefined) this.change(value);
  }

  protected pressed(event: KeyboardEvent): boolean {
    // Left, right, home and end move in the text.
    if (!/^(ArrowUp|ArrowDown|PageUp|PageDown)$/.test(event.key) || !this.spec.isWritable) return false;
    this.done();
    const moved = valueByKey(this.spec, typeof this.value === "number" ? this.value : this.spec.low, event.key, event.shiftKey);
    if (moved !== undefined) this.change(moved);
    return true;
  }
}

export class CsounddText extends TypedControl {
  override render(): TemplateResult {
    return html`<label class="frame ${this.binding.isAbsent ? "absent" : ""}" title=${this.spec.description || this.channel}>
      <span class="label">${this.name} <span class="note">${this.note}</span></span>
      ${this.input({ mode: "text", role: undefined })}</label>`;
  }

  protected get shown(): string {
    return this.value === undefined ? "" : String(this.value);
  }

  protected accept(text: string): void {
    this.change(text);
  }

  protected pressed(): boolean {
    return false;
  }
}

define("csoundd-number", CsounddNumber);
define("csoundd-text", CsounddText);
