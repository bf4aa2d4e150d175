/**
 * Every subscription and callback of a client: which stream feeds which of them, over one connection and the next. The
 * same options share one stream, also within a client; it ends when the last of them does.
 */

import type { Deliveries, StreamData, StreamEnd } from "./connection.js";
import { ConnectionLost, RemoteError } from "./failures.js";
import type { Feed, Registry } from "./subscription.js";
import type { Params } from "./values.js";

/** Sends a call and promises its result. */
export type Ask = (method: string, params: Params) => Promise<unknown>;

/** A function that was given where the API takes one. */
interface Listener {
  params: readonly unknown[];
  stream: string | undefined;
  called: (data: unknown) => void;
}

/** Frames kept of streams that nobody is known to want yet, while a subscription is on its way. */
const EARLY = 256;

export class Subscriptions implements Registry, Deliveries {
  readonly #ask: Ask;
  readonly #all = new Set<Feed>();
  readonly #listeners = new Map<string, Listener>();
  readonly #leaving = new Set<string>();
  #opening = 0;
  #early: StreamData[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Subscribe. Rejects with what the server answers. */
  open(subscription: Feed): Promise<void> {
    return this.#inTurn(async () => {
      await this.#subscribe(subscription, subscription.asked, this.#ask);
    });
  }

  /** Let go of a stream, and end it on the server where nobody else here has it. */
  close(subscription: Feed): Promise<void> {
    return this.#inTurn(async () => {
      const { id } = subscription;
      if (!this.#all.delete(subscription) || id === undefined || this.#isWanted(id)) return;
      await heeded(this.#leave(id));
    });
  }

  /** Call a method that takes a function, and have `called` called with what its stream brings; null takes it away. */
  listen(method: string, params: readonly unknown[], called: ((data: unknown) => void) | null): Promise<unknown> {
    return this.#inTurn(async () => {
      const before = this.#listeners.get(method);
      this.#listeners.delete(method);
      if (called === null) {
        const result = await this.#ask(method, params);
        await this.#keep(before?.stream);
        return result;
      }
      return this.#set(method, { params, called, stream: undefined }, this.#ask);
    });
  }

  /** Take a stream frame as it came. */
  deliver(frame: StreamData): void {
    let wanted = false;
    for (const subscription of this.#all) {
      if (subscription.id !== frame.stream) continue;
      wanted = true;
      subscription.offer(frame.seq, frame.sample, frame.data);
    }
    for (const listener of this.#listeners.values()) {
      if (listener.stream !== frame.stream) continue;
      wanted = true;
      listener.called(frame.data);
    }
    if (wanted) return;
    if (this.#opening > 0) this.#early = [...this.#early.slice(1 - EARLY), frame];
    else if (!this.#leaving.has(frame.stream)) void heeded(this.#leave(frame.stream));
  }

  /** Take the end of a performance. */
  ended(end: StreamEnd): void {
    for (const subscription of this.#all) {
      if (subscription.id === end.stream) subscription.performed(end.sample, end.reason);
    }
  }

  /**
   * Have every stream again, with `ask` on a new connection. A session that was resumed has its streams still; one that
   * begins anew has none. Rejects where that connection is lost, too.
   */
  restore(ask: Ask, resumed: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const there = resumed ? await listed(ask) : new Set<string>();
      for (const stream of there) {
        if (!this.#isWanted(stream)) void heeded(ask("stream.unsubscribe", [stream]));
      }
      for (const subscription of [...this.#all]) {
        if (subscription.id !== undefined && there.has(subscription.id)) continue;
        try {
          await this.#subscribe(subscription, subscription.renew(), ask);
        } catch (error) {
          if (!(error instanceof RemoteError)) throw error;
          subscription.end(error);
          this.#all.delete(subscription);
        }
      }
      for (const [method, listener] of [...this.#listeners]) {
        if (listener.stream !== undefined && there.has(listener.stream)) continue;
        await this.#set(method, listener, ask).catch((error: unknown) => {
          if (!(error instanceof RemoteError)) throw error;
          this.#listeners.delete(method);
        });
      }
    });
  }

  /** No connection will come any more. */
  end(error: Error | undefined): void {
    for (const subscription of this.#all) subscription.end(error);
    this.#all.clear();
    this.#listeners.clear();
  }

  #isWanted(stream: string): boolean {
    const wants = (one: { id?: string | undefined; stream?: string | undefined }): boolean =>
      one.id === stream || one.stream === stream;
    return [...this.#all].some(wants) || [...this.#listeners.values()].some(wants);
  }

  /** One after the other: what the same stream is asked for and let go in must not cross on the way. */
  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #subscribe(subscription: Feed, options: Readonly<Record<string, unknown>>, ask: Ask): Promise<void> {
    const result = await this.#whileOpening(() => ask("stream.subscribe", { topic: subscription.topic, ...options }),
      (answer) => {
        const { stream, ...chosen } = answer as { stream: string } & Record<string, unknown>;
        subscription.id = stream;
        subscription.options = chosen;
        this.#all.add(subscription);
        return stream;
      },
    );
    this.#replay(result);
  }

  async #set(method: string, listener: Listener, ask: Ask): Promise<unknown> {
    let result: unknown;
    const stream = await this.#whileOpening(() => ask(method, listener.params), (answer) => {
      result = answer;
      listener.stream = typeof answer === "string" ? answer : undefined;
      this.#listeners.set(method, listener);
      return listener.stream;
    });
    this.#replay(stream);
    return result;
  }

  async #whileOpening<R>(ask: () => Promise<unknown>, admit: (answer: unknown) => R): Promise<R> {
    this.#opening += 1;
    try {
      return admit(await ask());
    } finally {
      this.#opening -= 1;
    }
  }

  /** Give those frames to a new reader of a stream that came before anybody could know of it. */
  #replay(stream: string | undefined): void {
    const early = this.#early;
    this.#early = this.#opening > 0 ? early.filter((frame) => frame.stream !== stream) : [];
    for (const frame of early) {
      if (frame.stream === stream) this.deliver(frame);
    }
  }

  /** A removed callback takes a stream with it that it had begun: whoever else reads it here has it again. */
  async #keep(stream: string | undefined): Promise<void> {
    if (stream === undefined || !this.#isWanted(stream)) return;
    const there = await listed(this.#ask);
    if (there.has(stream)) return;
    for (const subscription of this.#all) {
      if (subscription.id === stream) await this.#subscribe(subscription, subscription.asked, this.#ask);
    }
  }

  async #leave(stream: string): Promise<void> {
    this.#leaving.add(stream);
    try {
      await this.#ask("stream.unsubscribe", [stream]);
    } finally {
      this.#leaving.delete(stream);
    }
  }
}

async function listed(ask: Ask): Promise<Set<string>> {
  const entries = (await ask("stream.list", [])) as readonly { stream: string }[];
  return new Set(entries.map((entry) => entry.stream));
}

/** The stream is gone with its connection or engine, or will be found astray when the session resumes. */
async function heeded(leaving: Promise<unknown>): Promise<void> {
  try {
    await leaving;
  } catch (error) {
    if (!(error instanceof ConnectionLost || error instanceof RemoteError)) throw error;
  }
}
