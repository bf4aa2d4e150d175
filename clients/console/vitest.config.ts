import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

// A daemon and a browser take a few seconds to start on a busy machine.
export default defineConfig({
  resolve: { alias: { "csoundd-client": resolve(import.meta.dirname, "../javascript/dist/index.js") } },
  test: { include: ["tests/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 90_000 },
});
