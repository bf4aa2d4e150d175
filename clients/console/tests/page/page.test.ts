/** The page in a real browser: what a person does with it, and what it says when something goes wrong. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Daemon, adminToken } from "../../../javascript/tests/daemon.js";
import { CHROMIUM, browse } from "../chromium.mjs";
import { BROKEN, FAULT_LINE, TONE, pitchOf, samplesOf } from "./harness.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PATIENCE = Number(process.env["PATIENCE"] ?? 45_000);
const POLL = { timeout: PATIENCE, interval: 50 };
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

interface Violation {
  id: string;
  nodes: { target: unknown; failureSummary: string }[];
}

describe.skipIf(CHROMIUM === undefined)("the page", () => {
  let browser: Browser;
  let daemon: Daemon;
  let contexts: BrowserContext[] = [];
  let page: Page;
  /** What pages have written into their console as an error, or thrown. */
  let errors: string[] = [];

  beforeAll(async () => {
    [browser, daemon] = await Promise.all([
      browse(),
      Daemon.start(),
    ]);
  });

  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    const wrong = errors;
    errors = [];
    expect(wrong).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    await daemon.end();
  });

  /** A page in a window of its own: one behind another is not drawn. */
  async function visited(options: BrowserContextOptions = {}, url = daemon.page, prepare?: (context: BrowserContext) => Promise<unknown>): Promise<Page> {
    const context = await browser.newContext(options);
    contexts.push(context);
    context.on("weberror", (thrown) => errors.push(String(thrown.error())));
    context.on("console", (message) => {
      if (message.type() === "error") errors.push(`${message.text()} ${message.location().url}`);
    });
    await prepare?.(context);
    const made = await context.newPage();
    made.setDefaultTimeout(PATIENCE);
    await made.goto(url);
    return made;
  }

  /** What a browser itself writes of a connection or an answer that was to be refused. */
  function expectErrors(kinds: RegExp): void {
    expect(errors.filter((each) => !kinds.test(each))).toEqual([]);
    errors = [];
  }

  const header = (on = page): Locator => on.locator("header");
  const button = (name: string | RegExp): Locator => header().getByRole("button", { name });
  const engine = (): Locator => page.getByRole("region", { name: "Engine" });
  const files = (): Locator => page.getByRole("region", { name: "Pieces and files" });
  const alert = (): Locator => page.getByRole("alert");
  const slider = (name: string, on = page): Locator => on.getByRole("slider", { name, exact: true });
  const value = (name: string): Promise<number> => daemon.call("channel.read", [name]) as Promise<number>;
  const shown = async (name: string, on = page): Promise<number> => Number(await slider(name, on).getAttribute("aria-valuenow"));

  /** The files of a recording that the page hands out. */
  async function downloaded(click: () => Promise<void>): Promise<ReturnType<typeof samplesOf>> {
    const [download] = await Promise.all([page.waitForEvent("download"), click()]);
    return samplesOf(readFileSync(await download.path()));
  }

  async function upload(name: string, text: string): Promise<void> {
    await files().locator('input[type="file"]').setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
    await files().getByText(name, { exact: true }).waitFor();
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
    page = await visited({ colorScheme: "light" });
    await page.getByRole("button", { name: /^Lantern/ }).waitFor();
    await expectAccessible();
    const keys = page.getByRole("region", { name: "Keyboard" }).locator(".keys");
    const box = await keys.boundingBox();
    await page.mouse.move((box?.x ?? 0) + 30, (box?.y ?? 0) + 80);
    await page.mouse.down();
    await header().getByText("playing", { exact: true }).waitFor();
    await slider("brightness").waitFor();
    await page.mouse.up();
    expect(await button(/^Listen/).getAttribute("aria-pressed")).toBe("true");
  });

  test("plays a file that was put there, says where another does not compile, and which channels are gone", async () => {
    page = await visited();
    await upload("tone.csd", TONE);
    await files().getByRole("button", { name: "Play tone.csd" }).click();
    await slider("freq").waitFor();
    await upload("broken.csd", BROKEN);
    await files().getByRole("button", { name: "Play broken.csd" }).click();
    await alert().getByText("broken.csd does not compile; what played goes on").waitFor();
    await alert().getByText(`line ${FAULT_LINE}`).first().waitFor();
    expect(await alert().locator("pre").first().textContent()).toContain("pocsil");
    expect(await daemon.call("engine.info")).toMatchObject({ state: "playing" });
    await daemon.call("engine.load", { text: TONE.replaceAll('"level"', '"loudness"') });
    await page.getByText("no longer in the piece: level").waitFor();
    await slider("loudness").waitFor();
    expect(await slider("level").count()).toBe(0);
    // By keys alone: what is asked has the focus, Escape leaves it as it is, and the focus is where it was.
    const focused = (name: string, within = files()): Promise<void> =>
      expect.poll(() => within.getByRole("button", { name, exact: true }).evaluate((element) => element.matches(":focus")), POLL).toBe(true);
    for (const [panel, first, asked] of [[files(), "Delete broken.csd", "Delete it"], [engine(), "New engine…", "Start a new one"]] as const) {
      await panel.getByRole("button", { name: first }).press("Enter");
      await focused(asked, panel);
      await page.keyboard.press("Escape");
      await focused(first, panel);
    }
    await files().locator('input[type="file"]').setInputFiles({ name: "broken.csd", mimeType: "text/plain", buffer: Buffer.from(TONE) });
    await alert().getByText("broken.csd is there already.").waitFor();
    expect(await (await fetch(`${daemon.page}files/broken.csd`)).text()).toBe(BROKEN);
    await focused("Replace");
    await page.keyboard.press("Enter");
    await focused("Upload");
    expect(await (await fetch(`${daemon.page}files/broken.csd`)).text()).toBe(TONE);
  });

  describe("of a piece that plays", () => {
    beforeEach(async () => {
      const channels = (await daemon.call("channel.list", ["level"])) as unknown[];
      if (channels.length === 0) await daemon.call("engine.load", { text: TONE, path: "tone.csd" });
      await daemon.call("channel.set", [{ freq: 440, level: 0.25 }]);
    });

    test("is heard as it plays, two clicks after it was opened, and the last minute of it can be kept", async () => {
      page = await visited({ colorScheme: "dark" });
      await button(/^Listen/).click();
      await header().getByText(/dropouts?$/).waitFor();
      await button(/^Keep last [3-9]/).waitFor();
      const heard = await downloaded(() => button(/^Keep last/).click());
      expect(Math.abs(pitchOf({ ...heard, left: heard.left.slice(-heard.rate) }) - 440)).toBeLessThan(1);
      await expectAccessible();
    });

    test("moves a channel by mouse, by keys and by two fingers; another page follows, and there is no echo", async () => {
      const [desk, phone] = await Promise.all([visited(), visited(PHONE)]);
      page = desk;
      await slider("freq", phone).waitFor();
      const box = await slider("freq").boundingBox();
      const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
      await desk.mouse.click(x, y);
      await expect.poll(() => value("freq"), POLL).toBeCloseTo(1050, -1);
      await expect.poll(() => shown("freq", phone), POLL).toBeCloseTo(await value("freq"), 6);
      await slider("freq").evaluate((element) => {
        const seen: number[] = ((globalThis as unknown as { seen: number[] }).seen = []);
        new MutationObserver(() => seen.push(Number(element.getAttribute("aria-valuenow")))).observe(element, { attributeFilter: ["aria-valuenow"] });
      });
      for (let press = 0; press < 20; press += 1) await desk.keyboard.press("ArrowUp");
      await expect.poll(() => value("freq"), POLL).toBeGreaterThan(1300);
      await expect.poll(() => shown("freq", phone), POLL).toBeCloseTo(await value("freq"), 6);
      await expect.poll(() => shown("freq"), POLL).toBeCloseTo(await value("freq"), 6);
      const seen = await desk.evaluate(() => (globalThis as unknown as { seen: number[] }).seen);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));

      const [freq, level] = [await value("freq"), await value("level")];
      const touch = await phone.context().newCDPSession(phone);
      await slider("freq", phone).scrollIntoViewIfNeeded();
      const [one, two] = [await slider("freq", phone).boundingBox(), await slider("level", phone).boundingBox()];
      const fingers = (by: number): object[] => [one, two].map((at, id) => (
        { id, x: (at?.x ?? 0) + (at?.width ?? 0) / 2 + (id === 0 ? -by : by), y: (at?.y ?? 0) + (at?.height ?? 0) / 2 }));
      await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: fingers(0) as never });
      for (const by of [5, 20, 40, 60]) await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: fingers(by) as never });
      await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
      await expect.poll(() => value("freq"), POLL).toBeLessThan(freq - 100);
      await expect.poll(() => value("level"), POLL).toBeGreaterThan(level + 0.02);
      await expect.poll(() => shown("level"), POLL).toBeCloseTo(await value("level"), 6);
    });

    test("plays a chord by the computer's keys, and what a MIDI keyboard plays", async () => {
      // What a browser has of a MIDI keyboard, as far as a page sees it.
      page = await visited({}, daemon.page, (context) => context.addInitScript(() => {
        const input = { id: "1", name: "Two octaves", state: "connected", onmidimessage: undefined as ((event: object) => void) | undefined };
        const access = { inputs: new Map([["1", input]]), onstatechange: undefined };
        Object.assign(globalThis, { sendMidi: (...data: number[]) => input.onmidimessage?.({ data: Uint8Array.from(data) }) });
        Object.defineProperty(navigator, "requestMIDIAccess", { value: () => Promise.resolve(access) });
      }));
      const midi = (...data: number[]): Promise<void> => page.evaluate(`sendMidi(${data.join()})`);
      const keyboard = page.getByRole("region", { name: "Keyboard" });
      await slider("freq").waitFor();
      await keyboard.locator(".keys").focus();
      for (const key of ["a", "d", "g"]) await page.keyboard.down(key);
      await expect.poll(() => value("notes"), POLL).toBe(3);
      for (const key of ["a", "d", "g"]) await page.keyboard.up(key);
      await expect.poll(() => value("notes"), POLL).toBe(0);
      await keyboard.getByLabel("Instrument").fill("Gong");
      await keyboard.getByLabel("Instrument").press("Enter");
      await keyboard.locator(".keys").press("a");
      await keyboard.getByText("there is no instrument Gong in this piece, it has 1, Note").waitFor();
      await keyboard.getByLabel("Instrument").fill("Note");
      await keyboard.getByLabel("Instrument").press("Enter");
      // Who has chosen plays: the keys have the focus.
      await page.keyboard.down("a");
      await expect.poll(() => value("notes"), POLL).toBe(1);
      // Macs tell of no key that is let go while Command is down.
      await page.keyboard.down("Meta");
      await expect.poll(() => value("notes"), POLL).toBe(0);
      await page.keyboard.up("Meta");
      await keyboard.getByRole("button", { name: "MIDI" }).click();
      await keyboard.getByText("MIDI: Two octaves").waitFor();
      for (const note of [60, 64]) await midi(0x90, note, 100);
      await expect.poll(() => value("notes"), POLL).toBe(2);
      await midi(0x90, 60, 0);
      await midi(0x80, 64, 0);
      await expect.poll(() => value("notes"), POLL).toBe(0);
    });

    test("stores two presets, recalls one, and has what lies between them", async () => {
      page = await visited();
      await slider("freq").waitFor();
      for (const [name, freq] of [["low", 200], ["high", 1200]] as const) {
        await daemon.call("channel.set", [{ freq }]);
        await page.getByLabel("Name of the preset").fill(name);
        await page.getByRole("button", { name: "Store" }).click();
        await page.getByRole("button", { name, exact: true }).waitFor();
      }
      await page.getByRole("button", { name: "low", exact: true }).click();
      await expect.poll(() => value("freq"), POLL).toBe(200);
      await page.getByRole("slider", { name: "Morph" }).fill("0.5");
      await expect.poll(() => value("freq"), POLL).toBeCloseTo(700, 6);
      const file = (await (await fetch(`${daemon.page}files/tone.presets.json`)).json()) as { presets: { name: string }[] };
      expect(file.presets.map(({ name }) => name)).toEqual(["low", "high"]);
      await daemon.call("engine.load", { text: TONE, path: "other.csd" });
      await header().getByText("other.csd").waitFor();
      await expect.poll(() => page.getByRole("button", { name: "low", exact: true }).count(), POLL).toBe(0);
    });

    test("records, and hands out what it has recorded", async () => {
      page = await visited();
      await button(/^Record$/).click();
      await button(/^0:0[1-9]/).click();
      await button(/^Record$/).waitFor();
      await files().getByRole("button", { name: /^Download take-/ }).waitFor();
      const take = await downloaded(() => button(/^Download the recording take-/).click());
      expect(take.left.length).toBeGreaterThan(take.rate / 4);
      expect(Math.abs(pitchOf(take) - 440)).toBeLessThan(1);
    });

    test.skipIf(process.platform !== "linux")("says that the disk is full", async () => {
      page = await visited();
      await slider("freq").waitFor();
      daemon.limitFiles(60_000);
      try {
        await button(/^Record$/).click();
        await alert().getByText(/take-\d+-\d+\.wav.* ended early/).waitFor();
        await button(/^Record$/).waitFor();
        await files().locator('input[type="file"]').setInputFiles({ name: "big.wav", mimeType: "audio/wav", buffer: Buffer.alloc(200_000) });
        await alert().getByText(/big\.wav/).waitFor();
        expectErrors(/507 \(Insufficient Storage\)/);
      } finally {
        daemon.limitFiles(undefined);
      }
    });

    test("shows that the engine died, and goes on with the one that takes its place", async () => {
      page = await visited();
      await slider("freq").press("PageUp");
      await expect.poll(() => value("freq"), POLL).toBeCloseTo(630, 6);
      process.kill(((await daemon.call("engine.info")) as { pid: number }).pid, "SIGKILL");
      await engine().getByText(/It died/).waitFor();
      await engine().getByText(/It is back/).waitFor();
      await header().getByText("playing", { exact: true }).waitFor();
      expect(await value("freq")).toBeCloseTo(630, 6);
      await page.keyboard.press("PageDown");
      await expect.poll(() => value("freq"), POLL).toBeCloseTo(440, 6);
    });

    test("outlives the daemon, and needs no click for the next one", async () => {
      page = await visited();
      await slider("freq").waitFor();
      const { port, folder } = daemon;
      await daemon.stop("SIGKILL");
      await page.getByText(/^No connection/).waitFor();
      expect(await header().getByText("playing", { exact: true }).count()).toBe(0);
      daemon = await Daemon.start({ port, folder, piece: TONE });
      await header().getByText("playing", { exact: true }).waitFor();
      await slider("freq").press("PageUp");
      await expect.poll(() => value("freq"), POLL).toBeCloseTo(630, 6);
      expectErrors(/net::ERR_\w*CONNECT|426 \(Upgrade Required\)/);
    });
  });

  test("says that a daemon speaks another version", async () => {
    // "protocol", and the number 1 as msgpack has it, becomes 9 on the way.
    const [is, was] = [Buffer.from("\u00a8protocol\u0009", "latin1"), Buffer.from("\u00a8protocol\u0001", "latin1")];
    page = await visited({}, daemon.page, (context) =>
      context.routeWebSocket(/\/ws$/, (socket) => {
        const server = socket.connectToServer();
        socket.onMessage((frame) => {
          const bytes = Buffer.from(frame);
          const at = bytes.indexOf(was);
          if (at >= 0) is.copy(bytes, at);
          server.send(bytes);
        });
      }),
    );
    await alert().getByText(/do not understand each other: .*protocol 9 is not supported/s).waitFor();
  });

  test("asks for a token and says how to get one, and again when it is revoked", async () => {
    const state = mkdtempSync(join(tmpdir(), "csoundd-state-"));
    const admin = adminToken(state);
    const guarded = await Daemon.start({ args: ["--auth", "required", "--state", state] });
    try {
      const { token, id } = (await guarded.call("token.create", { name: "page", scope: "read" }, admin)) as { token: string; id: string };
      page = await visited({}, guarded.page);
      const dialog = page.getByRole("dialog", { name: "A token, please" });
      await dialog.getByText("This daemon asks for a token.").waitFor();
      await dialog.getByText("csoundd pair", { exact: false }).first().waitFor();
      await expectAccessible();
      await dialog.getByLabel("Token").fill("csd_wrong");
      await page.keyboard.press("Enter");
      await dialog.getByText(/^The token is not valid/).waitFor();
      await dialog.getByLabel("Token").fill(token);
      await page.keyboard.press("Enter");
      await dialog.waitFor({ state: "hidden" });
      await page.reload();
      await engine().getByText("ready").waitFor();
      // Who may only look is offered nothing else.
      expect(await page.getByRole("button", { name: /^Lantern/ }).isDisabled()).toBe(true);
      await guarded.call("token.revoke", [id], admin);
      await dialog.getByText(/revoked/).waitFor();
      expectErrors(/401 \(Unauthorized\)|HTTP Authentication failed/);
    } finally {
      await guarded.end();
      rmSync(state, { recursive: true });
    }
  });
});
