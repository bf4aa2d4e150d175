/** A QR code by which a phone gets this page, and a token of its own. */

import type { NewPairing } from "csoundd-client";
import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Connection, Stop } from "../connection.js";
import { PHONE } from "../icons.js";
import { dialog, dialogs } from "./dialog.js";
import { Panel, controls } from "./panel.js";

export class PairingPanel extends Panel {
  static override readonly styles = [
    controls,
    dialogs,
    css`
      img { display: block; width: 240px; height: 240px; margin: 0 auto 12px; background: #fff; border-radius: 6px; padding: 8px; }
      a { color: inherit; overflow-wrap: anywhere; }
      @media (max-width: 700px) { :host { display: contents; } button.open { order: 1; } }
    `,
  ];

  #pairing: NewPairing | undefined;

  protected override begin(connection: Connection): Stop[] {
    return [connection.onState(() => {
      this.requestUpdate();
    })];
  }

  override render(): TemplateResult | typeof nothing {
    // Who may not make tokens has no use for it.
    if (this.connection.cs?.welcome.scopes.includes("admin") !== true) return nothing;
    const pairing = this.#pairing;
    return html`
      <button class="plain icon open" title="Play it from a phone" aria-label="Play it from a phone" @click=${this.#open}>${PHONE}</button>
      ${dialog("Play it from a phone", html`
        ${pairing === undefined ? nothing : html`
          <p>Scan this with the phone's camera within two minutes. It is good once, for channels and notes.</p>
          <img alt="QR code of the link below" src="data:image/svg+xml,${encodeURIComponent(pairing.svg)}" />
          <p class="small"><a href=${pairing.link}>${pairing.link}</a></p>`}
        <button @click=${() => { this.#dialog?.close(); }}>Done</button>`, this.#closed)}`;
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector("dialog");
  }

  readonly #open = async (): Promise<void> => {
    this.#pairing = await this.connection.attempt((cs) => cs.pairing.create());
    this.requestUpdate();
    await this.updateComplete;
    if (this.#pairing !== undefined) this.#dialog?.showModal();
  };

  readonly #closed = (): void => {
    this.#pairing = undefined;
    this.requestUpdate();
  };
}

customElements.define("csoundd-pairing", PairingPanel);
