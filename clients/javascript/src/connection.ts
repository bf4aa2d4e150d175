/**
 * One WebSocket to the daemon: calls go out with a number, replies come back to who waits for that number. When it ends,
 * every call still waiting fails.
 */

import type { Codec } from "./codec/codec.js";
import { ERRORS, LimitExceeded } from "./generated/errors.js";
import { ConnectionFailed, ConnectionLost, CsounddError, RemoteError, Unreadable } from "./failures.js";
import type { Params, Receipt, Reply, Timing, Value } from "./values.js";

/** What the client needs of a WebSocket: the browser's own, Node's from version 22 on, or one that is given. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike;

/** A request as it stands in an envelope, without its number. */
export interface Request extends Timing {
  jsonrpc: "2.0";
  method: string;
  params: Params;
}

/** A frame of a stream. */
export interface StreamData {
  stream: string;
  seq: number;
  sample: number;
  data: unknown;
}

/** The end of a stream's performance: nothing follows on the frame before it. */
export interface StreamEnd {
  stream: string;
  seq: number;
  sample: number;
  reason: string;
}

/** Who takes what streams bring. */
export interface Deliveries {
  deliver(frame: StreamData): void;
  ended(end: StreamEnd): void;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

const BATCH = 1000;
const NORMAL = 1000;
const GONE = 1006;

/** The request for a call; parameters at the end that were left out are left out. */
export function request(method: string, params: Params, timing: Timing = {}): Request {
  if (!Array.isArray(params)) return { jsonrpc: "2.0", method, params, ...timing };
  let count = params.length;
  while (count > 0 && params[count - 1] === undefined) count -= 1;
  return { jsonrpc: "2.0", method, params: params.slice(0, count) as readonly unknown[], ...timing };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The error for the `error` member of an answer. */
export function failureOf(error: unknown): CsounddError {
  if (!isObject(error) || typeof error["code"] !== "number") {
    return new Unreadable("the server answered with an error that has no code");
  }
  const { code, message, data } = error;
  const kind = ERRORS.find((each) => each.code === code) ?? RemoteError;
  return new kind(typeof message === "string" ? message : "", code, isObject(data) ? data : {});
}

/** What a reply, or the outcome of a call in a batch, says. Throws the error that it is. */
export function replyOf(message: Record<string, unknown>): Reply {
  if ("error" in message) throw failureOf(message["error"]);
  if (!("result" in message)) throw new Unreadable("the server answered with neither a result nor an error");
  const reply: Reply = { result: message["result"] as Value };
  if (isObject(message["meta"])) reply.meta = message["meta"] as unknown as Receipt;
  return reply;
}

/** The subprotocol that carries a token: a browser can send no header with a WebSocket. */
function credentials(token: string | undefined): string[] {
  if (token === undefined) return [];
  return [`csoundd.bearer.${btoa(token).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`];
}

/** Calls and streams over one WebSocket; `deliveries` takes what streams bring, `ended` the end of the connection. */
export class Connection {
  /** How many bytes a frame of ours may have. */
  limit = Infinity;
  /** What ended the connection. */
  lost: ConnectionLost | undefined;
  /** When anything came from the server the last time, in milliseconds of `performance.now()`. */
  lastHeard = performance.now();

  readonly #socket: WebSocketLike;
  readonly #codec: Codec;
  readonly #deliveries: Deliveries;
  readonly #ended: (connection: Connection, error: ConnectionLost) => void;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  private constructor(
    socket: WebSocketLike,
    codec: Codec,
    deliveries: Deliveries,
    ended: (connection: Connection, error: ConnectionLost) => void,
  ) {
    this.#socket = socket;
    this.#codec = codec;
    this.#deliveries = deliveries;
    this.#ended = ended;
    socket.onmessage = (event: { data: string | ArrayBuffer }) => {
      this.#heard(event.data);
    };
    socket.onclose = (event: { code: number; reason: string }) => {
      this.#lose(new ConnectionLost(event.reason || `the connection was closed (${event.code})`, event.code));
    };
  }

  /** Connect within `timeout` seconds, with a `token` where one is asked for. Throws ConnectionFailed. */
  static open(
    socketClass: WebSocketClass,
    url: string,
    codec: Codec,
    token: string | undefined,
    timeout: number,
    deliveries: Deliveries,
    ended: (connection: Connection, error: ConnectionLost) => void,
  ): Promise<Connection> {
    return new Promise((resolve, reject) => {
      let socket: WebSocketLike;
      try {
        socket = new socketClass(url, [codec.subprotocol, ...credentials(token)]);
      } catch (error) {
        reject(new ConnectionFailed(`no connection to ${url}: ${String(error)}`));
        return;
      }
      socket.binaryType = "arraybuffer";
      const failed = (why: string): void => {
        clearTimeout(timer);
        socket.onopen = socket.onclose = socket.onerror = null;
        reject(new ConnectionFailed(`no connection to ${url}: ${why}`));
      };
      const timer = setTimeout(() => {
        failed("it took too long");
        socket.close();
      }, timeout * 1000);
      // A browser tells a page nothing about why a connection failed, so the close comes without a reason.
      socket.onclose = (event: { code: number; reason: string }) => {
        failed(event.reason || "nothing that speaks WebSocket answers there, or it does not allow this page");
      };
      socket.onerror = (event: { message?: string }) => {
        if (event.message) failed(event.message);
      };
      socket.onopen = () => {
        clearTimeout(timer);
        socket.onopen = socket.onerror = null;
        resolve(new Connection(socket, codec, deliveries, ended));
      };
    });
  }

  /** Bytes that wait to be sent. */
  get backlog(): number {
    return this.#socket.bufferedAmount;
  }

  /**
   * Send a call; its reply as it will be. Throws TypeError for parameters that cannot travel. When `signal` is aborted the
   * server is asked to cancel the call, and says what became of it.
   */
  async request(call: Request, signal?: AbortSignal): Promise<Reply> {
    signal?.throwIfAborted();
    const id = this.#number();
    const frame = this.#codec.encode({ ...call, id });
    const cancel = (): void => {
      if (this.lost === undefined) this.request(request("session.cancel", [id])).catch(() => undefined);
    };
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        this.#send(frame);
        this.#waiting.set(id, { resolve, reject });
      });
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** Send many calls in as few frames as the server allows; one reply for each. */
  gather(calls: readonly Request[]): Promise<Reply>[] {
    const replies: Promise<Reply>[] = [];
    for (let first = 0; first < calls.length; first += BATCH) {
      const numbered = calls.slice(first, first + BATCH).map((call) => ({ ...call, id: this.#number() }));
      const frame = this.#codec.encode(numbered);
      this.#send(frame);
      for (const { id } of numbered) {
        replies.push(new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject })));
      }
    }
    return replies;
  }

  /** Send a call that wants no answer. */
  notify(call: Request): void {
    this.#send(this.#codec.encode(call));
  }

  /** End it in good order; calls still waiting fail. */
  close(): void {
    this.#socket.close(NORMAL);
    this.#lose(new ConnectionLost("the client was closed", NORMAL));
  }

  /** Give it up, because of `why`. */
  abandon(why: string): void {
    this.#socket.close();
    this.#lose(new ConnectionLost(why, GONE));
  }

  #number(): number {
    this.#last += 1;
    return this.#last;
  }

  #send(frame: string | Uint8Array<ArrayBuffer>): void {
    if (this.lost !== undefined) throw this.lost;
    // The server could not say which call a frame was that it did not read.
    if (frame.length > this.limit) {
      const message = `the frame has ${frame.length} bytes, the server takes ${this.limit}`;
      throw new LimitExceeded(message, LimitExceeded.code, {});
    }
    this.#socket.send(frame);
  }

  #heard(frame: string | ArrayBuffer): void {
    this.lastHeard = performance.now();
    try {
      const message = this.#codec.decode(frame);
      for (const one of Array.isArray(message) ? (message as unknown[]) : [message]) this.#take(one);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.abandon(error.message);
    }
  }

  #take(message: unknown): void {
    if (!isObject(message)) throw new Unreadable("the server sent a frame that is no JSON-RPC message");
    if ("method" in message) {
      if (message["method"] === "stream.data") this.#deliveries.deliver(message["params"] as StreamData);
      else if (message["method"] === "stream.ended") this.#deliveries.ended(message["params"] as StreamEnd);
      return;
    }
    const id = message["id"];
    // An error without a number is about a frame that the server could not read: a call's, if one is alone.
    const [alone] = this.#waiting.size === 1 && id === null ? this.#waiting.keys() : [];
    const number = typeof id === "number" ? id : alone;
    const waiting = number === undefined ? undefined : this.#waiting.get(number);
    if (number === undefined || waiting === undefined) return;
    this.#waiting.delete(number);
    try {
      waiting.resolve(replyOf(message));
    } catch (error) {
      waiting.reject(error as Error);
    }
  }

  #lose(error: ConnectionLost): void {
    if (this.lost !== undefined) return;
    this.lost = error;
    this.#socket.onmessage = this.#socket.onclose = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const call of waiting) call.reject(new ConnectionLost(error.message, error.closeCode));
    this.#ended(this, error);
  }
}
