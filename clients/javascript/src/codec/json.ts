/** JSON: arrays, bytes, infinities and not-a-number are objects with one member that says which. */

import { Unreadable } from "../failures.js";
import { NdArray, isTypedArray } from "../values.js";
import type { Codec } from "./codec.js";

const FLOATS: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, "-inf": -Infinity };

// A call takes so many arguments in every engine.
const CHUNK = 8192;

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let first = 0; first < bytes.length; first += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(first, first + CHUNK));
  }
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function spelled(_name: string, value: unknown): unknown {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? value : { $float: Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf" };
    case "function":
      throw new TypeError("a function cannot travel");
    case "object":
      if (value instanceof NdArray) {
        return { $array: { dtype: value.dtype, shape: value.shape, data: base64(value.bytes) } };
      }
      if (value instanceof Uint8Array) return { $bytes: base64(value) };
      return isTypedArray(value) ? spelled("", new NdArray(value)) : value;
    default:
      return value;
  }
}

function meant(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const [form, ...more] = Object.entries(value);
  if (form === undefined || more.length > 0) return value;
  try {
    return formed(...form) ?? value;
  } catch {
    // It only looks like one, as in the examples of the contract's own documents.
    return value;
  }
}

function formed(name: string, inner: unknown): unknown {
  switch (name) {
    case "$array": {
      const { dtype, shape, data } = inner as { dtype: string; shape: number[]; data: string };
      return NdArray.fromBytes(dtype, shape, fromBase64(data));
    }
    case "$bytes":
      return fromBase64(inner as string);
    case "$float":
      return FLOATS[inner as string];
    default:
      return undefined;
  }
}

/** The subprotocol `csoundd.json`. */
export class JsonCodec implements Codec {
  readonly subprotocol = "csoundd.json";

  encode(message: unknown): string {
    return JSON.stringify(message, spelled);
  }

  decode(frame: string | ArrayBuffer): unknown {
    if (typeof frame !== "string") throw new Unreadable("the server sent a binary frame, which is no JSON");
    try {
      return JSON.parse(frame, meant) as unknown;
    } catch (error) {
      throw new Unreadable(`the server sent a frame that is no JSON: ${String(error)}`);
    }
  }
}
