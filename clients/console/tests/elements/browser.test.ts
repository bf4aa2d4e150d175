/** The elements in a real browser, on a page of another origin, with a daemon that plays a piece made for it. */

import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connect } from "csoundd-client";
import type { Client } from "csoundd-client";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Daemon } from "../../../javascript/tests/daemon.js";
import { History, Spectrum } from "../../src/elements/signal.js";
import { browse } from "../chromium.mjs";

const ROOT = join(import.meta.dirname, "../../../..");
const PATIENCE = { timeout: 30_000, interval: 50 };

const PIECE = `<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 2
nchnls_i = 1
0dbfs = 1
#ifdef M_MAX_VALUE
#define KNOB #chnk#
#else
#define KNOB #chn_k#
#end
$KNOB "cutoff", 3, 3, 1400, 60, 12000, 0, 0, 0, 0, {{unit=hz description="Where the filter rests"}}
chnset 1400, "cutoff"
$KNOB "resonance", 3, 2, 0.35, 0, 0.95
chnset 0.35, "resonance"
$KNOB "fx/echo", 3, 2, 0.5, 0, 1
chnset 0.5, "fx/echo"
$KNOB "fx/on", 3, 1, 1, 0, 1
chnset 1, "fx/on"
$KNOB "wave", 3, 1, 0, 0, 2, 0, 0, 0, 0, {{vals=0,1,2 names=sine,saw,square}}
chn_S "title", 3
chnset "Nocturne", "title"
instr Note
  aout = poscil(0.2 * p5, cpsmidinn(p4)) * linsegr:a(0, 0.01, 1, 0.02, 0)
  out aout, aout
endin
instr 99
  ain inch 1
  out ain, ain
endin
</CsInstruments>
<CsScore>
i 99 0 z
</CsScore>
</CsoundSynthesizer>
`;

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>elements</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root { color-scheme: light dark; background: light-dark(#fff, #111); color: light-dark(#111, #eee) } main { display: grid; gap: 16px; padding: 16px }</style>
<script type="module" src="DAEMON/assets/elements.js"></script>
<main><h1>Elements</h1><csoundd-slider channel="cutoff"></csoundd-slider><csoundd-slider id="second" channel="resonance"></csoundd-slider>
<csoundd-slider vertical channel="fx/echo"></csoundd-slider><csoundd-knob channel="resonance"></csoundd-knob><csoundd-toggle channel="fx/on"></csoundd-toggle>
<csoundd-choice channel="wave"></csoundd-choice><csoundd-number channel="cutoff"></csoundd-number><csoundd-text channel="title"></csoundd-text>
<csoundd-button event='i "Note" 0 0.1 60 0.5' label="Ping"></csoundd-button><csoundd-xy x="cutoff" y="resonance"></csoundd-xy>
<csoundd-keyboard instrument="Note"></csoundd-keyboard><csoundd-meter></csoundd-meter><csoundd-scope></csoundd-scope>
<csoundd-spectrum></csoundd-spectrum><csoundd-presets src="test.presets.json"></csoundd-presets><csoundd-panel></csoundd-panel></main></html>`;

let [daemon, site, browser, cs, origin, http] = [] as unknown as [Daemon, Server, Browser, Client, string, string];
let page: Page;

/** A wave file of a sine, which the browser's microphone hears again and again. */
function tone(hertz: number): Buffer {
  const samples = Int16Array.from({ length: 48_000 }, (_, index) => 16_000 * Math.sin((2 * Math.PI * hertz * index) / 48_000));
  const head = Buffer.alloc(44);
  head.write("RIFF");
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  for (const [at, value] of [[20, 1], [22, 1], [32, 2], [34, 16]] as const) head.writeUInt16LE(value, at);
  for (const [at, value] of [[24, 48_000], [28, 96_000], [40, samples.byteLength]] as const) head.writeUInt32LE(value, at);
  head.write("data", 36);
  return Buffer.concat([head, Buffer.from(samples.buffer)]);
}

/** Decibels of what sounds in the engine from now on, at each of some frequencies. */
async function heard(...frequencies: readonly number[]): Promise<number[]> {
  const history = new History(8192);
  let frames = 0;
  for await (const block of cs.stream("spout", { block: 1024, channels: [0] })) {
    history.write(block.data as Float32Array, 0, 1);
    frames += 1024;
    if (frames >= history.length) break;
  }
  const levels = new Spectrum(history.length).measure(history);
  const level = (hertz: number): number => {
    const bin = Math.round((hertz * history.length) / 48_000);
    return Math.max(...levels.slice(bin - 1, bin + 2));
  };
  return frequencies.map(level);
}

async function value(name: string): Promise<unknown> {
  return (await cs.channel.get(name))[name];
}

async function opened(context: BrowserContext): Promise<Page> {
  const made = await context.newPage();
  await made.goto(origin);
  await made.locator("csoundd-slider").first().getByText(/\d+ Hz/).waitFor();
  return made;
}

const handle = (on: Page, selector: string): ReturnType<Page["locator"]> => on.locator(selector).locator("[role=slider]").first();

async function middle(on: Page, selector: string): Promise<{ x: number; y: number; width: number }> {
  await handle(on, selector).scrollIntoViewIfNeeded();
  const box = await handle(on, selector).boundingBox();
  if (box === null) throw new Error(`${selector} is not seen`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, width: box.width };
}

beforeAll(async () => {
  site = createServer((request, answer) => {
    answer.setHeader("content-type", "text/html");
    const policy = new URL(request.url ?? "/", "http://localhost").searchParams.get("policy");
    if (policy) answer.setHeader("content-security-policy", policy);
    const text = request.url === "/lantern.html" ? readFileSync(join(ROOT, "examples/lantern.html"), "utf8") : PAGE;
    answer.end(text.replace("http://127.0.0.1:7700", "DAEMON").replaceAll("DAEMON", http));
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  origin = `http://localhost:${(site.address() as AddressInfo).port}`;
  daemon = await Daemon.start({ piece: PIECE, args: ["--allowed-origin", origin] });
  http = daemon.page.slice(0, -1);
  const voice = join(daemon.folder, "voice.wav");
  writeFileSync(voice, tone(1000));
  browser = await browse(
    "--autoplay-policy=no-user-gesture-required", "--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${voice}`,
  );
  cs = await connect(daemon.url);
  page = await opened(await browser.newContext({ viewport: { width: 1100, height: 900 } }));
});

afterAll(async () => {
  cs.close();
  await browser.close();
  await daemon.end();
  await new Promise((resolve) => site.close(resolve));
});

describe("a control", () => {
  it("that a mouse moves sets the channel, and moves on another page", async () => {
    const other = await opened(await browser.newContext());
    const { x, y, width } = await middle(page, "csoundd-slider >> nth=0");
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + (width - 12) / 4, y, { steps: 5 });
    await page.mouse.up();
    const wanted = 60 * 200 ** 0.75;
    await expect.poll(() => value("cutoff"), PATIENCE).toBeCloseTo(wanted, -1.5);
    await expect.poll(async () => Number(await handle(other, "csoundd-slider >> nth=0").getAttribute("aria-valuenow")), PATIENCE).toBeCloseTo(wanted, -1.5);
    await other.context().close();
  });

  it("is moved by keys, and brought back to its default by a key and a double click", async () => {
    const slider = handle(page, "csoundd-slider >> nth=0");
    await slider.focus();
    await page.keyboard.press("End");
    await expect.poll(() => value("cutoff"), PATIENCE).toBe(12_000);
    await page.keyboard.press("PageDown");
    await expect.poll(() => value("cutoff"), PATIENCE).toBeCloseTo(12_000 / 200 ** 0.1, 3);
    await page.keyboard.press("Backspace");
    await expect.poll(() => value("cutoff"), PATIENCE).toBe(1400);
    await page.keyboard.type("2.5k");
    await page.keyboard.press("Enter");
    await expect.poll(() => value("cutoff"), PATIENCE).toBe(2500);
    expect(await slider.getAttribute("aria-valuetext")).toBe("2500 Hz");
    const { x, y } = await middle(page, "csoundd-knob");
    await cs.csound.setControlChannel("resonance", 0.9);
    await page.mouse.dblclick(x, y);
    await expect.poll(() => value("resonance"), PATIENCE).toBe(0.35);
  });

  it("stays under the finger that holds it, and shows afterwards what came meanwhile", async () => {
    const slider = handle(page, "#second");
    const { x, y } = await middle(page, "#second");
    await page.mouse.move(x, y);
    await page.mouse.down();
    await expect.poll(() => value("resonance"), PATIENCE).toBeCloseTo(0.475, 2);
    await expect.poll(async () => Number(await slider.getAttribute("aria-valuenow")), PATIENCE).toBeCloseTo(0.475, 2);
    const held = await slider.getAttribute("aria-valuenow");
    await cs.csound.setControlChannel("resonance", 0.1);
    // The knob of the same channel has heard of it, so the slider has as well.
    await expect.poll(() => handle(page, "csoundd-knob").getAttribute("aria-valuenow"), PATIENCE).toBe("0.1");
    expect(await slider.getAttribute("aria-valuenow")).toBe(held);
    await page.mouse.up();
    await expect.poll(() => slider.getAttribute("aria-valuenow"), PATIENCE).toBe("0.1");
  });

  it("and another are moved by two fingers at once", async () => {
    const phone = await opened(await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }));
    const [one, two] = [await middle(phone, "csoundd-slider >> nth=0"), await middle(phone, "#second")];
    const touch = await phone.context().newCDPSession(phone);
    const [before, other] = [Number(await value("cutoff")), Number(await value("resonance"))];
    const points = (by: number): { x: number; y: number; id: number }[] => [
      { x: one.x + by, y: one.y, id: 1 },
      { x: two.x + 2 * by, y: two.y, id: 2 },
    ];
    await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: points(0) });
    for (const by of [5, 20, 40, 60]) await touch.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: points(by) });
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    // As far as the fingers went: a slider does not jump to where a finger begins.
    const way = 60 / (one.width - 12);
    await expect.poll(() => value("cutoff"), PATIENCE).toBeCloseTo(before * 200 ** way, -1);
    await expect.poll(() => value("resonance"), PATIENCE).toBeCloseTo(Math.min(0.95, other + 0.95 * 2 * way), 2);
    await phone.context().close();
  });
});

describe("the keyboard", () => {
  const CHORD = [60, 64, 67].map((note) => 440 * 2 ** ((note - 69) / 12));

  it("plays a chord by the computer's keys, until they are let go", async () => {
    await page.locator("csoundd-keyboard .keys").focus();
    for (const key of ["a", "d", "g"]) await page.keyboard.down(key);
    await expect.poll(async () => Math.min(...(await heard(...CHORD))), PATIENCE).toBeGreaterThan(-30);
    expect(Math.max(...(await heard(349.23, 493.88)))).toBeLessThan(-50);
    for (const key of ["a", "d", "g"]) await page.keyboard.up(key);
    await expect.poll(async () => Math.max(...(await heard(...CHORD))), PATIENCE).toBeLessThan(-80);
  });

  it("leaves nothing sounding when one looks elsewhere, or takes it off the page", async () => {
    const keys = page.locator("csoundd-keyboard .keys");
    const [low = 0] = CHORD;
    await keys.focus();
    await page.keyboard.down("a");
    await expect.poll(async () => (await heard(low))[0], PATIENCE).toBeGreaterThan(-30);
    await keys.evaluate((element: HTMLElement) => { element.blur(); });
    await expect.poll(async () => (await heard(low))[0], PATIENCE).toBeLessThan(-80);
    await page.keyboard.up("a");
    await page.evaluate(() => { (document.querySelector("csoundd-keyboard") as unknown as { press(note: number): void }).press(60); });
    await expect.poll(async () => (await heard(low))[0], PATIENCE).toBeGreaterThan(-30);
    await page.evaluate(() => {
      const keyboard = document.querySelector("csoundd-keyboard");
      const place = keyboard?.parentNode;
      keyboard?.remove();
      if (keyboard) place?.append(keyboard);
    });
    await expect.poll(async () => (await heard(low))[0], PATIENCE).toBeLessThan(-80);
  });
});

describe("presets", () => {
  it("are stored in the workspace, recalled, and morphed", async () => {
    const presets = page.locator("csoundd-presets");
    const store = async (name: string, cutoff: number): Promise<void> => {
      await cs.channel.set({ cutoff });
      await presets.getByLabel("Name of the preset").fill(name);
      await presets.getByRole("button", { name: "Store" }).click();
      await presets.getByRole("button", { name, exact: true }).waitFor();
    };
    await store("dark", 100);
    await store("bright", 10_000);
    const file = (await (await fetch(`${http}/files/test.presets.json`)).json()) as { presets: { name: string; values: object }[] };
    expect(file.presets.map(({ name }) => name)).toEqual(["dark", "bright"]);
    expect(file.presets[0]?.values).toMatchObject({ cutoff: 100, title: "Nocturne" });
    await presets.getByRole("button", { name: "dark", exact: true }).click();
    await expect.poll(() => value("cutoff"), PATIENCE).toBe(100);
    await presets.getByRole("slider", { name: "Morph" }).fill("0.5");
    await expect.poll(() => value("cutoff"), PATIENCE).toBeCloseTo(1000, 3);
  });
});

describe("a page", () => {
  it("has nothing that keeps anybody out, in the light and in the dark", async () => {
    await page.addScriptTag({ path: join(import.meta.dirname, "../../node_modules/axe-core/axe.min.js") });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const violations = await page.evaluate(async () => {
        const { axe } = window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
        return (await axe.run()).violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
      });
      expect(violations).toEqual([]);
    }
  });

  it("of three tags has a control for every channel, as the example shows it", async () => {
    const example = await (await browser.newContext()).newPage();
    await example.goto(`${origin}/lantern.html`);
    for (const [role, name] of [["slider", "cutoff"], ["slider", "echo"], ["switch", "on"], ["radiogroup", "wave"], ["textbox", "title"]] as const) {
      await example.getByRole(role, { name }).first().waitFor();
    }
    await example.context().close();
  });

  it.each([
    ["in a worker", "", true],
    ["in the page, where it may have no worker", "worker-src 'none'", false],
  ])("draws what sounds %s", async (_, policy, isElsewhere) => {
    const context = await browser.newContext();
    const drawing = await context.newPage();
    await drawing.goto(`${origin}/?policy=${encodeURIComponent(policy)}`);
    const drawn = (): Promise<number[]> =>
      drawing.locator(":is(csoundd-meter, csoundd-scope, csoundd-spectrum) canvas").evaluateAll((canvases: HTMLCanvasElement[]) =>
        canvases.map((canvas) => {
          // What nobody sees is not drawn, and a page becomes longer while it comes.
          document.querySelector("csoundd-scope")?.scrollIntoView({ block: "center" });
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
          copy?.drawImage(canvas, 0, 0);
          return copy?.getImageData(0, 0, canvas.width, canvas.height).data.filter((part) => part > 0).length ?? 0;
        }),
      );
    await expect.poll(drawn, PATIENCE).toEqual(Array.from({ length: 3 }, () => expect.toSatisfy((count: number) => count > 1000) as number));
    // A canvas that was handed over cannot be had here any more.
    const isHere = await drawing.locator("canvas").first().evaluate((canvas: HTMLCanvasElement) => {
      try {
        return canvas.getContext("2d") !== null;
      } catch {
        return false;
      }
    });
    expect(isHere).toBe(!isElsewhere);
    await context.close();
  });

  it("sends its microphone to the engine's input, or is told in words why it cannot", async () => {
    const send = async (on: Page): Promise<string> =>
      // As text, since what makes this test out of TypeScript has an import of its own.
      on.evaluate<string>(`import("${http}/assets/elements.js")
        .then((elements) => elements.defaultConnection().ready())
        .then((client) => client.send())
        .then(() => "sends", String)`);
    expect(await send(page)).toMatch(/the microphone was not allowed/);
    await page.context().grantPermissions(["microphone"], { origin });
    expect(await send(page)).toBe("sends");
    await expect.poll(async () => (await heard(1000))[0], PATIENCE).toBeGreaterThan(-20);
  });

  it("follows a piece that takes the place of another, and says which channels are gone", async () => {
    const panel = page.locator("csoundd-panel");
    await panel.getByRole("slider", { name: "echo" }).waitFor();
    await cs.engine.load(PIECE.replaceAll('"fx/echo"', '"fx/delay"'));
    await panel.getByText(/no longer in the piece: fx echo/).waitFor();
    await panel.getByRole("slider", { name: "delay" }).waitFor();
    expect(await panel.getByRole("slider", { name: "echo" }).count()).toBe(0);
    await page.locator("csoundd-slider[vertical]").getByText("not in this piece").waitFor();
  });
});
