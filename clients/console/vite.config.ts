import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { defineConfig, minifySync } from "vite";
import type { Plugin } from "vite";

const clients = resolve(import.meta.dirname, "..");
const built = resolve(clients, "../csoundd/console");

/** What the page is made of: when one of these changes, the built page that is committed is stale. */
function sources(): string[] {
  const all = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(clients, join(entry.parentPath, entry.name)).split(sep).join("/"));
  const own = ["index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"];
  // Generated stubs change with every method of the API; what the page uses of them changes the page's own sources.
  const client = all(join(clients, "javascript/src")).filter((path) => !path.startsWith("javascript/src/generated/"));
  const pieces = readdirSync(resolve(clients, "../examples")).filter((name) => name.endsWith(".csd"));
  return [...own.map((name) => `console/${name}`), ...all(join(clients, "console/src")), ...client, ...pieces.map((name) => `../examples/${name}`)].sort();
}

/** Writes a checksum of the sources beside what was made of them; tests/transport/test_console.py compares it. */
function stamped(): Plugin {
  return {
    name: "stamped",
    apply: "build",
    closeBundle() {
      const hash = createHash("sha256");
      for (const path of sources()) hash.update(`${path}\0`).update(readFileSync(join(clients, path))).update("\0");
      writeFileSync(join(built, "sources.sha256"), `${hash.digest("hex")}\n`);
    },
  };
}

/** Modules that are imported later need nothing that is not there by then: Vite's own function to look for that is left out. */
function plainImports(): Plugin {
  return {
    name: "plain-imports",
    apply: "build",
    enforce: "pre",
    load: (id) => (id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : undefined),
  };
}

/**
 * What is left as it is otherwise: the text of templates, whose styles lose comments and spaces, and the client's worklets,
 * which are files that Vite copies.
 */
function packed(): Plugin {
  const style = (text: string): string =>
    text.replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/\s+/g, " ").replaceAll(/ ?([{};]) ?/g, "$1").replaceAll(/([:,]) /g, "$1");
  return {
    name: "packed",
    apply: "build",
    enforce: "pre",
    transform: (code, id) => (id.endsWith(".ts") ? code.replaceAll(/(?<=\bcss`)[^`]*(?=`)/g, style) : undefined),
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === "chunk") file.code = file.code.replaceAll(/\n\s+/g, " ");
        else if (file.fileName.endsWith(".js")) {
          file.source = minifySync(file.fileName, file.source.toString().replace(/^\/\/# sourceMappingURL=.*$/m, ""), { module: true }).code;
        }
      }
    },
  };
}

export default defineConfig({
  // Whatever address the page is served at, also behind a proxy that adds a path to it.
  base: "./",
  plugins: [plainImports(), packed(), stamped()],
  resolve: {
    alias: {
      "csoundd-client": resolve(clients, "javascript/dist/index.js"),
      // A browser has a WebSocket of its own.
      [resolve(clients, "javascript/dist/node_websocket.js")]: "",
    },
  },
  build: {
    outDir: built,
    emptyOutDir: true,
    target: "es2022",
    // Nothing is put into the page itself, where its policy for scripts and images would refuse it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: resolve(import.meta.dirname, "index.html"), elements: resolve(import.meta.dirname, "src/elements.ts") },
      preserveEntrySignatures: "exports-only",
      output: {
        // The elements have an address that other pages can name.
        entryFileNames: ({ name }) => (name === "elements" ? "assets/elements.js" : "assets/[name]-[hash].js"),
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  worker: {
    format: "es",
    rolldownOptions: { output: { entryFileNames: "assets/[name]-[hash].js" } },
  },
  // `npm run dev` beside a daemon at its usual port.
  server: {
    proxy: Object.fromEntries(
      ["/ws", "/rpc", "/files", "/listen.wav", "/listen.opus", "/cookie", "/openrpc.json"].map((path) => [
        path,
        { target: process.env["CSOUNDD_URL"] ?? "http://127.0.0.1:7700", ws: path === "/ws" },
      ]),
    ),
  },
});
