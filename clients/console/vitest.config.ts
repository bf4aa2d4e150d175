import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

// A daemon and a browser take a few seconds to start on a busy machine.
export default defineConfig({
  resolve: { alias: { "csoundd-client": resolve(import.meta.dirname, "../javascript/dist/index.js") } },
  test: {
    include: ["tests/**/*.test.ts"],
    // Where there is no Chromium, which the one who starts this says, nothing can be shown in one.
    exclude: process.env["CHROMIUM"] === "" ? ["tests/**/browser.test.ts"] : [],
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
});
