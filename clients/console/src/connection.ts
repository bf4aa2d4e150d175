/**
 * What elements have to do with the daemon: one connection for a page, the streams they share, and the channels.
 *
 * An element finds its connection by `connectionOf(this)`: the nearest `<csoundd-connection>` above it, else the document's
 * own, which is the daemon that served this module.
 */

import { ConnectionLost, CsounddError, Forbidden, InvalidParams, RemoteError, Unauthorized, connect } from "csoundd-client";
import type { Client, Frame, Subscription, TopicData, TopicOptions } from "csoundd-client";
import { Channels } from "./channels.js";

/**
 * - `connecting`: for the first time, or again; nothing needs to be done.
 * - `connected`.
 * - `refused`: not without a token (`token`), or not with this daemon (`protocol`); `reason` says it in words.
 */
export type ConnectionState = "connecting" | "connected" | "refused";

export type Refusal = "token" | "protocol";

/** A function that ends what the call that gave it has begun. */
export type Stop = () => void;

const RETRY_MS = [100, 300, 1000, 2000] as const;
/** How long a stream is kept that nobody reads any more: elements are taken out of a page and put in again. */
const LINGER_MS = 250;

/** Topics whose latest frame says all, so that who comes later is given it at once. */
const STATEFUL: ReadonlySet<string> = new Set(["transport", "meters"]);

interface Shared {
  readonly readers: Set<(data: unknown, frame: Frame<unknown>) => void>;
  latest: Frame<unknown> | undefined;
  stream: Subscription<unknown> | undefined;
  lingering: ReturnType<typeof setTimeout> | undefined;
}

/**
 * A connection that comes about by itself and stays: after a daemon's restart it is there again. Tells of changes of
 * `state` by the event `state`, of failed calls that nobody else handles by the event `failure`.
 */
export class Connection extends EventTarget {
  readonly url: string;
  readonly channels: Channels;
  /** What a page wants done before a key sounds, such as loading an instrument for it; notes wait for it in their order. */
  beforeNotes: (() => Promise<void>) | undefined;
  #state: ConnectionState = "connecting";
  #reason = "";
  #refusal: Refusal | undefined;
  #cs: Client | undefined;
  #token: string | undefined;
  #attempt = 0;
  #closed = false;
  readonly #shared = new Map<string, Shared>();
  readonly #waiting = new Set<(cs: Client) => void>();

  constructor(url: string, token?: string) {
    super();
    this.url = url;
    this.#token = token;
    this.channels = new Channels(this);
    void this.#open();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Why there is no connection, in words; empty while there is one. */
  get reason(): string {
    return this.#reason;
  }

  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  /** The client, while there is a connection. */
  get cs(): Client | undefined {
    return this.#state === "connected" ? this.#cs : undefined;
  }

  /** The token that is shown, for what is fetched beside the WebSocket. */
  get token(): string | undefined {
    return this.#token;
  }

  /** The client, as soon as there is one. */
  ready(): Promise<Client> {
    const { cs } = this;
    if (cs !== undefined) return Promise.resolve(cs);
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** Connect anew, with another token. */
  useToken(token: string | undefined): void {
    this.#token = token;
    this.#begin();
  }

  /** Connect anew where the daemon had refused. */
  retry(): void {
    if (this.#state === "refused") this.#begin();
  }

  close(): void {
    this.#closed = true;
    this.#attempt += 1;
    this.#cs?.close();
  }

  /** The address of what the daemon serves beside the WebSocket: `httpUrl("files/piece.csd")`. */
  httpUrl(path: string): string {
    const url = new URL(path, this.url);
    url.protocol = url.protocol.replace("ws", "http");
    return url.href;
  }

  /** `fetch` of what the daemon serves, with the token. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token !== undefined) headers.set("authorization", `Bearer ${this.#token}`);
    return fetch(this.httpUrl(path), { ...init, headers });
  }

  /** Do something with the client; what fails is told by the event `failure`. Undefined where there is no connection. */
  async attempt<T>(act: (cs: Client) => Promise<T>): Promise<T | undefined> {
    try {
      if (this.cs === undefined) throw new ConnectionLost(this.#reason || "there is no connection");
      return await act(this.cs);
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** End every note of the engine at once. By the event `panic`, keyboards let go of what they hold. */
  async panic(): Promise<void> {
    this.dispatchEvent(new Event("panic"));
    await this.attempt((cs) => cs.engine.panic());
  }

  /** Tell of what failed. */
  fail(error: unknown): void {
    this.dispatchEvent(new CustomEvent("failure", { detail: error instanceof Error ? error : new Error(String(error)) }));
  }

  /** Hear of the state now, and of every change of it. */
  onState(called: (state: ConnectionState) => void): Stop {
    const told = (): void => {
      called(this.#state);
    };
    this.addEventListener("state", told);
    told();
    return () => {
      this.removeEventListener("state", told);
    };
  }

  /**
   * Have `called` called with every frame of a stream, over all connections to come. Who asks for the same as others here
   * shares their stream; the daemon sends it once.
   */
  subscribe<T extends keyof TopicOptions>(
    topic: T,
    options: TopicOptions[T],
    called: (data: TopicData[T], frame: Frame<TopicData[T]>) => void,
  ): Stop {
    const key = JSON.stringify([topic, Object.entries(options).sort()]);
    const reader = called as (data: unknown, frame: Frame<unknown>) => void;
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = { readers: new Set(), latest: undefined, stream: undefined, lingering: undefined };
      this.#shared.set(key, shared);
      void this.#feed(key, shared, topic, options);
    }
    clearTimeout(shared.lingering);
    const mine = shared;
    mine.readers.add(reader);
    if (mine.latest !== undefined && STATEFUL.has(topic)) reader(mine.latest.data, mine.latest);
    return () => {
      mine.readers.delete(reader);
      if (mine.readers.size > 0) return;
      clearTimeout(mine.lingering);
      mine.lingering = setTimeout(() => {
        this.#shared.delete(key);
        void mine.stream?.close();
      }, LINGER_MS);
    };
  }

  /** Bring a shared stream, from every client that there will be. */
  async #feed(key: string, shared: Shared, topic: keyof TopicOptions, options: Record<string, unknown>): Promise<void> {
    for (;;) {
      const cs = await this.ready();
      if (this.#shared.get(key) !== shared) return;
      const opened = (cs.stream as (topic: string, options: object) => Subscription<unknown>)(topic, options);
      shared.stream = opened;
      try {
        await opened.each((data, frame) => {
          shared.latest = frame;
          for (const reader of [...shared.readers]) reader(data, frame);
        });
      } catch (error) {
        if (error instanceof RemoteError) this.fail(error);
      }
      if (this.#shared.get(key) !== shared) {
        void opened.close();
        return;
      }
      // The client brings it again after each loss; another client, with another token perhaps, has to be asked anew.
      await new Promise<void>((resolve) => {
        this.addEventListener("client", () => { resolve(); }, { once: true });
      });
    }
  }

  #begin(): void {
    this.#cs?.close();
    this.#cs = undefined;
    this.#set("connecting", "");
    void this.#open();
  }

  #set(state: ConnectionState, reason: string, refusal?: Refusal): void {
    if (state === this.#state && reason === this.#reason && refusal === this.#refusal) return;
    [this.#state, this.#reason, this.#refusal] = [state, reason, refusal];
    this.dispatchEvent(new Event("state"));
    if (state !== "connected" || this.#cs === undefined) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const each of waiting) each(this.#cs);
  }

  /** Whether another attempt has taken the place of this one, or the page is done with it. */
  #isOver(attempt: number): boolean {
    return this.#closed || attempt !== this.#attempt;
  }

  async #open(): Promise<void> {
    const attempt = ++this.#attempt;
    for (let tries = 0; !this.#isOver(attempt); tries += 1) {
      try {
        // A receipt tells from which sample on a value that was set can be heard, and so which frames are older.
        const options = { receipts: true, endNotes: true, name: "csoundd-console", ...(this.#token === undefined ? {} : { token: this.#token }) };
        const cs = await connect(this.url, options);
        if (this.#isOver(attempt)) {
          cs.close();
          return;
        }
        this.#adopt(cs, attempt);
        return;
      } catch (error) {
        if (this.#isOver(attempt)) return;
        if (this.#isRefused(error)) return;
        this.#set("connecting", error instanceof RemoteError ? error.message : "the daemon does not answer");
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]));
    }
  }

  #adopt(cs: Client, attempt: number): void {
    this.#cs = cs;
    cs.onConnection((event) => {
      if (this.#isOver(attempt)) return;
      if (event.event === "restored") this.#set("connected", "");
      else if (event.event === "ended") this.#ended(event.error);
      else this.#set("connecting", "the connection was lost");
    });
    this.#set("connected", "");
    this.dispatchEvent(new Event("client"));
  }

  #ended(error: CsounddError): void {
    if (!this.#isRefused(error)) this.#begin();
  }

  /** Whether there will be no connection until somebody does something; then that is the state. */
  #isRefused(error: unknown): boolean {
    if (error instanceof Unauthorized) {
      const wrong = "the token is not valid: it was revoked, has expired, or is that of another daemon";
      this.#refuse(this.#token === undefined ? "this daemon asks for a token" : wrong, "token");
    } else if (error instanceof Forbidden) this.#refuse(error.message, "token");
    else if (error instanceof InvalidParams) this.#refuse(error.message, "protocol");
    else return false;
    return true;
  }

  #refuse(reason: string, refusal: Refusal): void {
    this.#attempt += 1;
    this.#cs?.close();
    this.#cs = undefined;
    this.#set("refused", reason, refusal);
  }
}

/** The daemon that served this module, which stands in a folder beside the WebSocket's address. */
function ownUrl(): string {
  return new URL(/* @vite-ignore */ "../ws", import.meta.url).href.replace(/^http/, "ws");
}

let ownConnection: Connection | undefined;

/** The connection of a page that names no other. */
export function defaultConnection(): Connection {
  ownConnection ??= new Connection(ownUrl(), storedToken());
  return ownConnection;
}

/** Where a browser keeps the token of a daemon: by the folder of its address, as two may be behind one proxy. */
const storageKey = (): string => `csoundd token ${new URL(/* @vite-ignore */ "..", import.meta.url).pathname}`;

export function storedToken(): string | undefined {
  try {
    return localStorage.getItem(storageKey()) ?? undefined;
  } catch {
    // A browser that keeps nothing for this page.
    return undefined;
  }
}

export function storeToken(token: string | undefined): void {
  try {
    if (token === undefined) localStorage.removeItem(storageKey());
    else localStorage.setItem(storageKey(), token);
  } catch {
    // It is asked for again next time.
  }
}

/** `<csoundd-connection url="ws://127.0.0.1:7700">`: the daemon of the elements inside it. `token` is set in code. */
export class CsounddConnection extends HTMLElement {
  #connection: Connection | undefined;
  /** Shown to the daemon. No attribute: a page's source is no place for it. */
  token: string | undefined;

  get connection(): Connection {
    const url = this.getAttribute("url");
    if (url === null) return defaultConnection();
    this.#connection ??= new Connection(address(url), this.token);
    return this.#connection;
  }
}

function address(url: string): string {
  const whole = new URL(/^[a-z]+:\/\//i.test(url) ? url : `ws://${url}`);
  whole.protocol = whole.protocol.replace("http", "ws");
  if (whole.pathname === "/") whole.pathname = "/ws";
  return whole.href;
}

if (customElements.get("csoundd-connection") === undefined) customElements.define("csoundd-connection", CsounddConnection);

/** The connection of an element: of the nearest `<csoundd-connection>` above it, through shadow roots, else the page's. */
export function connectionOf(element: Element): Connection {
  let at: Node | null = element;
  while (at !== null) {
    if (at instanceof CsounddConnection) return at.connection;
    at = at instanceof ShadowRoot ? at.host : at.parentNode;
  }
  return defaultConnection();
}
