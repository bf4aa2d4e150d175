/** A question or an offer before the page. */

import { css, html } from "lit";
import type { TemplateResult } from "lit";

export const dialogs = css`
  dialog { max-width: min(440px, calc(100vw - 32px)); border: 1px solid var(--cs-line-strong); border-radius: 8px; padding: 18px 20px;
    background: var(--cs-surface); color: inherit; box-shadow: 0 10px 40px #0008; }
  dialog::backdrop { background: #0008; }
  dialog h2 { font-size: 16px; margin-bottom: 8px; }
  dialog p { margin: 0 0 12px; }
  dialog code { font-family: var(--cs-mono); font-size: var(--cs-size-small); overflow-wrap: anywhere; }
`;

/** A dialog with `content` below its title. `closed` hears of its end; one without has to be answered. */
export function dialog(title: string, content: unknown, closed?: () => void): TemplateResult {
  return html`<dialog aria-labelledby="title" @close=${closed ?? stay} @cancel=${closed === undefined ? stay : undefined}>
    <h2 id="title">${title}</h2>
    ${content}
  </dialog>`;
}

function stay(event: Event): void {
  event.preventDefault();
}
