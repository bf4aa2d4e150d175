/** The whole page. */

import { LitElement, css, html } from "lit";
import type { TemplateResult } from "lit";
import { connectionOf } from "./connection.js";
import type { Stop } from "./connection.js";

export class CsounddConsole extends LitElement {
  static override readonly styles = css`
    :host { display: block; padding: var(--cs-gap); }
  `;

  #stop: Stop | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = connectionOf(this).onState(() => {
      this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  override render(): TemplateResult {
    const { state, reason } = connectionOf(this);
    return html`<main><h1>csoundd</h1><p role="status">${state} ${reason}</p></main>`;
  }
}

customElements.define("csoundd-console", CsounddConsole);
