/** What the panels of the page have in common: their connection, and how their buttons, fields and lists look. */

import { LitElement, css } from "lit";
import { connectionOf } from "../connection.js";
import type { Connection, Stop } from "../connection.js";

/** A part of the page. What `begin` gives back ends with it. */
export abstract class Panel extends LitElement {
  protected connection!: Connection;
  #stops: Stop[] = [];

  protected abstract begin(connection: Connection): Stop[];

  /** Have the focus on what matches `selector` once this has rendered: what had it may be gone by then. */
  protected async focusOn(selector: string): Promise<void> {
    this.requestUpdate();
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.connection = connectionOf(this);
    this.#stops = this.begin(this.connection);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }
}

export const controls = css`
  * { box-sizing: border-box; }
  :host { display: block; color: var(--cs-text); font: var(--cs-size) / var(--cs-line) var(--cs-font); }
  [hidden] { display: none !important; }
  button, select, input {
    font: inherit;
    color: inherit;
  }
  button, select, input:not([type]), input[type="search"], input[type="password"] {
    min-height: var(--cs-control);
    padding: 0 10px;
    border: 1px solid var(--cs-line-strong);
    border-radius: var(--cs-radius);
    background: var(--cs-raised);
  }
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    cursor: pointer;
    white-space: nowrap;
    user-select: none;
  }
  button:hover:not(:disabled) { border-color: var(--cs-text-soft); }
  button:active:not(:disabled) { background: var(--cs-well); }
  button:disabled { color: var(--cs-text-soft); border-color: var(--cs-line-color); cursor: default; }
  button[aria-pressed="true"], button.primary {
    background: var(--cs-accent);
    border-color: var(--cs-accent);
    color: var(--cs-on-accent);
  }
  @media (forced-colors: active) { [aria-pressed="true"], .primary { forced-color-adjust: none; } }
  button.plain { border-color: transparent; background: transparent; padding: 0 6px; }
  button.plain:hover:not(:disabled) { border-color: var(--cs-line-strong); }
  button.icon { width: var(--cs-control); padding: 0; }
  :focus-visible { outline: 2px solid var(--cs-focus); outline-offset: 1px; }
  svg { width: 16px; height: 16px; fill: currentColor; flex: none; }
  .soft { color: var(--cs-text-soft); }
  .small { font-size: var(--cs-size-small); }
  .number { font-variant-numeric: tabular-nums; }
  .mono { font-family: var(--cs-mono); font-size: var(--cs-size-small); }
  .bad { color: var(--cs-error); }
  .row { display: flex; align-items: center; gap: var(--cs-gap); flex-wrap: wrap; }
  .grow { flex: 1; min-width: 0; }
  h2, h3 { margin: 0; font-size: var(--cs-size); font-weight: 600; }
  .visually-hidden {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
  }
`;
