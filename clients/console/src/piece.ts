/** Loading a piece from this page, and what was wrong with it. */

import type { Diagnostic } from "csoundd-client";
import type { Connection, Stop } from "./connection.js";

/** A piece to load: a file of the workspace, or a text with a name. */
export interface Source {
  readonly name: string;
  readonly path?: string;
  readonly text?: () => Promise<string>;
}

/** What a piece was refused for: at most so many lines, each with the line of the piece that it is about. */
export interface Fault {
  readonly line: number;
  readonly file: string;
  readonly message: string;
  readonly severity: Diagnostic["severity"];
  readonly source: string;
}

const SHOWN_FAULTS = 12;

/** Tells of every change by the event `change`. */
export class Piece extends EventTarget {
  readonly #connection: Connection;
  #loading = "";
  #failed = "";
  #faults: readonly Fault[] = [];

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
  }

  /** What is being loaded; empty where nothing is. */
  get loading(): string {
    return this.#loading;
  }

  /** What could not be loaded, and why. */
  get failed(): string {
    return this.#failed;
  }

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  onChange(called: () => void): Stop {
    this.addEventListener("change", called);
    called();
    return () => {
      this.removeEventListener("change", called);
    };
  }

  /** Play a piece in the place of what plays. Whether it does; if not, `faults` say why. */
  async load(source: Source): Promise<boolean> {
    if (this.#loading !== "") return false;
    [this.#loading, this.#failed, this.#faults] = [source.name, "", []];
    this.#tell();
    const done = await this.#connection.attempt(async (cs) => {
      const text = await source.text?.();
      const report = await cs.engine.load(text ?? null, source.path ?? source.name);
      if (!report.ok) this.#failed = source.name;
      await this.#describe(report.diagnostics, source, text);
      return report.ok;
    });
    this.#loading = "";
    this.#tell();
    if (done === true) this.#connection.channels.refresh();
    return done === true;
  }

  /** Show no faults any more. */
  dismiss(): void {
    [this.#failed, this.#faults] = ["", []];
    this.#tell();
  }

  async #describe(diagnostics: readonly Diagnostic[], source: Source, text: string | undefined): Promise<void> {
    const shown = diagnostics.slice(0, SHOWN_FAULTS);
    let lines: readonly string[] = [];
    if (shown.some(({ line, file }) => line > 0 && file === "")) {
      lines = (text ?? (await this.#textOf(source.path ?? ""))).split(/\r\n|\r|\n/);
    }
    this.#faults = shown.map(({ line, file, message, severity }) => {
      return { line, file, message, severity, source: file === "" && line > 0 ? (lines[line - 1]?.trim() ?? "") : "" };
    });
  }

  async #textOf(path: string): Promise<string> {
    const answer = await this.#connection.fetch(`files/${pathInUrl(path)}`).catch(() => undefined);
    return answer?.ok === true ? await answer.text() : "";
  }

  #tell(): void {
    this.dispatchEvent(new Event("change"));
  }
}

/** A path of the workspace as it stands in an address. */
export function pathInUrl(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

const pieces = new WeakMap<Connection, Piece>();

/** The piece of a connection, the same one for whoever asks. */
export function pieceOf(connection: Connection): Piece {
  const known = pieces.get(connection) ?? new Piece(connection);
  pieces.set(connection, known);
  return known;
}
