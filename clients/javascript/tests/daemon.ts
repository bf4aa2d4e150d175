/** A daemon of one's own for a test, on ports the system picks. */

import { spawn } from "node:child_process";
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

export class Daemon {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number, folder: string) {
    this.#process = process;
    this.port = port;
    this.url = `ws://127.0.0.1:${port}/ws`;
    this.folder = folder;
  }

  /** Start one that plays the piece above, or `code`; at `port` where that is given, with `options` of the command. */
  static async start(code = PIECE, port = 0, options: readonly string[] = []): Promise<Daemon> {
    const folder = mkdtempSync(join(tmpdir(), "csoundd-js-"));
    const piece = join(folder, "piece.csd");
    writeFileSync(piece, code);
    const ports = ["--no-state", "--port", String(port), "--osc-port", "0", "--osc-tcp-port", "0", "--oscquery-port", "0"];
    const child = spawn(COMMAND, ["serve", piece, ...ports, "--workspace", folder, ...options], { stdio: ["ignore", "pipe", "ignore"] });
    for await (const line of createInterface(child.stdout)) {
      const found = /^csoundd ready http=[^ ]*:(\d+)/.exec(line);
      if (found !== null) return new Daemon(child, Number(found[1]), folder);
    }
    throw new Error(`${COMMAND} ended with ${child.exitCode ?? child.signalCode ?? "nothing"} before it was ready`);
  }

  /** End it, as an operator does, or as a power cut. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const over = once(this.#process, "exit");
      this.#process.kill(signal);
      await over;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
