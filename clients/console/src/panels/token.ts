/** The question for a token, where the daemon asks for one. */

import { css, html } from "lit";
import type { TemplateResult } from "lit";
import { storeToken } from "../connection.js";
import type { Connection, Stop } from "../connection.js";
import { dialog, dialogs } from "./dialog.js";
import { Panel, controls } from "./panel.js";

export class TokenPanel extends Panel {
  static override readonly styles = [
    controls,
    dialogs,
    css`
      form { display: grid; gap: 10px; }
      label { display: grid; gap: 4px; }
      .ways { margin-top: 14px; }
      p:last-child { margin: 0; }
    `,
  ];

  protected override begin(connection: Connection): Stop[] {
    return [connection.onState(() => {
      this.requestUpdate();
    })];
  }

  override render(): TemplateResult {
    return dialog("A token, please", html`
      <p role="status">${capital(this.connection.reason)}.</p>
      <form @submit=${this.#submit}>
        <input name="username" autocomplete="username" value="csoundd" hidden />
        <label>Token<input type="password" name="token" autocomplete="current-password" placeholder="csd_…" required spellcheck="false" /></label>
        <button class="primary" type="submit">Connect</button>
      </form>
      <p class="ways">On the daemon's machine, <code>csoundd pair</code> shows a QR code and a link that let this browser in without
        typing, for channels and notes; <code>csoundd token create --scope admin</code> prints a token for all of it. Both take the
        <code>--state DIR</code> that the daemon was started with.</p>
      <p class="small soft">This browser keeps the token for this address until it is refused.</p>`);
  }

  protected override updated(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    const isAsking = this.connection.refusal === "token";
    if (dialog === null || dialog.open === isAsking) return;
    if (isAsking) {
      // What was kept is of no use any more.
      storeToken(undefined);
      dialog.showModal();
    } else {
      dialog.close();
    }
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const token = new FormData(form).get("token");
    if (typeof token !== "string" || token.trim() === "") return;
    form.reset();
    storeToken(token.trim());
    this.connection.useToken(token.trim());
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

customElements.define("csoundd-token", TokenPanel);
