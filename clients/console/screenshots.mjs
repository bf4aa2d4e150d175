/**
 * Pictures of the page: `docs/page.png`, which the README shows, and in the folder that is named, the page in light and dark,
 * at a desk and on a phone, with a piece and without. `make screenshots` runs it; somebody has to look at them.
 */

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const root = resolve(import.meta.dirname, "../..");
const folder = resolve(process.argv[2] ?? join(root, "build/screenshots"));
const DESK = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
/** Long enough for a few bars to be in the scope, the spectrum and the messages. */
const LOOK_MS = 4000;

async function serve(words) {
  const workspace = mkdtempSync(join(tmpdir(), "csoundd-shots-"));
  const ports = ["--port", "0", "--osc-port", "0", "--osc-tcp-port", "0", "--oscquery-port", "0", "--no-mdns"];
  const command = join(root, ".venv/bin/csoundd");
  const child = spawn(command, ["serve", ...words, ...ports], { cwd: workspace, stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface(child.stdout)) {
    const found = /^csoundd ready http=(\S+)/.exec(line);
    if (found !== null) {
      return { url: `http://${found[1]}/`, end: () => { child.kill(); rmSync(workspace, { recursive: true, force: true }); } };
    }
  }
  throw new Error("the daemon did not start");
}

async function shot(browser, url, options, path, isListening = false) {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    await page.goto(url);
    await page.getByRole("button", { name: isListening ? "Pause" : /^(Pause|Play)$/ }).first().waitFor();
    if (isListening) await page.getByRole("button", { name: "Listen" }).click();
    await page.waitForTimeout(LOOK_MS);
    await page.screenshot({ path, fullPage: options.isMobile === true });
  } finally {
    await context.close();
  }
}

mkdirSync(folder, { recursive: true });
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
try {
  for (const [name, words] of [["piece", [join(root, "examples/lantern.csd")]], ["empty", []]]) {
    const daemon = await serve(words);
    try {
      for (const colorScheme of ["dark", "light"]) {
        await shot(browser, daemon.url, { ...DESK, colorScheme }, join(folder, `${name}-desk-${colorScheme}.png`));
        await shot(browser, daemon.url, { ...PHONE, colorScheme }, join(folder, `${name}-phone-${colorScheme}.png`));
      }
      if (name === "piece") await shot(browser, daemon.url, { ...DESK, colorScheme: "dark" }, join(root, "docs/page.png"), true);
    } finally {
      daemon.end();
    }
  }
} finally {
  await browser.close();
}
