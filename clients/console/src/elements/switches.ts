/** `<csoundd-button>`, `<csoundd-toggle>` and `<csoundd-choice>`: channels that hold one of a few numbers. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property, query } from "lit/decorators.js";
import { connectionOf } from "../connection.js";
import { isOn, toggleValues } from "./channel.js";
import { ChannelControl, define } from "./control.js";
import { shared } from "./styles.js";

/**
 * A button that is on while it is pressed. With `event`, it sends that line of score as it goes down: `<csoundd-button
 * event='i "Bell" 0 2' label="Bell">`.
 */
export class CsounddButton extends ChannelControl {
  static override readonly styles = [
    shared,
    css`
      :host { display: inline-block; }
      button { width: 100%; min-width: 4.5em; touch-action: none; }
      button.down { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
    `,
  ];

  @property() event = "";
  @query("button") private button!: HTMLButtonElement;
  #pressed = new Set<string>();

  protected override firstUpdated(): void {
    const { button } = this;
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      this.#press(`pointer ${event.pointerId}`);
    });
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"] as const) {
      button.addEventListener(kind, (event) => {
        this.#release(`pointer ${event.pointerId}`);
      });
    }
    button.addEventListener("keydown", (event) => {
      if ((event.key === " " || event.key === "Enter") && !event.repeat) this.#press("key");
    });
    button.addEventListener("keyup", () => {
      this.#release("key");
    });
    button.addEventListener("blur", () => {
      this.#release("key");
    });
    // A screen reader clicks without pressing.
    button.addEventListener("click", (event) => {
      if (event.detail !== 0 || this.#wasKey) return;
      this.#press("click");
      this.#release("click");
    });
  }

  override disconnectedCallback(): void {
    for (const holder of [...this.#pressed]) this.#release(holder);
    super.disconnectedCallback();
  }

  override render(): TemplateResult {
    return html`<button type="button" title=${this.spec.description || nothing}>${this.name || "Play"}</button>`;
  }

  protected paint(): void {
    const isDown = this.#pressed.size > 0 || (this.value !== undefined && this.channel !== "" && isOn(this.spec, this.value));
    this.button.classList.toggle("down", isDown);
  }

  #wasKey = false;

  #press(holder: string): void {
    this.#wasKey = holder === "key";
    this.#pressed.add(holder);
    if (this.#pressed.size > 1) return;
    if (this.event !== "") void connectionOf(this).attempt((cs) => cs.csound.eventString(this.event));
    if (this.channel !== "") {
      this.binding.hold();
      this.change(toggleValues(this.spec)[1]);
    }
    this.paint();
  }

  #release(holder: string): void {
    if (!this.#pressed.delete(holder) || this.#pressed.size > 0) return;
    if (this.channel !== "") {
      this.change(toggleValues(this.spec)[0]);
      this.binding.letGo();
    }
    this.paint();
  }
}

export class CsounddToggle extends ChannelControl {
  static override readonly styles = [
    shared,
    css`
      :host { display: block; }
      button, button[aria-checked] { display: flex; align-items: center; gap: var(--gap); width: 100%; border: 0; background: none; color: inherit; padding: 0; text-align: left; }
      .label { flex: 1; }
      .well { flex: none; position: relative; width: 34px; height: 18px; border-radius: 9px; background: var(--well); box-shadow: inset 0 0 0 1px var(--line-strong); }
      .thumb { position: absolute; left: 3px; top: 3px; width: 12px; height: 12px; border-radius: 50%; background: var(--soft); }
      [aria-checked="true"] .well { background: var(--accent); box-shadow: none; }
      [aria-checked="true"] .thumb { transform: translateX(16px); background: var(--on-accent); }
      @media (prefers-reduced-motion: no-preference) { .thumb { transition: transform 90ms; } }
    `,
  ];

  @query("button") private button!: HTMLButtonElement;

  override render(): TemplateResult {
    const description = [this.spec.description, this.note].filter(Boolean).join(", ");
    return html`<button class=${this.binding.isAbsent ? "absent" : ""} type="button" role="switch" aria-checked="false"
      aria-label=${this.name} aria-description=${description || nothing} title=${this.spec.description || nothing}
      ?disabled=${!this.spec.isWritable} @click=${this.#clicked} @keydown=${this.#pressed}>
      <span class="label">${this.name} <span class="note">${this.note}</span></span>
      <span class="value"></span><span class="well body"><span class="thumb"></span></span></button>`;
  }

  protected paint(): void {
    const checked = this.value !== undefined && isOn(this.spec, this.value);
    if (this.button.getAttribute("aria-checked") !== String(checked)) this.button.setAttribute("aria-checked", String(checked));
    const text = this.renderRoot.querySelector(".value");
    if (text !== null && text.textContent !== this.valueText) text.textContent = this.valueText;
  }

  readonly #clicked = (): void => {
    const [off, on] = toggleValues(this.spec);
    this.change(this.value !== undefined && isOn(this.spec, this.value) ? off : on);
  };

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.key !== "Backspace" && event.key !== "Delete") return;
    this.change(this.spec.initial);
    event.preventDefault();
  };
}

/** How many choices stand side by side; more are in a menu. */
const SIDE_BY_SIDE = 5;

export class CsounddChoice extends ChannelControl {
  static override readonly styles = [
    shared,
    css`
      :host { display: block; }
      .frame { display: grid; gap: 3px; }
      .choices { display: flex; }
      .choices button { flex: 1 1 0; min-width: 0; padding: 0 0.3em; border-radius: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .choices button:focus-visible { position: relative; z-index: 1; }
      .choices button:first-child { border-radius: var(--radius) 0 0 var(--radius); }
      .choices button:last-child { border-radius: 0 var(--radius) var(--radius) 0; }
      .choices button + button { border-left: 0; }
      select { width: 100%; }
    `,
  ];

  override render(): TemplateResult {
    const { choices, description, isWritable } = this.#known();
    const note = [description, this.note].filter(Boolean).join(", ") || nothing;
    const label = html`<span class="label">${this.name} <span class="note">${this.note}</span></span>`;
    if (choices.length > SIDE_BY_SIDE) {
      return html`<label class="frame" title=${description || nothing}>${label}
        <select class="body" aria-description=${note} ?disabled=${!isWritable} @change=${this.#selected}>
          ${choices.map((choice, index) => html`<option value=${index}>${choice.label}</option>`)}</select></label>`;
    }
    return html`<div class="frame" title=${description || nothing}>${label}
      <div class="choices body" role="radiogroup" aria-label=${this.name} aria-description=${note} @keydown=${this.#pressed}>
        ${choices.map(
          (choice, index) => html`<button type="button" role="radio" aria-checked="false" tabindex="-1" ?disabled=${!isWritable}
            @click=${() => { this.#choose(index); }}>${choice.label}</button>`,
        )}</div></div>`;
  }

  protected paint(): void {
    const { choices } = this.#known();
    const index = choices.findIndex((choice) => choice.value === this.value);
    const select = this.renderRoot.querySelector("select");
    if (select !== null) select.selectedIndex = index;
    for (const [place, button] of this.#buttons().entries()) {
      button.setAttribute("aria-checked", String(place === index));
      button.tabIndex = place === Math.max(0, index) ? 0 : -1;
    }
  }

  /** A channel of whole numbers without names is a choice between those. */
  #known(): typeof this.spec {
    const { choices, low, high } = this.spec;
    if (choices.length > 0) return this.spec;
    const count = Math.min(128, Math.max(1, Math.round(high - low) + 1));
    const numbers = Array.from({ length: count }, (_, index) => Math.round(low) + index);
    return { ...this.spec, choices: numbers.map((value) => ({ value, label: String(value) })) };
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLButtonElement>("[role=radio]")];
  }

  #choose(index: number): void {
    const choice = this.#known().choices[index];
    if (choice !== undefined) this.change(choice.value);
  }

  readonly #selected = (event: Event): void => {
    this.#choose((event.target as HTMLSelectElement).selectedIndex);
  };

  readonly #pressed = (event: KeyboardEvent): void => {
    const buttons = this.#buttons();
    const { choices, initial } = this.#known();
    const at = choices.findIndex((choice) => choice.value === this.value);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    let index: number;
    if (step !== undefined) index = (Math.max(0, at) + step + choices.length) % choices.length;
    else if (event.key === "Home") index = 0;
    else if (event.key === "End") index = choices.length - 1;
    else if (event.key === "Backspace" || event.key === "Delete") index = choices.findIndex((choice) => choice.value === initial);
    else return;
    event.preventDefault();
    this.#choose(index);
    buttons[index]?.focus();
  };
}

define("csoundd-button", CsounddButton);
define("csoundd-toggle", CsounddToggle);
define("csoundd-choice", CsounddChoice);
