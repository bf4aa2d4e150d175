/** A daemon of one's own and a real Chromium, for tests of the page. Calls go by plain `fetch`, not by our client. */

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";

const COMMAND = process.env["CSOUNDD"] ?? join(import.meta.dirname, "../../../../.venv/bin/csoundd");

/** Where Chromium is; undefined where it is not installed. */
export const CHROMIUM = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name)))
  .find((path) => existsSync(path));

/** A tone of 440 Hz, or of what the channel "freq" says. */
export const TONE = `<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
#ifdef M_MAX_VALUE
#define KNOB #chnk#
#else
#define KNOB #chn_k#
#end
$KNOB "freq", 3, 2, 440, 100, 2000, 0, 0, 0, 0, {{unit=hz}}
chnset 440, "freq"
instr 1
  asound poscil 0.25, chnget:k("freq")
  outs asound, asound
endin
</CsInstruments>
<CsScore>
i 1 0 3600
</CsScore>
</CsoundSynthesizer>
`;

export const BROKEN = TONE.replace("asound poscil", "asound pocsil");
/** The line of the fault in it, from 1. */
export const FAULT_LINE = BROKEN.split("\n").findIndex((line) => line.includes("pocsil")) + 1;

export interface Options {
  port?: number;
  folder?: string;
  args?: readonly string[];
}

export class Daemon {
  readonly folder: string;
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number, folder: string) {
    this.#process = process;
    this.port = port;
    this.folder = folder;
  }

  /** Start one whose workspace is `folder`, a new one where none is given. */
  static async start({ port = 0, folder = mkdtempSync(join(tmpdir(), "csoundd-page-")), args = [] }: Options = {}): Promise<Daemon> {
    const ports = ["--port", String(port), "--osc-port", "0", "--osc-tcp-port", "0", "--oscquery-port", "0"];
    const words = ["serve", ...ports, "--workspace", folder, ...args];
    const child = spawn(COMMAND, words, { stdio: ["ignore", "pipe", "ignore"] });
    for await (const line of createInterface(child.stdout)) {
      const found = /^csoundd ready http=[^ ]*:(\d+)/.exec(line);
      if (found !== null) return new Daemon(child, Number(found[1]), folder);
    }
    throw new Error(`${COMMAND} ended with ${child.exitCode ?? child.signalCode ?? "nothing"} before it was ready`);
  }

  get page(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** The result of a call over HTTP. */
  async call(method: string, params: unknown = [], token?: string): Promise<unknown> {
    const headers = { "content-type": "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = (await (await fetch(`${this.page}rpc`, { method: "POST", headers, body })).json()) as {
      result?: unknown;
      error?: { message: string };
    };
    if (answer.error !== undefined) throw new Error(answer.error.message);
    return answer.result;
  }

  /** End it, as an operator does, or as a power cut; its folder stays. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const over = once(this.#process, "exit");
    this.#process.kill(signal);
    await over;
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The channels of a WAV file, and its rate. */
export function samplesOf(wav: Buffer): { rate: number; left: Float64Array } {
  const [channels, rate, bits] = [wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt16LE(34)];
  const data = wav.indexOf("data") + 8;
  const width = bits / 8;
  const left = new Float64Array(Math.floor((wav.length - data) / (width * channels)));
  for (const index of left.keys()) left[index] = wav.readIntLE(data + index * width * channels, width) / 2 ** (bits - 1);
  return { rate, left };
}

/** The frequency of a tone, from where it rises through zero, between samples. */
export function pitchOf({ rate, left }: { rate: number; left: Float64Array }): number {
  const rising: number[] = [];
  for (let at = 1; at < left.length; at += 1) {
    const [before, after] = [left[at - 1] ?? 0, left[at] ?? 0];
    if (before < 0 && after >= 0) rising.push(at - after / (after - before));
  }
  const [first, last] = [rising[0] ?? 0, rising.at(-1) ?? 0];
  return (rate * (rising.length - 1)) / (last - first);
}
