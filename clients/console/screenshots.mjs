/**
 * Pictures of the page: `docs/page.png`, which the README shows, and in the folder that is named, the page in light and dark,
 * at a desk and on a phone, with a piece and without. `make screenshots` runs it; somebody has to look at them.
 */

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { ROOT, serve } from "./measurements/daemon.mjs";
import { browse } from "./tests/chromium.mjs";

const folder = resolve(process.argv[2] ?? join(ROOT, "build/screenshots"));
const DESK = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
/** Long enough for a few bars to be in the scope, the spectrum and the messages. */
const LOOK_MS = 4000;
/** And for what has just been scrolled to. */
const PART_MS = 1500;

async function shot(browser, url, options, path, isListening = false) {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    await page.goto(url);
    await page.getByRole("button", { name: isListening ? "Pause" : /^(Pause|Play)$/ }).first().waitFor();
    if (isListening) await page.getByRole("button", { name: "Listen" }).click();
    await page.waitForTimeout(LOOK_MS);
    if (options.isMobile !== true) {
      await page.screenshot({ path });
      return;
    }
    // As its user scrolls through it: what is out of sight draws nothing, and a picture of the whole at once has another layout.
    for (let part = 1; ; part += 1) {
      await page.waitForTimeout(PART_MS);
      await page.screenshot({ path: path.replace(".png", `-${part}.png`) });
      const isEnd = await page.evaluate(() => {
        const before = scrollY;
        scrollBy(0, innerHeight - 140);
        return scrollY - before < 40;
      });
      if (isEnd) return;
    }
  } finally {
    await context.close();
  }
}

mkdirSync(folder, { recursive: true });
const browser = await browse();
try {
  for (const [name, words] of [["piece", [join(ROOT, "examples/lantern.csd")]], ["empty", []]]) {
    const daemon = await serve(words);
    try {
      for (const colorScheme of ["dark", "light"]) {
        await shot(browser, daemon.url, { ...DESK, colorScheme }, join(folder, `${name}-desk-${colorScheme}.png`));
        await shot(browser, daemon.url, { ...PHONE, colorScheme }, join(folder, `${name}-phone-${colorScheme}.png`));
      }
      if (name === "piece") await shot(browser, daemon.url, { ...DESK, colorScheme: "dark" }, join(ROOT, "docs/page.png"), true);
    } finally {
      await daemon.end();
    }
  }
} finally {
  await browser.close();
}
