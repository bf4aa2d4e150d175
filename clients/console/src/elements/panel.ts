/** `<csoundd-panel>`: a control for every channel of the piece, in groups, as the piece changes. */

import { LitElement, css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { ChannelState } from "csoundd-client";
import { connectionOf } from "../connection.js";
import type { Stop } from "../connection.js";
import { channelOf, labelOf } from "./channel.js";
import type { Channel } from "./channel.js";
import { define } from "./control.js";
import { gone, grouped } from "./grouping.js";
import type { Group } from "./grouping.js";
import { shared } from "./styles.js";
import "./fields.js";
import "./slider.js";
import "./switches.js";

const NAMES = new Intl.Collator("en", { numeric: true });

/** How long it is said that channels are gone. */
const SAID_MS = 15_000;

export class CsounddPanel extends LitElement {
  static override readonly styles = [
    shared,
    css`
      :host { display: block; }
      .group { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 13em), 1fr)); gap: calc(var(--gap) * 1.25) calc(var(--gap) * 2.5); align-items: start; }
      :host([knobs]) .group { grid-template-columns: repeat(auto-fill, minmax(6em, 1fr)); }
      .title { margin: calc(var(--gap) * 1.75) 0 var(--gap); padding-bottom: 3px; border-bottom: 1px solid var(--line); font-weight: 600; text-transform: capitalize; }
      section:first-of-type .title { margin-top: 0; }
      .said { min-height: 1.3em; margin: var(--gap) 0 0; }
      .more { margin-top: calc(var(--gap) * 1.5); }
      summary { cursor: pointer; color: var(--soft); min-height: var(--control); display: flex; align-items: center; gap: 0.5em; }
      summary::before { content: "▸"; }
      details[open] > summary::before { content: "▾"; }
    `,
  ];

  /** Knobs in place of sliders. */
  @property({ type: Boolean, reflect: true }) knobs = false;
  /** Only channels whose names match: `fx*`, or several patterns with commas between. */
  @property() names = "*";
  @state() private channels: readonly Channel[] | undefined;
  @state() private said = "";
  @state() private refusal = "";
  #stop: Stop | undefined;
  #fading: ReturnType<typeof setTimeout> | undefined;
  #seen = "";

  override connectedCallback(): void {
    super.connectedCallback();
    const connection = connectionOf(this);
    const stops = [
      connection.channels.watchList((list) => {
        this.#take(list);
      }),
      connection.onState((state) => {
        this.refusal = state === "refused" ? connection.reason : "";
      }),
    ];
    this.#stop = () => {
      for (const stop of stops) stop();
    };
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    clearTimeout(this.#fading);
  }

  override render(): TemplateResult {
    const { channels } = this;
    if (channels === undefined) return html`<p class="note" role="status">${this.refusal || "waiting for the channels"}</p>`;
    const hinted = channels.filter((channel) => channel.isHinted || channel.kind === "text");
    const others = channels.filter((channel) => !hinted.includes(channel));
    // A piece without any hints shows what it has; beside hinted channels the others are not for everybody.
    const isPlain = hinted.length === 0;
    return html`${channels.length === 0 ? html`<p class="note">This piece has no channels.</p>` : nothing}
      ${this.#groups(isPlain ? others : hinted)}
      ${isPlain || others.length === 0 ? nothing
        : html`<details class="more"><summary>${others.length} without hints</summary>${this.#groups(others)}</details>`}
      <p class="note said" role="status">${this.said}</p>`;
  }

  #groups(channels: readonly Channel[]): unknown {
    return repeat(grouped(channels), (group) => group.name, (group) => this.#group(group));
  }

  #group({ name, channels }: Group): TemplateResult {
    const title = name === "" ? nothing : html`<div class="title" aria-hidden="true">${labelOf(name)}</div>`;
    return html`<section role="group" aria-label=${name === "" ? "channels" : labelOf(name)}>${title}<div class="group">
      ${repeat(channels, ({ channel }) => `${channel.kind} ${channel.name}`, ({ channel, label }) => this.#control(channel, label))}</div></section>`;
  }

  #control({ name, kind }: Channel, label: string): TemplateResult {
    switch (kind) {
      case "text":
        return html`<csoundd-text channel=${name} label=${label}></csoundd-text>`;
      case "toggle":
        return html`<csoundd-toggle channel=${name} label=${label}></csoundd-toggle>`;
      case "choice":
        return html`<csoundd-choice channel=${name} label=${label}></csoundd-choice>`;
      case "slider":
        return this.knobs
          ? html`<csoundd-knob channel=${name} label=${label}></csoundd-knob>`
          : html`<csoundd-slider channel=${name} label=${label}></csoundd-slider>`;
    }
  }

  #take(list: readonly ChannelState[]): void {
    const wanted = patterns(this.names);
    // As one counts: fx2 before fx10.
    const named = [...list].sort((a, b) => NAMES.compare(a.name, b.name));
    const channels = named.flatMap((each) => (wanted.test(each.name) ? (channelOf(each) ?? []) : []));
    // Values are the controls' own affair: the panel changes with what there is.
    const seen = JSON.stringify(channels, (key, value: unknown) => (key === "initial" ? undefined : value));
    if (seen === this.#seen) return;
    this.#seen = seen;
    const lost = this.channels === undefined ? [] : gone(this.channels, channels);
    this.channels = channels;
    if (lost.length === 0) return;
    this.said = `no longer in the piece: ${lost.slice(0, 8).map(labelOf).join(", ")}${lost.length > 8 ? ` and ${lost.length - 8} more` : ""}`;
    clearTimeout(this.#fading);
    this.#fading = setTimeout(() => (this.said = ""), SAID_MS);
  }
}

/** What names match `fx*, master`. */
function patterns(names: string): RegExp {
  const parts = names.split(",").map((part) => part.trim()).filter(Boolean);
  const sources = parts.map((part) => part.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", "."));
  return new RegExp(`^(?:${sources.join("|") || ".*"})$`);
}

define("csoundd-panel", CsounddPanel);
