/** msgpack: arrays are extension 1, everything else is msgpack's own. */

import { DecodeError, Decoder, Encoder, ExtensionCodec, decode, encode } from "@msgpack/msgpack";

import { Unreadable } from "../failures.js";
import { NdArray, isTypedArray } from "../values.js";
import type { Codec } from "./codec.js";

const ARRAY = 1;

function written(value: unknown): Uint8Array | null {
  if (typeof value === "function") throw new TypeError("a function cannot travel");
  if (value instanceof NdArray) return encode([value.dtype, value.shape, value.bytes]);
  if (isTypedArray(value) && !(value instanceof Uint8Array)) return written(new NdArray(value));
  return null;
}

function read(content: Uint8Array): NdArray {
  const [dtype, shape, bytes] = decode(content) as [string, number[], Uint8Array];
  return NdArray.fromBytes(dtype, shape, bytes);
}

const extensionCodec = new ExtensionCodec();
extensionCodec.register({ type: ARRAY, encode: written, decode: read });

/**
 * JavaScript's own name for what an object inherits from, which a channel may have for its name as well. The library
 * refuses it as a key, so that nobody changes the prototype of what is decoded; here it is read as another name and then
 * put in as a member like any other.
 */
const PROTO = "__proto__";
const STAND_IN = "\uf8ff__proto__";
const utf8 = new TextDecoder();

const protoDecoder = new Decoder({
  extensionCodec,
  keyDecoder: {
    canBeCached: () => true,
    decode: (bytes, offset, length) => {
      const key = utf8.decode(bytes.subarray(offset, offset + length));
      return key === PROTO ? STAND_IN : key;
    },
  },
});

/** `value` with the name in its place. */
function named(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(named);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key === STAND_IN ? PROTO : key, named(inner)]));
}

/** The subprotocol `csoundd.msgpack`. */
export class MsgpackCodec implements Codec {
  readonly subprotocol = "csoundd.msgpack";
  readonly #encoder = new Encoder({ extensionCodec, ignoreUndefined: true });
  readonly #decoder = new Decoder({ extensionCodec });

  encode(message: unknown): Uint8Array<ArrayBuffer> {
    try {
      return this.#encoder.encode(message);
    } catch (error) {
      throw new TypeError(`the value cannot travel: ${String(error)}`, { cause: error });
    }
  }

  decode(frame: string | ArrayBuffer): unknown {
    if (typeof frame === "string") throw new Unreadable("the server sent a frame of text, which is no msgpack");
    try {
      return this.#decoder.decode(frame);
    } catch (error) {
      if (error instanceof DecodeError && error.message.includes(PROTO)) return named(protoDecoder.decode(frame));
      throw new Unreadable(`the server sent a frame that is no msgpack: ${String(error)}`);
    }
  }
}
