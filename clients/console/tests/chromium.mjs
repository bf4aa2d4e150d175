/** Chromium without a window, for tests and measurements of the page. */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Where Chromium is; undefined where it is not installed. */
export const CHROMIUM =
  process.env.CHROMIUM ??
  NAMES.flatMap((name) => (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name))).find((path) => existsSync(path));

/** The browser, begun with more words than it always is. */
export function browse(...words) {
  if (CHROMIUM === undefined) throw new Error("Chromium is not installed");
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", ...words] });
}
