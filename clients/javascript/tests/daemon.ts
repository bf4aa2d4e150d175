/** A daemon of one's own, on ports the system picks: for tests of this client, and of the page. Calls go by plain `fetch`. */

import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const COMMAND = process.env["CSOUNDD"] ?? join(import.meta.dirname, "../../../.venv/bin/csoundd");

export const PIECE = `<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
chn_k "cutoff", 3, 3, 800, 20, 8000
gisine ftgen 1, 0, 16, 10, 1
instr 1
  asig oscili 0.25, 440
  outs asig, asig
endin
instr 2
  outvalue "level", 0.5
  kasked invalue "asked"
  chnset kasked, "answered"
  if changed(kasked) == 1 then
    printks "asked %g\\n", 0, kasked
  endif
endin
</CsInstruments>
<CsScore>
i 1 0 3600
</CsScore>
</CsoundSynthesizer>
`;

export interface DaemonOptions {
  /** The text of a piece, which it plays. */
  readonly piece?: string;
  readonly port?: number;
  /** The workspace, a new one where none is given. */
  readonly folder?: string;
  /** More words for `csoundd serve`. */
  readonly args?: readonly string[];
}

/** What it was asked for and refused; `code` is the error's number. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";
  readonly code: number;

  constructor({ message, code }: { message: string; code: number }) {
    super(message);
    this.code = code;
  }
}

export class Daemon {
  readonly port: number;
  readonly folder: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number, folder: string) {
    this.#process = process;
    this.port = port;
    this.folder = folder;
  }

  static async start({ piece, port = 0, folder = mkdtempSync(join(tmpdir(), "csoundd-js-")), args = [] }: DaemonOptions = {}): Promise<Daemon> {
    const words = ["serve", "--port", String(port), "--osc-port", "0", "--osc-tcp-port", "0", "--oscquery-port", "0", "--no-mdns"];
    words.push("--workspace", folder, ...(args.includes("--state") ? [] : ["--no-state"]), ...args);
    if (piece !== undefined) {
      words.push(join(folder, "piece.csd"));
      writeFileSync(join(folder, "piece.csd"), piece);
    }
    const child = spawn(COMMAND, words, { stdio: ["ignore", "pipe", "ignore"] });
    for await (const line of createInterface(child.stdout)) {
      const found = /^csoundd ready http=[^ ]*:(\d+)/.exec(line);
      if (found !== null) return new Daemon(child, Number(found[1]), folder);
    }
    throw new Error(`${COMMAND} ended with ${child.exitCode ?? child.signalCode ?? "nothing"} before it was ready`);
  }

  /** The address of its WebSocket. */
  get url(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  /** The address of its page. */
  get page(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** The result of a call over HTTP. Throws CallFailed. */
  async call(method: string, params: unknown = [], token?: string): Promise<unknown> {
    const headers = { "content-type": "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = (await (await fetch(`${this.page}rpc`, { method: "POST", headers, body })).json()) as {
      result?: unknown;
      error?: { message: string; code: number };
    };
    if (answer.error !== undefined) throw new CallFailed(answer.error);
    return answer.result;
  }

  /** The largest file that it can write from now on; undefined for any. Linux alone can do that. */
  limitFiles(bytes: number | undefined): void {
    execFileSync("prlimit", ["--pid", String(this.#process.pid), `--fsize=${bytes ?? "unlimited"}:`]);
  }

  /** End it, as an operator does, or as a power cut. Its folder stays. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const over = once(this.#process, "exit");
    this.#process.kill(signal);
    await over;
  }

  /** End it, and leave nothing behind. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    await this.stop(signal);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A token of the state folder `state` that may do everything. */
export function adminToken(state: string): string {
  const words = ["token", "create", "--state", state, "--scope", "admin"];
  return execFileSync(COMMAND, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}
