/** The files of the workspace, and the recording of what plays into one of them. */

import { WrongState } from "csoundd-client";
import type { Connection, Stop } from "./connection.js";
import { pathInUrl } from "./piece.js";

export interface Entry {
  readonly name: string;
  readonly kind: "file" | "folder";
  readonly size: number | null;
  readonly modified: number;
}

/** A recording: where it goes, and since when. */
export interface Take {
  readonly path: string;
  readonly since: number;
}

/** What the daemon said about a file that it did not read or write. */
export class FileRefused extends Error {
  override readonly name = "FileRefused";
  /** The number of the daemon's answer; undefined where it gave none. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Tells of every change by the event `change`. */
export class Workspace extends EventTarget {
  readonly #connection: Connection;
  #folder = "";
  #entries: readonly Entry[] = [];
  #refusal = "";
  #take: Take | undefined;
  #done: readonly string[] = [];
  #uploading: string | undefined;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
    connection.onState((state) => {
      if (state === "connected") void this.list();
    });
    // A recording also ends with the performance, a reset, a disk that is full, and when another client stops it.
    connection.subscribe("engine", {}, ({ event, recording, reason }) => {
      if (event !== "recorded" || this.#take === undefined || recording !== this.#take.path) return;
      this.#finish(this.#take);
      if (reason !== null) connection.fail(new FileRefused(`It is not recorded any more: ${reason}. What was recorded is kept.`));
    });
  }

  /** The folder that is shown, empty for the workspace itself. */
  get folder(): string {
    return this.#folder;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Why the folder cannot be shown; empty where it can. */
  get refusal(): string {
    return this.#refusal;
  }

  /** The recording that this page has begun; undefined where there is none. */
  get take(): Take | undefined {
    return this.#take;
  }

  /** The recordings that this page has made, the latest first. */
  get takes(): readonly string[] {
    return this.#done;
  }

  /** What is on its way to the workspace; undefined where nothing is. */
  get uploading(): string | undefined {
    return this.#uploading;
  }

  onChange(called: () => void): Stop {
    this.addEventListener("change", called);
    called();
    return () => {
      this.removeEventListener("change", called);
    };
  }

  pathOf(name: string): string {
    return this.#folder === "" ? name : `${this.#folder}/${name}`;
  }

  /** Show a folder, or the one that is shown anew. */
  async list(folder = this.#folder): Promise<void> {
    try {
      const answer = await this.#request(`files/${pathInUrl(folder)}`, {}, folder);
      const { entries } = (await answer.json()) as { entries: Entry[] };
      [this.#folder, this.#entries, this.#refusal] = [folder, entries, ""];
    } catch (error) {
      // A folder that is gone: what is around it is there.
      if (folder !== "" && folder === this.#folder) {
        await this.list(folder.split("/").slice(0, -1).join("/"));
        return;
      }
      [this.#entries, this.#refusal] = [[], (error as Error).message];
    }
    this.#tell();
  }

  /**
   * Put files into the folder that is shown: `sent` are there, `taken` are not, since others have their names; those are
   * replaced only where that is meant.
   */
  async upload(files: readonly File[], replaces: boolean): Promise<{ sent: readonly string[]; taken: readonly File[] }> {
    const limit = this.#connection.cs?.welcome.limits["file"] ?? Infinity;
    const [sent, taken]: [string[], File[]] = [[], []];
    const headers: Record<string, string> = replaces ? {} : { "if-none-match": "*" };
    for (const file of files) {
      this.#uploading = file.name;
      this.#tell();
      try {
        if (file.size > limit) throw new FileRefused(`${file.name} is larger than the daemon takes: ${sizeText(limit)}`);
        // To be told that a name is taken would be an error in the browser's console, so what is known is not asked.
        if (!replaces && this.#entries.some(({ name }) => name === file.name)) taken.push(file);
        else {
          await this.#request(`files/${pathInUrl(this.pathOf(file.name))}`, { method: "PUT", body: file, headers }, file.name);
          sent.push(file.name);
        }
      } catch (error) {
        if (error instanceof FileRefused && error.status === 412) taken.push(file);
        else this.#connection.fail(error);
      }
    }
    this.#uploading = undefined;
    await this.list();
    return { sent, taken };
  }

  async remove(name: string): Promise<void> {
    try {
      await this.#request(`files/${pathInUrl(this.pathOf(name))}`, { method: "DELETE" }, name);
    } catch (error) {
      this.#connection.fail(error);
    }
    await this.list();
  }

  /** Have the browser keep a file of the workspace. */
  async download(path: string): Promise<void> {
    await this.#connection.attempt(async (cs) => {
      let url = this.#connection.httpUrl(`files/${pathInUrl(path)}`);
      // What the browser fetches by itself can show no token.
      if (this.#connection.token !== undefined) url += `?ticket=${(await cs.session.ticket(`/files/${pathInUrl(path)}`)).ticket}`;
      keep(url, path.split("/").at(-1) ?? path);
    });
  }

  /** Record what plays into a new file of the workspace. */
  async record(): Promise<void> {
    const path = `take-${stamp(new Date())}.wav`;
    await this.#connection.attempt(async (cs) => {
      try {
        await cs.thread.record(path, 24, 4);
      } catch (error) {
        if (error instanceof WrongState) throw new WrongState(`It is being recorded already. ${error.message}`, error.code, {});
        throw error;
      }
      this.#take = { path, since: Date.now() };
      this.#tell();
    });
  }

  /** End the recording; its file is complete then. */
  async stopRecording(): Promise<void> {
    const take = this.#take;
    await this.#connection.attempt((cs) => cs.thread.stopRecord());
    if (take !== undefined && take === this.#take) this.#finish(take);
  }

  #finish(take: Take): void {
    this.#take = undefined;
    this.#done = [take.path, ...this.#done];
    this.#tell();
    void this.list();
  }

  async #request(path: string, init: RequestInit, name: string): Promise<Response> {
    let answer: Response;
    try {
      answer = await this.#connection.fetch(path, { cache: "no-store", ...init });
    } catch {
      throw new FileRefused(`${name}: the daemon does not answer`);
    }
    if (answer.ok) return answer;
    const body = (await answer.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
    throw new FileRefused(body?.error?.message ?? `${name}: the daemon answers ${answer.status}`, answer.status);
  }

  #tell(): void {
    this.dispatchEvent(new Event("change"));
  }
}

/** Have the browser save what is at `url`. */
export function keep(url: string, name: string): void {
  const link = document.createElement("a");
  [link.href, link.download] = [url, name];
  link.click();
}

/** A moment as a part of a file's name: 20250131-235959. */
export function stamp(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

const workspaces = new WeakMap<Connection, Workspace>();

/** The workspace of a connection, the same one for whoever asks. */
export function workspaceOf(connection: Connection): Workspace {
  const known = workspaces.get(connection) ?? new Workspace(connection);
  workspaces.set(connection, known);
  return known;
}
