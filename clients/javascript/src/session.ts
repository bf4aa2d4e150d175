/**
 * The session with a daemon, which outlives its connections: hello, resuming, beginning anew. While there is no connection
 * calls fail at once: one that waited for a connection would come at a moment that nobody meant.
 */

import { Clock } from "./clock.js";
import type { Codec } from "./codec/codec.js";
import { Connection, failureOf, isObject, request } from "./connection.js";
import type { Request, WebSocketClass } from "./connection.js";
import { Forbidden, Unauthorized } from "./generated/errors.js";
import { ConnectionFailed, ConnectionLost, CsounddError, RemoteError } from "./failures.js";
import type { Pong, Welcome } from "./generated/structs.js";
import { Subscriptions } from "./subscriptions.js";
import type { Params, Reply } from "./values.js";

export const PROTOCOL = 1;

/** Milliseconds for which the daemon keeps a session that has lost its connection. */
const RESUMABLE_MS = 30_000;
const FIRST_DELAY_MS = 100;
const SLOWEST_DELAY_MS = 5_000;
const UPGRADE_REQUIRED = 426;

/** A page is told when its network is back; Node.js has nothing of the kind. */
const PAGE: Partial<Pick<EventTarget, "addEventListener" | "removeEventListener">> = globalThis;

/** How to reach a daemon, and as whom. */
export interface Settings {
  url: string;
  codec: Codec;
  socketClass: WebSocketClass;
  hello: Readonly<Record<string, unknown>>;
  /** What the daemon asks for beyond loopback. */
  token: string | undefined;
  reconnect: boolean;
  /** Seconds between two comparisons of the clocks; a server that is silent for two of them is given up. */
  heartbeat: number;
  /** Seconds that a connection may take. */
  timeout: number;
}

/** What a program may want to hear of its connection. */
export type ConnectionEvent =
  | { readonly event: "lost"; readonly error: ConnectionLost }
  /** It is there again. `resumed` says that the session is the same; if not, the daemon may be another one. */
  | { readonly event: "restored"; readonly resumed: boolean; readonly welcome: Welcome }
  /** There will be no other: the client was closed, or was refused. */
  | { readonly event: "ended"; readonly error: CsounddError };

export class Session {
  readonly clock = new Clock();
  readonly subscriptions = new Subscriptions((method, params) => this.ask(method, params));
  readonly listeners = new Set<(event: ConnectionEvent) => void>();

  readonly #settings: Settings;
  #welcome: Welcome | undefined;
  #connection: Connection | undefined;
  #why = new ConnectionLost("there is no connection yet");
  #over: CsounddError | undefined;
  #settled: { promise: Promise<void>; resolve: () => void };
  #heart: ReturnType<typeof setInterval> | undefined;
  #hurry: (() => void) | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#settled = settling();
  }

  get welcome(): Welcome {
    if (this.#welcome === undefined) throw this.#why;
    return this.#welcome;
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  get backlog(): number {
    return this.#connection?.backlog ?? 0;
  }

  /** The address of what the daemon serves beside the WebSocket. */
  httpUrl(name: string): string {
    const url = new URL(name, this.#settings.url);
    url.protocol = url.protocol.replace("ws", "http");
    return url.href;
  }

  /** Connect for the first time. Rejects with ConnectionFailed, or what refused the session. */
  async open(): Promise<void> {
    try {
      await this.#establish(undefined);
    } catch (error) {
      const failure = error instanceof CsounddError ? error : new ConnectionFailed(String(error));
      this.#finish(failure, failure);
      throw error;
    }
    PAGE.addEventListener?.("online", this.#online);
  }

  /** Say farewell; calls still waiting fail, streams end. */
  close(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#finish(new ConnectionLost("the client was closed", 1000), undefined);
    connection?.close();
  }

  /** Wait for a connection where it is being restored. Rejects with why there will be none. */
  async ready(): Promise<void> {
    await this.#settled.promise;
    if (this.#over !== undefined) throw this.#over;
  }

  /** The reply to a call as it will be; without a connection it rejects with ConnectionLost. */
  request(call: Request, signal?: AbortSignal): Promise<Reply> {
    if (this.#connection === undefined) return Promise.reject(this.#gone());
    return this.#connection.request(call, signal);
  }

  /** The result of a call without a time. */
  async ask(method: string, params: Params): Promise<unknown> {
    return (await this.request(request(method, params))).result;
  }

  /** Send many calls as one JSON-RPC batch. */
  gather(calls: readonly Request[]): Promise<Reply>[] {
    if (this.#connection === undefined) return calls.map(() => Promise.reject(this.#gone()));
    return this.#connection.gather(calls);
  }

  /** Send a call that wants no answer. Throws ConnectionLost. */
  notify(call: Request): void {
    if (this.#connection === undefined) throw this.#gone();
    this.#connection.notify(call);
  }

  #gone(): ConnectionLost {
    const hint = this.#over === undefined ? "it is being restored: await ready()" : undefined;
    return new ConnectionLost(this.#why.message, this.#why.closeCode, hint);
  }

  #tell(event: ConnectionEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  readonly #ended = (connection: Connection, error: ConnectionLost): void => {
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    this.#why = error;
    clearInterval(this.#heart);
    this.#tell({ event: "lost", error });
    if (this.#settings.reconnect) {
      this.#settled = settling();
      void this.#restore();
    } else {
      this.#finish(error, error);
    }
  };

  readonly #online = (): void => {
    this.#hurry?.();
  };

  /** No connection will come any more; readers of streams are told `told`. */
  #finish(error: CsounddError, told: CsounddError | undefined): void {
    if (this.#over !== undefined) return;
    this.#over = error;
    this.#why = error instanceof ConnectionLost ? error : new ConnectionLost(error.message);
    clearInterval(this.#heart);
    PAGE.removeEventListener?.("online", this.#online);
    this.#hurry?.();
    this.subscriptions.end(told);
    this.#settled.resolve();
    this.#tell({ event: "ended", error });
  }

  /** Connect again until it succeeds or is hopeless: at once, then after 0.1 s and so on to 5 s, no two clients alike. */
  async #restore(): Promise<void> {
    const lostAt = performance.now();
    for (let delay = 0; this.#over === undefined; delay = Math.min(2 * delay || FIRST_DELAY_MS, SLOWEST_DELAY_MS)) {
      await this.#pause(delay * (0.5 + Math.random()));
      if (this.#isOver()) return;
      const inTime = performance.now() - lostAt < RESUMABLE_MS;
      try {
        await this.#establish(inTime ? this.#welcome?.session : undefined);
        return;
      } catch (error) {
        if (!(error instanceof CsounddError)) throw error;
        if (error instanceof Unauthorized || error instanceof Forbidden) this.#finish(error, error);
      }
    }
  }

  #isOver(): boolean {
    return this.#over !== undefined;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      // When the network is back, or the client is closed, nobody waits any longer.
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #establish(resume: string | undefined): Promise<void> {
    const { url, codec, token, socketClass, timeout } = this.#settings;
    let connection: Connection;
    try {
      connection = await Connection.open(socketClass, url, codec, token, timeout, this.subscriptions, this.#ended);
    } catch (error) {
      throw (await this.#refusal()) ?? error;
    }
    if (this.#over !== undefined) {
      connection.close();
      throw this.#over;
    }
    const ask = async (method: string, params: Params): Promise<unknown> =>
      (await connection.request(request(method, params))).result;
    const timer = setTimeout(() => {
      connection.abandon(`${url} does not answer`);
    }, timeout * 1000);
    let welcome: Welcome;
    try {
      welcome = await this.#hello(ask, resume);
      const resumed = welcome.session === resume;
      if (!resumed) this.clock.forget();
      if (!this.clock.isSet) await this.#ping(ask);
      await this.subscriptions.restore(ask, resumed);
    } catch (error) {
      connection.abandon("the session was not restored");
      throw error;
    } finally {
      clearTimeout(timer);
    }
    if (connection.lost !== undefined) throw connection.lost;
    connection.limit = welcome.limits["frame"] ?? connection.limit;
    const again = this.#welcome !== undefined;
    this.#welcome = welcome;
    this.#connection = connection;
    this.#heart = setInterval(() => {
      this.#beat(connection, ask);
    }, this.#settings.heartbeat * 1000);
    (this.#heart as { unref?: () => void }).unref?.();
    this.#settled.resolve();
    if (again) this.#tell({ event: "restored", resumed: welcome.session === resume, welcome });
  }

  /**
   * The error with which the daemon refuses a connection; undefined where it does not, or cannot be asked. A WebSocket
   * tells only that none came about (WHATWG WebSockets, section 7), so the same address is asked for by plain HTTP.
   */
  async #refusal(): Promise<RemoteError | undefined> {
    const { url, token, timeout } = this.#settings;
    try {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const signal = AbortSignal.timeout(timeout * 1000);
      const response = await fetch(this.httpUrl(url), { headers, cache: "no-store", signal });
      // With 426 it asks for a WebSocket, and would let one in.
      if (response.status === UPGRADE_REQUIRED) return undefined;
      const answer: unknown = await response.json();
      const failure = isObject(answer) ? failureOf(answer["error"]) : undefined;
      return failure instanceof RemoteError ? failure : undefined;
    } catch {
      return undefined;
    }
  }

  #ping(ask: (method: string, params: Params) => Promise<unknown>): Promise<void> {
    return this.clock.measure(async (t) => (await ask("session.ping", [t])) as Pong);
  }

  #beat(connection: Connection, ask: (method: string, params: Params) => Promise<unknown>): void {
    const silent = performance.now() - connection.lastHeard;
    if (silent > 2 * this.#settings.heartbeat * 1000) connection.abandon("the server is silent");
    else this.#ping(ask).catch(() => undefined);
  }

  async #hello(ask: (method: string, params: Params) => Promise<unknown>, resume: string | undefined): Promise<Welcome> {
    const hello = { protocol: PROTOCOL, ...this.#settings.hello };
    if (resume !== undefined) {
      try {
        return (await ask("session.hello", { ...hello, resume })) as Welcome;
      } catch (error) {
        // The session is gone; a new one begins.
        if (!(error instanceof RemoteError)) throw error;
      }
    }
    return (await ask("session.hello", hello)) as Welcome;
  }
}

function settling(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
