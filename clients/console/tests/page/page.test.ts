/** The page in a real browser: what a person does with it, and what it says when something goes wrong. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Daemon } from "../../../javascript/tests/daemon.js";
import { BROKEN, CHROMIUM, FAULT_LINE, TONE, pitchOf, samplesOf } from "./harness.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PATIENCE = Number(process.env["PATIENCE"] ?? 45_000);

interface Violation {
  id: string;
  nodes: { target: unknown; failureSummary: string }[];
}

describe.skipIf(CHROMIUM === undefined)("the page", () => {
  let browser: Browser;
  let daemon: Daemon;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    [browser, daemon] = await Promise.all([
      chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox", "--disable-gpu"] }),
      Daemon.start(),
    ]);
  });

  afterEach(async () => {
    await context.close();
  });

  afterAll(async () => {
    await browser.close();
    await daemon.end();
  });

  async function visited(url: string, options: object = {}): Promise<Page> {
    const made = await (context = await browser.newContext({ acceptDownloads: true, ...options })).newPage();
    return opened(made, url);
  }

  async function opened(made: Page, url: string): Promise<Page> {
    made.setDefaultTimeout(PATIENCE);
    await made.goto(url);
    return made;
  }

  const header = () => page.locator("header");
  const button = (name: string | RegExp) => header().getByRole("button", { name });
  const files = () => page.getByRole("region", { name: "Pieces and files" });
  const alert = () => page.getByRole("alert");

  async function upload(name: string, text: string): Promise<void> {
    await files().locator('input[type="file"]').setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
    await files().getByText(name, { exact: true }).waitFor();
  }

  async function playTone(): Promise<void> {
    await upload("tone.csd", TONE);
    await files().getByRole("button", { name: "Play tone.csd" }).click();
    await header().getByText("tone.csd", { exact: true }).waitFor();
    await page.getByRole("slider", { name: "freq" }).waitFor();
  }

  async function expectAccessible(): Promise<void> {
    await page.evaluate(AXE);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } };
      return (await axe.run()).violations;
    });
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target, failureSummary }) => [target, failureSummary])])).toEqual([]);
  }

  test("with nothing loaded offers pieces, and a key sounds at once", async () => {
    page = await visited(daemon.page, { colorScheme: "light" });
    await page.getByRole("button", { name: /^Lantern/ }).waitFor();
    await expectAccessible();
    const keys = page.getByRole("region", { name: "Keyboard" }).locator(".keys");
    const box = await keys.boundingBox();
    await page.mouse.move((box?.x ?? 0) + 30, (box?.y ?? 0) + 80);
    await page.mouse.down();
    await header().getByText("playing", { exact: true }).waitFor();
    await page.getByRole("slider", { name: "brightness" }).waitFor();
    await page.waitForFunction(() => document.querySelector("csoundd-console")?.shadowRoot?.querySelector("csoundd-meter") !== null);
    await page.mouse.up();
    expect(await button(/^Listen/).getAttribute("aria-pressed")).toBe("true");
  });

  test("is heard as it plays, two clicks after it was opened", async () => {
    page = await visited(daemon.page, { colorScheme: "dark" });
    await playTone();
    await button(/^Listen/).click();
    await header().getByText(/dropouts?$/).waitFor();
    await button(/^Keep last [3-9]/).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), button(/^Keep last/).click()]);
    const heard = samplesOf(readFileSync(await download.path()));
    expect(Math.abs(pitchOf({ ...heard, left: heard.left.slice(-heard.rate) }) - 440)).toBeLessThan(1);
    await expectAccessible();
  });

  test("says where a piece does not compile, while what played goes on", async () => {
    page = await visited(daemon.page);
    await playTone();
    await upload("broken.csd", BROKEN);
    await files().getByRole("button", { name: "Play broken.csd" }).click();
    await alert().getByText("broken.csd does not compile; what played goes on").waitFor();
    await alert().getByText(`line ${FAULT_LINE}`).first().waitFor();
    expect(await alert().locator("pre").first().textContent()).toContain("pocsil");
    expect(await daemon.call("engine.info")).toMatchObject({ state: "playing" });
  });

  test("says that a daemon speaks another version", async () => {
    context = await browser.newContext();
    const made = await context.newPage();
    // "protocol", and the number 1 as msgpack has it, becomes 9 on the way.
    const [is, was] = [Buffer.from("\u00a8protocol\u0009", "latin1"), Buffer.from("\u00a8protocol\u0001", "latin1")];
    await made.routeWebSocket(/\/ws$/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((frame) => {
        const bytes = Buffer.from(frame);
        const at = bytes.indexOf(was);
        if (at >= 0) is.copy(bytes, at);
        server.send(bytes);
      });
    });
    page = await opened(made, daemon.page);
    await alert().getByText(/do not understand each other: .*protocol 9 is not supported/s).waitFor();
  });
});
