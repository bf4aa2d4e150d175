import { defineConfig } from "vitest/config";

// A daemon takes a few seconds to start on a busy machine.
export default defineConfig({ test: { include: ["tests/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 } });
