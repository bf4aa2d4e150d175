/** The golden vectors of the contract, read and written by both codecs. */

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { JsonCodec } from "../src/codec/json.js";
import { MsgpackCodec } from "../src/codec/msgpack.js";
import { NdArray } from "../src/values.js";

const FOLDER = join(import.meta.dirname, "../../../protocol/vectors");
const FLOATS: Record<string, number> = { nan: NaN, inf: Infinity, "-inf": -Infinity };

interface Vector {
  name: string;
  json?: string;
  msgpack?: string;
  means?: unknown;
}

/** What a vector's `means` stands for. */
function meaning(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meaning);
  if (typeof value !== "object" || value === null) return value;
  const form = value as Record<string, unknown>;
  switch (form["!"]) {
    case "array":
      return { dtype: form["dtype"], shape: form["shape"], elements: (form["elements"] as unknown[]).map(meaning).map(Number) };
    case "bytes":
      return Buffer.from(form["hex"] as string, "hex").toString("hex");
    case "float":
      return FLOATS[form["is"] as string];
    case "handle":
      return { $handle: form["id"] };
    case "stream":
      return { $stream: form["topic"] };
    default:
      return Object.fromEntries(Object.entries(form).map(([name, inner]) => [name, meaning(inner)]));
  }
}

/** A decoded value in the same terms. */
function plain(value: unknown): unknown {
  if (value instanceof NdArray) return { dtype: value.dtype, shape: value.shape, elements: [...value].map(Number) };
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

function hexed(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, "hex");
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

function buffered(frame: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return frame.buffer.slice(frame.byteOffset, frame.byteOffset + frame.byteLength);
}

for (const file of readdirSync(FOLDER).filter((name) => name !== "refused.json")) {
  const { vectors } = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as { vectors: Vector[] };
  describe(file, () => {
    for (const { name, json, msgpack, means } of vectors) {
      const wanted = meaning(means);
      if (json !== undefined) {
        test(`${name}, as JSON`, () => {
          const codec = new JsonCodec();
          const value = codec.decode(json);
          expect(plain(value)).toEqual(wanted);
          expect(plain(codec.decode(codec.encode(value)))).toEqual(wanted);
        });
      }
      if (msgpack !== undefined) {
        test(`${name}, as msgpack`, () => {
          const codec = new MsgpackCodec();
          const value = codec.decode(hexed(msgpack));
          expect(plain(value)).toEqual(wanted);
          expect(plain(codec.decode(buffered(codec.encode(value))))).toEqual(wanted);
        });
      }
    }
  });
}
