/** What the programs that look at the page have in common: a daemon of this repository. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

export const ROOT = resolve(import.meta.dirname, "../../..");

/** A daemon with the words after `csoundd serve`, in a workspace of its own; `end` ends it and removes that. */
export async function serve(words) {
  const workspace = mkdtempSync(join(tmpdir(), "csoundd-page-"));
  const ports = ["--port", "0", "--osc-port", "0", "--osc-tcp-port", "0", "--oscquery-port", "0", "--no-mdns"];
  const command = join(ROOT, ".venv/bin/csoundd");
  const child = spawn(command, ["serve", ...words, ...ports], { cwd: workspace, stdio: ["ignore", "pipe", "ignore"] });
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const over = once(child, "exit");
      child.kill();
      await over;
    }
    rmSync(workspace, { recursive: true, force: true });
  };
  for await (const line of createInterface(child.stdout)) {
    const found = /^csoundd ready http=(\S+)/.exec(line);
    if (found !== null) return { url: `http://${found[1]}/`, call: caller(`http://${found[1]}/rpc`), workspace, end };
  }
  await end();
  throw new Error("the daemon did not start");
}

/** Calls methods over HTTP, by position. */
function caller(url) {
  return async (method, ...params) => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const { result, error } = await (await fetch(url, { method: "POST", headers, body })).json();
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
}
