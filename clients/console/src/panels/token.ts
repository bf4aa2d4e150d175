/** The question for a token, where the daemon asks for one. */

import { css, html } from "lit";
import type { TemplateResult } from "lit";
import { storeToken } from "../connection.js";
import type { Connection, Stop } from "../connection.js";
import { Panel, controls } from "./panel.js";

export class TokenPanel extends Panel {
  static override readonly styles = [
    controls,
    css`
      dialog { max-width: min(460px, calc(100vw - 32px)); border: 1px solid var(--cs-line-strong); border-radius: 8px; padding: 18px 20px;
        background: var(--cs-surface); color: inherit; box-shadow: 0 10px 40px #0008; }
      dialog::backdrop { background: #0008; }
      h2 { font-size: 16px; margin-bottom: 8px; }
      p { margin: 0 0 12px; }
      form { display: grid; gap: 10px; }
      label { display: grid; gap: 4px; }
      code { font-family: var(--cs-mono); font-size: var(--cs-size-small); overflow-wrap: anywhere; }
    `,
  ];

  protected override begin(connection: Connection): Stop[] {
    return [connection.onState(() => {
      this.requestUpdate();
    })];
  }

  override render(): TemplateResult {
    return html`<dialog aria-labelledby="title" @cancel=${(event: Event) => { event.preventDefault(); }}>
      <h2 id="title">A token, please</h2>
      <p role="status">${capital(this.connection.reason)}.</p>
      <form @submit=${this.#submit}>
        <input name="username" autocomplete="username" value="csoundd" hidden />
        <label>Token<input type="password" name="token" autocomplete="current-password" placeholder="csd_…" required spellcheck="false" /></label>
        <button class="primary" type="submit">Connect</button>
      </form>
      <p class="small soft">On the daemon's machine, <code>csoundd token create --state DIR --scope admin</code> makes one. This
        browser keeps it for this address until it is refused.</p>
    </dialog>`;
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
