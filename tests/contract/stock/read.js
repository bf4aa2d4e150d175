// Reads the documents named on the command line as any program would: `node read.js openrpc.json asyncapi.json`.
// Prints what each tool finds in it; a fault ends it with status 1.
import { readFile } from "node:fs/promises";

import { Parser } from "@asyncapi/parser";
import openrpcTools from "@open-rpc/schema-utils-js";

const { parseOpenRPCDocument, validateOpenRPCDocument } = openrpcTools;

const [openrpc, asyncapi] = await Promise.all(process.argv.slice(2).map((name) => readFile(name, "utf8")));

const valid = validateOpenRPCDocument(JSON.parse(openrpc));
if (valid !== true) throw valid;
const dereferenced = await parseOpenRPCDocument(openrpc);

const { document, diagnostics } = await new Parser().parse(asyncapi);
const faults = diagnostics.filter(({ severity }) => severity === 0);
if (document === undefined || faults.length > 0) throw new Error(JSON.stringify(faults));

console.log(
  JSON.stringify({
    methods: dereferenced.methods.map(({ name }) => name),
    // Extensions are nothing that the tool knows of.
    references: JSON.stringify(dereferenced.methods, (name, value) => (name.startsWith("x-") ? undefined : value))
      .split('"$ref"').length - 1,
    channels: document.allChannels().all().map((channel) => channel.id()),
    messages: document.allMessages().all().map((message) => message.id()),
    warnings: diagnostics.map(({ code, message }) => `${String(code)}: ${message}`),
  }),
);
