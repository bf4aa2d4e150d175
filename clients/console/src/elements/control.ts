/** What controls of one channel have in common: the attributes, and the channel that they stand for. */

import { LitElement } from "lit";
import type { PropertyValues } from "lit";
import { property } from "lit/decorators.js";
import { ChannelBinding } from "./binding.js";
import type { Channel, ChannelValue } from "./channel.js";
import { labelOf, valueText } from "./channel.js";
import { frames } from "./frame_loop.js";

/** A control of the channel `channel`. What is said by attributes goes before the hints of the piece. */
export abstract class ChannelControl extends LitElement {
  @property() channel = "";
  @property() label = "";
  @property({ type: Number }) min?: number;
  @property({ type: Number }) max?: number;
  @property() unit?: string;
  @property() description?: string;
  /** `exponential`, or `linear`. */
  @property() curve?: string;
  @property({ type: Boolean }) whole = false;

  protected readonly binding = new ChannelBinding(
    this,
    () => {
      if (this.hasUpdated) this.paint();
    },
    () => this.#overrides(),
  );

  /** What the channel holds; undefined until that is known. Setting it sets the channel. */
  get value(): ChannelValue | undefined {
    return this.binding.value;
  }

  set value(value: ChannelValue | undefined) {
    if (value !== undefined) this.binding.set(value);
  }

  /** Show the value, without rendering anew. Called in an animation frame. */
  protected abstract paint(): void;

  protected get spec(): Channel {
    return this.binding.channel;
  }

  protected get name(): string {
    return this.label || labelOf(this.channel);
  }

  protected get valueText(): string {
    const { value } = this.binding;
    return value === undefined ? "–" : valueText(this.spec, value);
  }

  protected get note(): string {
    return this.binding.isAbsent ? "not in this piece" : "";
  }

  /** Set the channel because of what somebody did here, and say so to the page. */
  protected change(value: ChannelValue): void {
    this.binding.set(value);
    this.dispatchEvent(new CustomEvent("input", { bubbles: true, composed: true, detail: { value } }));
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("channel")) this.binding.name = this.channel;
    this.binding.describe();
  }

  protected override updated(): void {
    frames.request(this.#repaint);
  }

  readonly #repaint = (): void => {
    this.paint();
  };

  #overrides(): Partial<Channel> {
    const said: Partial<Record<keyof Channel, unknown>> = { low: this.min, high: this.max };
    if (this.unit !== undefined) said.unit = this.unit;
    if (this.description !== undefined) said.description = this.description;
    if (this.curve !== undefined) said.isExponential = this.curve === "exponential" && (this.min ?? 1) > 0;
    if (this.whole) said.isWhole = true;
    return said as Partial<Channel>;
  }
}

/** Defines an element, unless a page has loaded this twice. */
export function define(name: string, element: CustomElementConstructor): void {
  if (customElements.get(name) === undefined) customElements.define(name, element);
}
