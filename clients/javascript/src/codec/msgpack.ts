/** msgpack: arrays are extension 1, everything else is msgpack's own. */

import { Decoder, Encoder, ExtensionCodec, decode, encode } from "@msgpack/msgpack";

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
      throw new Unreadable(`the server sent a frame that is no msgpack: ${String(error)}`);
    }
  }
}
