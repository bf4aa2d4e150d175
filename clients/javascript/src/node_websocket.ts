/**
 * The WebSocket of RFC 6455 over Node's own HTTP, as much of it as this client needs: Node.js 20 has none by itself, and
 * the client has no dependency but its codec. From version 22 on the platform's is used.
 */

import { createHash, randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import type { ClientRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";

import type { WebSocketLike } from "./connection.js";

// RFC 6455, section 1.3: what a server proves with that it understood the handshake.
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const CONTINUATION = 0x0;
const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const FINAL = 0x80;
const MASKED = 0x80;
const UINT16_FOLLOWS = 126;
const UINT64_FOLLOWS = 127;
const NO_STATUS = 1005;
const ABNORMAL = 1006;
const CLOSING_MS = 2000;

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3] as const;

export class NodeWebSocket implements WebSocketLike {
  binaryType = "arraybuffer";
  readyState: number = CONNECTING;
  protocol = "";
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;

  #socket: Duplex | undefined;
  #request: ClientRequest;
  #received: Buffer = Buffer.alloc(0);
  #message: { opcode: number; parts: Buffer[] } | undefined;
  #closing: { code: number; reason: string } = { code: ABNORMAL, reason: "" };

  constructor(url: string, protocols: string[]) {
    const address = new URL(url);
    const secure = address.protocol === "wss:";
    if (!secure && address.protocol !== "ws:") throw new SyntaxError(`${url} is no address of a WebSocket`);
    address.protocol = secure ? "https:" : "http:";
    const key = randomBytes(16).toString("base64");
    this.#request = (secure ? httpsRequest : httpRequest)(address, {
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-key": key,
        "sec-websocket-version": "13",
        "sec-websocket-protocol": protocols.join(", "),
      },
    });
    this.#request.on("upgrade", (response, socket, head) => {
      const proof = createHash("sha1").update(key + GUID).digest("base64");
      const protocol = response.headers["sec-websocket-protocol"] ?? "";
      if (response.headers["sec-websocket-accept"] !== proof || (protocol !== "" && !protocols.includes(protocol))) {
        socket.destroy();
        this.#fail("the server does not keep to the handshake of a WebSocket");
        return;
      }
      this.protocol = protocol;
      this.#open(socket, head);
    });
    this.#request.on("response", (response) => {
      response.resume();
      this.#fail(`the server answers ${response.statusCode ?? 0} ${response.statusMessage ?? ""}`);
    });
    this.#request.on("error", (error) => {
      this.#fail(error.message);
    });
    this.#request.end();
  }

  get bufferedAmount(): number {
    return this.#socket?.writableLength ?? 0;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== OPEN) return;
    if (typeof data === "string") this.#write(TEXT, Buffer.from(data));
    else this.#write(BINARY, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  }

  close(code?: number, reason = ""): void {
    if (this.readyState === CONNECTING) {
      this.#request.destroy();
      return;
    }
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    const payload = Buffer.alloc(code === undefined ? 0 : 2);
    if (code !== undefined) payload.writeUInt16BE(code);
    this.#write(CLOSE, Buffer.concat([payload, Buffer.from(reason)]));
    // A server that does not answer the farewell is not waited for.
    setTimeout(() => this.#socket?.destroy(), CLOSING_MS).unref();
  }

  #open(socket: Duplex, head: Buffer): void {
    this.#socket = socket;
    this.readyState = OPEN;
    socket.on("data", (data: Buffer) => {
      this.#take(data);
    });
    socket.on("error", (error) => {
      this.#closing = { code: ABNORMAL, reason: error.message };
    });
    socket.on("end", () => {
      socket.end();
    });
    socket.on("close", () => {
      this.readyState = CLOSED;
      this.#emit(this.onclose, this.#closing);
    });
    (socket as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true);
    this.#emit(this.onopen, {});
    if (head.length > 0) this.#take(head);
  }

  #fail(message: string): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#emit(this.onerror, { message });
    this.#emit(this.onclose, { code: ABNORMAL, reason: message });
  }

  #emit(listener: ((event: never) => void) | null, event: object): void {
    listener?.(event as never);
  }

  #write(opcode: number, payload: Buffer): void {
    const size = payload.length;
    const extended = size < UINT16_FOLLOWS ? 0 : size < 0x10000 ? 2 : 8;
    const header = Buffer.alloc(2 + extended + 4);
    header[0] = FINAL | opcode;
    header[1] = MASKED | (extended === 0 ? size : extended === 2 ? UINT16_FOLLOWS : UINT64_FOLLOWS);
    if (extended === 2) header.writeUInt16BE(size, 2);
    if (extended === 8) header.writeBigUInt64BE(BigInt(size), 2);
    const mask = randomBytes(4);
    mask.copy(header, 2 + extended);
    const masked = Buffer.allocUnsafe(size);
    for (let index = 0; index < size; index += 1) masked[index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
    this.#socket?.write(Buffer.concat([header, masked]));
  }

  #take(data: Buffer): void {
    let rest = this.#received.length === 0 ? data : Buffer.concat([this.#received, data]);
    for (;;) {
      const frame = frameOf(rest);
      if (frame === undefined) break;
      rest = rest.subarray(frame.end);
      this.#frame(frame.first, frame.payload);
    }
    this.#received = rest;
  }

  #frame(first: number, payload: Buffer): void {
    const opcode = first & 0x0f;
    switch (opcode) {
      case PING:
        this.#write(PONG, payload);
        return;
      case PONG:
        return;
      case CLOSE:
        this.#closing = {
          code: payload.length < 2 ? NO_STATUS : payload.readUInt16BE(0),
          reason: payload.subarray(2).toString(),
        };
        if (this.readyState === OPEN) this.#write(CLOSE, payload.subarray(0, 2));
        this.readyState = CLOSING;
        this.#socket?.end();
        return;
      default:
        break;
    }
    if (opcode === CONTINUATION) this.#message?.parts.push(payload);
    else this.#message = { opcode, parts: [payload] };
    if ((first & FINAL) === 0 || this.#message === undefined) return;
    const { opcode: kind, parts } = this.#message;
    this.#message = undefined;
    const whole = Buffer.concat(parts);
    const bytes = whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.byteLength);
    this.#emit(this.onmessage, { data: kind === TEXT ? whole.toString() : bytes });
  }
}

/** The first frame in `data`, where it is complete; a server masks nothing. */
function frameOf(data: Buffer): { first: number; payload: Buffer; end: number } | undefined {
  const [first, second] = data;
  if (first === undefined || second === undefined) return undefined;
  const short = second & 0x7f;
  const extended = short === UINT16_FOLLOWS ? 2 : short === UINT64_FOLLOWS ? 8 : 0;
  const start = 2 + extended;
  if (data.length < start) return undefined;
  const size = extended === 0 ? short : extended === 2 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
  const end = start + size;
  return data.length < end ? undefined : { first, payload: data.subarray(start, end), end };
}
