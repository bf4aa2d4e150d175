import { JsonCodec } from "./json.js";
import { MsgpackCodec } from "./msgpack.js";

/** How frames are written and read. */
export interface Codec {
  /** The WebSocket subprotocol that stands for it. */
  readonly subprotocol: string;
  /** The frame for `message`. Throws TypeError for a value that cannot travel. */
  encode(message: unknown): string | Uint8Array<ArrayBuffer>;
  /** The message in `frame`. Throws Unreadable where there is none. */
  decode(frame: string | ArrayBuffer): unknown;
}

export type CodecName = "msgpack" | "json";

export const CODECS: Readonly<Record<CodecName, Codec>> = { msgpack: new MsgpackCodec(), json: new JsonCodec() };
