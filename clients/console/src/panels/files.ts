/** Pieces to play: those that come with the page and those of the workspace, with all of its other files. */

import { css, html, nothing } from "lit";
import type { TemplateResult } from "lit";
import type { Connection, Stop } from "../connection.js";
import { EXAMPLES, KEYS } from "../examples.js";
import type { Example } from "../examples.js";
import { BACK, CLOSE, DOWNLOAD, PLAY, UPLOAD } from "../icons.js";
import { pieceOf } from "../piece.js";
import type { Piece } from "../piece.js";
import { sizeText, workspaceOf } from "../workspace.js";
import type { Entry, Workspace } from "../workspace.js";
import { Panel, controls } from "./panel.js";

const PIECE = /\.(csd|orc)$/i;

export class FilesPanel extends Panel {
  static override readonly styles = [
    controls,
    css`
      ul { list-style: none; margin: 0; padding: 0; }
      .list { max-height: 300px; overflow: auto; border: 1px solid var(--cs-line-color); border-radius: var(--cs-radius);
        background: var(--cs-well); }
      .list li { display: flex; align-items: center; gap: 4px; padding: 0 4px; min-height: var(--cs-control); }
      .list li + li { border-top: 1px solid var(--cs-line-color); }
      .name { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: left;
        justify-content: flex-start; }
      .list button { min-height: calc(var(--cs-control) - 4px); }
      /* As far in as the name of what can be played, which has a sign before it. */
      .list li > .name:not(:has(svg)) { padding-left: 28px; }
      .examples { display: flex; flex-wrap: wrap; gap: 4px; margin-bottom: 10px; }
      .examples button { padding: 0 8px; }
      h3 { font-weight: 600; font-size: var(--cs-size-small); color: var(--cs-text-soft); margin: 0 0 4px; }
      .head { margin-bottom: 4px; }
      .head h3 { margin: 0; }
      .taken { margin-bottom: 6px; padding: 6px 8px; border: 1px solid var(--cs-line-strong); border-radius: var(--cs-radius); overflow-wrap: anywhere; }
      .fresh { background: var(--cs-accent-soft); }
    `,
  ];

  static override readonly properties = { brief: { type: Boolean } };
  /** Without the pieces that come along, where the page offers them already. */
  declare brief: boolean;

  #workspace!: Workspace;
  #piece!: Piece;
  #doomed = "";
  #fresh: ReadonlySet<string> = new Set();
  /** Whether files are shown whose names begin with a dot; they are not for musicians. */
  #showsHidden = false;
  /** Files that were to be put where others have their names. */
  #taken: readonly File[] = [];

  protected override begin(connection: Connection): Stop[] {
    this.#workspace = workspaceOf(connection);
    this.#piece = pieceOf(connection);
    const update = (): void => {
      this.requestUpdate();
    };
    return [this.#workspace.onChange(update), this.#piece.onChange(update), connection.onState(update)];
  }

  /** Put files into the folder that is shown, and mark them there. Where one has the name of another, it is asked for. */
  async upload(files: readonly File[], replaces = false): Promise<void> {
    const { sent, taken } = await this.#workspace.upload(files, replaces);
    [this.#fresh, this.#taken] = [new Set(sent), taken];
    if (taken.length > 0) void this.focusOn(".replace");
    else this.requestUpdate();
  }

  override render(): TemplateResult {
    const scopes = this.connection.cs?.welcome.scopes ?? [];
    return html`
      ${this.brief ? nothing : html`<h3>Pieces that come along</h3>
        <div class="examples">${[KEYS, ...EXAMPLES].map((example) => this.#example(example, scopes.includes("admin")))}</div>`}
      ${this.#files(scopes.includes("admin"), scopes.includes("compile"))}
    `;
  }

  #example(example: Example, canLoad: boolean): TemplateResult {
    return html`<button title=${example.about} ?disabled=${!canLoad || this.#piece.loading !== ""}
      @click=${() => void this.#piece.load(example)}>${example.title}</button>`;
  }

  #files(canLoad: boolean, canWrite: boolean): TemplateResult {
    const { folder, entries, refusal, uploading } = this.#workspace;
    return html`
      <div class="row head">
        ${folder === "" ? nothing : html`<button class="plain icon" aria-label="The folder above" title="The folder above"
          @click=${() => void this.#workspace.list(folder.split("/").slice(0, -1).join("/"))}>${BACK}</button>`}
        <h3 class="grow">${folder === "" ? "Workspace" : folder}</h3>
        <span class="small soft" role="status">${uploading === undefined ? "" : `${uploading} is on its way`}</span>
        <button class="upload" ?disabled=${!canWrite} title=${canWrite ? "Put files into this folder; or drop them anywhere" : "This needs a token with the scope compile"}
          @click=${() => { this.#chooser?.click(); }}>${UPLOAD}Upload</button>
        <input type="file" multiple hidden aria-label="Files to upload" @change=${(event: Event) => {
          const input = event.target as HTMLInputElement;
          void this.upload([...(input.files ?? [])]);
          input.value = "";
        }} />
      </div>
      ${this.#taken.length === 0 ? nothing : html`<div class="row taken" role="alert" @keydown=${this.#left}>
        <span class="grow">${this.#taken.map(({ name }) => name).join(", ")} ${this.#taken.length === 1 ? "is" : "are"} there already.</span>
        <button class="primary replace" @click=${() => void this.#replace()}>Replace</button>
        <button @click=${() => { this.#leave(); }}>Leave it</button></div>`}
      <ul class="list" aria-label="Files">
        ${refusal === "" ? nothing : html`<li class="bad">${refusal}</li>`}
        ${refusal === "" && entries.length === 0 ? html`<li class="soft">Empty. Drop a .csd here.</li>` : nothing}
        ${this.#ordered(entries).map((entry) => this.#entry(entry, canLoad, canWrite))}
      </ul>
      ${entries.some(isHidden) ? html`<button class="plain small" aria-pressed=${this.#showsHidden} @click=${() => {
        this.#showsHidden = !this.#showsHidden;
        this.requestUpdate();
      }}>${entries.filter(isHidden).length} hidden</button>` : nothing}
    `;
  }

  /** Folders and pieces first: they are what one looks for. What was just put there is shown in any case. */
  #ordered(entries: readonly Entry[]): Entry[] {
    const rank = ({ kind, name }: Entry): number => (kind === "folder" ? 1 : PIECE.test(name) ? 0 : 2);
    return entries.filter((entry) => this.#showsHidden || !isHidden(entry) || this.#fresh.has(entry.name)).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  }

  #entry({ name, kind, size }: Entry, canLoad: boolean, canWrite: boolean): TemplateResult {
    const path = this.#workspace.pathOf(name);
    if (kind === "folder") {
      return html`<li><button class="plain name" @click=${() => void this.#workspace.list(path)}>${name}/</button></li>`;
    }
    const isPiece = PIECE.test(name);
    return html`<li class=${this.#fresh.has(name) ? "fresh" : ""}>
      ${isPiece
        ? html`<button class="plain name" title="Play ${name}" aria-label="Play ${name}" ?disabled=${!canLoad || this.#piece.loading !== ""}
            @click=${() => void this.#piece.load({ name, path })}>${PLAY}<span class="name">${name}</span></button>`
        : html`<span class="name" title=${name}>${name}</span>`}
      ${this.#doomed === name
        ? html`<button class="bad doom" @keydown=${this.#kept} @click=${() => void this.#remove(name)}>Delete it</button>
            <button @keydown=${this.#kept} @click=${() => { this.#doom(""); }}>Keep it</button>`
        : html`<span class="small soft number">${size === null ? "" : sizeText(size)}</span>
            <button class="plain icon" aria-label="Download ${name}" title="Download"
              @click=${() => void this.#workspace.download(path)}>${DOWNLOAD}</button>
            <button class="plain icon" data-delete=${name} aria-label="Delete ${name}" title="Delete" ?disabled=${!canWrite}
              @click=${() => { this.#doom(name); }}>${CLOSE}</button>`}
    </li>`;
  }

  get #chooser(): HTMLInputElement | null {
    return this.renderRoot.querySelector<HTMLInputElement>('input[type="file"]');
  }

  #doom(name: string): void {
    const before = this.#doomed;
    this.#doomed = name;
    void this.focusOn(name === "" ? `[data-delete="${CSS.escape(before)}"]` : ".doom");
  }

  readonly #kept = (event: KeyboardEvent): void => {
    if (event.key === "Escape") this.#doom("");
  };

  readonly #left = (event: KeyboardEvent): void => {
    if (event.key === "Escape") this.#leave();
  };

  #leave(): void {
    this.#taken = [];
    void this.focusOn(".upload");
  }

  async #replace(): Promise<void> {
    const files = this.#taken;
    this.#taken = [];
    await this.upload(files, true);
    void this.focusOn(".upload");
  }

  async #remove(name: string): Promise<void> {
    this.#doomed = "";
    await this.#workspace.remove(name);
    void this.focusOn(".upload");
  }
}

function isHidden({ name }: Entry): boolean {
  return name.startsWith(".");
}

customElements.define("csoundd-files", FilesPanel);
