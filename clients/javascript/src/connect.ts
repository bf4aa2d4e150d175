import { CODECS } from "./codec/codec.js";
import type { CodecName } from "./codec/codec.js";
import { clientOf } from "./client.js";
import type { Client } from "./client.js";
import type { WebSocketClass } from "./connection.js";
import { ConnectionFailed } from "./failures.js";
import { Session } from "./session.js";

export interface ConnectOptions {
  /** How frames are written; "msgpack" by default, "json" for who wants to read along. */
  codec?: CodecName;
  /** What the daemon asks for beyond loopback. */
  token?: string;
  /** Ask for a note of where each call landed; `cs.call` gives it. */
  receipts?: boolean;
  /** Have the notes that are held by `csound.event` end when this session is over, however that comes; false by default. */
  endNotes?: boolean;
  /** What the session calls itself. */
  name?: string;
  /** Connect again whenever the connection is lost; true by default. */
  reconnect?: boolean;
  /** Seconds between two comparisons of the clocks; a server that is silent for two of them is given up. 10 by default. */
  heartbeat?: number;
  /** Seconds that a connection may take; 10 by default. */
  timeout?: number;
  /** Another WebSocket than that of the platform. */
  WebSocket?: WebSocketClass;
}

const VERSION = "0.1.0";
const DEFAULT_URL = "ws://127.0.0.1:7700/ws";

/** The whole of an address that may leave out the scheme and the path; without one, the daemon that served this page. */
export function address(url?: string): string {
  const page = (globalThis as { location?: { href: string; protocol: string } }).location;
  const served = page?.protocol.startsWith("http") === true ? page.href : undefined;
  if (url === undefined) return served === undefined ? DEFAULT_URL : address(new URL("/ws", served).href);
  const scheme = /^[a-z]+:\/\//i.test(url);
  let whole: URL;
  try {
    whole = new URL(scheme || served === undefined ? (scheme ? url : `ws://${url}`) : url, served);
  } catch (error) {
    throw new ConnectionFailed(`no connection to ${url}: ${String(error)}`);
  }
  whole.protocol = whole.protocol.replace("http", "ws");
  whole.hash = "";
  if (whole.pathname === "/") whole.pathname = "/ws";
  return whole.href;
}

/**
 * Connect to a daemon: `const cs = await connect("ws://127.0.0.1:7700")`, and at last `cs.close()`.
 *
 * The address may leave out the path; a page that the daemon itself serves needs none. Rejects with ConnectionFailed, with
 * Unauthorized for a wrong token, with InvalidParams for a server of another protocol.
 */
export async function connect(url?: string, options: ConnectOptions = {}): Promise<Client> {
  const { codec = "msgpack", token, receipts = false, endNotes = false, name = "csoundd-client.js" } = options;
  const { reconnect = true, heartbeat = 10, timeout = 10 } = options;
  const hello = { client: { name, version: VERSION }, receipts, ...(endNotes ? { endNotes } : {}) };
  const socketClass = options.WebSocket ?? (await platformWebSocket());
  const settings = { url: address(url), codec: CODECS[codec], socketClass, hello, token, reconnect, heartbeat, timeout };
  const session = new Session(settings);
  await session.open();
  return clientOf(session);
}

/** The platform's own; Node.js has one from version 22 on. */
async function platformWebSocket(): Promise<WebSocketClass> {
  const own = (globalThis as { WebSocket?: WebSocketClass }).WebSocket;
  return own ?? (await import("./node_websocket.js")).NodeWebSocket;
}
