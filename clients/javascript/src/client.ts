/** What a program holds: every method of the contract, its streams, batches and clock, over one session. */

import type { ListenOptions, Listening } from "./audio/listening.js";
import { sendMidi } from "./audio/midi.js";
import type { MidiInputs } from "./audio/midi.js";
import type { SendOptions, Sending } from "./audio/sending.js";
import type { Clock } from "./clock.js";
import { replyOf, request } from "./connection.js";
import type { Request } from "./connection.js";
import { CsounddError, Unreadable } from "./failures.js";
import { CALLBACK_EVENTS, CALLBACK_TOPICS, METHODS } from "./generated/methods.js";
import type { Methods } from "./generated/methods.js";
import type { Welcome } from "./generated/structs.js";
import type { TopicData, TopicOptions } from "./generated/topics.js";
import type { ConnectionEvent, Session } from "./session.js";
import { Subscription } from "./subscription.js";
import type { CallOptions, Params, Reply, Timing, Value } from "./values.js";

type Send = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** Topics whose subscription needs no option. */
type Plain = { [T in keyof TopicOptions]: object extends TopicOptions[T] ? T : never }[keyof TopicOptions];

export interface Queue {
  /** How many frames wait here at most; 256 by default. */
  queue?: number;
  /** Whether a loop over the stream ends with the performance; false by default: it goes on with the next one. */
  untilEnd?: boolean;
}

/** The namespaces of the contract, whose calls `send` sends. */
function namespaces(send: Send): Methods {
  const spaces: Record<string, Record<string, unknown>> = {};
  for (const [space, names] of Object.entries(METHODS)) {
    const methods: Record<string, unknown> = {};
    for (const name of names) methods[name] = (...params: unknown[]) => send(`${space}.${name}`, params);
    spaces[space] = methods;
  }
  return spaces as unknown as Methods;
}

/** A call that came too late and was dropped has no result. */
function resultOf(reply: Reply): Value {
  return reply.meta?.dropped === true ? null : reply.result;
}

/** `cs.stream(topic, options)` subscribes; `cs.stream.push` and `cs.stream.list` are the methods of that namespace. */
export interface Streams extends Readonly<Methods["stream"]> {
  <T extends Plain>(topic: T, options?: TopicOptions[T] & Queue): Subscription<TopicData[T]>;
  <T extends keyof TopicOptions>(topic: T, options: TopicOptions[T] & Queue): Subscription<TopicData[T]>;
}

/** The methods of the contract, by namespace, and what there is beside them. */
export type Client = Connected & Omit<Methods, "stream"> & { readonly stream: Streams };

/**
 * A session with a daemon; `connect` makes one. Calls are on their way at once, and their promises bring the result or the
 * error. Without a connection they fail with ConnectionLost; no call is ever sent twice.
 */
export class Connected {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** How the server greeted us: its version, the session, our scopes, its limits. */
  get welcome(): Welcome {
    return this.#session.welcome;
  }

  /** Whether calls can be made right now, or the connection is being restored. */
  get connected(): boolean {
    return this.#session.connected;
  }

  /** How the server's clock and the engine's position compare with ours; kept in step by itself. */
  get clock(): Clock {
    return this.#session.clock;
  }

  /** Bytes that wait to be sent: what grows here goes out more slowly than it comes. */
  get backlog(): number {
    return this.#session.backlog;
  }

  /** Wait until the connection is there again. Rejects where it will not be. */
  ready(): Promise<void> {
    return this.#session.ready();
  }

  /** Hear of the connection being lost, restored and ended; the function that comes back ends that. */
  onConnection(listener: (event: ConnectionEvent) => void): () => void {
    this.#session.listeners.add(listener);
    return () => this.#session.listeners.delete(listener);
  }

  /**
   * The same methods, at a time: `cs.timed({ at: { delay: 0.5 } }).csound.setControlChannel("cutoff", 800)`, or with a
   * deadline, a policy for what comes too late, or the signal of an AbortController that takes them back.
   */
  timed(options: CallOptions): Methods {
    return namespaces(sending(this.#session, options));
  }

  /** Call any method, with parameters by position or by name; the reply has the receipt. */
  call(method: string, params: Params = [], { signal, ...timing }: CallOptions = {}): Promise<Reply> {
    return this.#session.request(request(method, params, timing), signal);
  }

  /** Call any method without an answer, not even an error. Throws ConnectionLost. */
  notify(method: string, params: Params = [], timing: Timing = {}): void {
    this.#session.notify(request(method, params, timing));
  }

  /**
   * Run calls in order at one cycle edge: `const [a, b] = await cs.batch((cs) => [cs.csound.sr(), cs.csound.ksmps()])`.
   *
   * They are checked first; where one does not pass, none runs. Rejects with the first error among them.
   */
  async batch<T extends readonly Promise<unknown>[]>(
    fill: (methods: Methods) => readonly [...T],
    options: CallOptions = {},
  ): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
    const { calls, promises } = gathered(fill);
    const requests = calls.map(({ call }) => ({ method: call.method, params: call.params }));
    const answer = this.call("engine.batch", [requests], options).then((reply) => resultOf(reply));
    answer.then(
      (outcomes) => {
        settle(calls, outcomes);
      },
      (error: unknown) => {
        for (const { reject } of calls) reject(error as Error);
      },
    );
    return Promise.all(promises) as Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>;
  }

  /** Send calls in one frame. They run one after the other, and other clients' calls may come between. */
  async together<T extends readonly Promise<unknown>[]>(
    fill: (methods: Methods) => readonly [...T],
  ): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
    const { calls, promises } = gathered(fill);
    const replies = this.#session.gather(calls.map(({ call }) => call));
    for (const [index, reply] of replies.entries()) {
      const waiting = calls[index];
      reply.then(
        (value) => waiting?.resolve(resultOf(value)),
        (error: unknown) => waiting?.reject(error as Error),
      );
    }
    return Promise.all(promises) as Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>;
  }

  /** Hear what sounds in the engine. Only in a browser; rejects where nothing can be heard at all. */
  async listen(options: ListenOptions = {}): Promise<Listening> {
    // Who does not listen does not load it.
    const { Listening } = await import("./audio/listening.js");
    return Listening.begin(this as unknown as Client, this.#session.httpUrl("listen.wav"), options);
  }

  /** Send a microphone, or a stream of the page's own, to the engine's input. Only in a browser; rejects with NoMicrophone. */
  async send(options: SendOptions = {}): Promise<Sending> {
    const { Sending } = await import("./audio/sending.js");
    return Sending.begin(this as unknown as Client, options);
  }

  /** Play the engine by the MIDI keyboards of this machine; `onMessage` hears along. Only in a browser; rejects with NoMidi. */
  sendMidi(onMessage?: (bytes: Uint8Array) => void): Promise<MidiInputs> {
    return sendMidi(this as unknown as Client, onMessage);
  }

  /** End the session. Calls still waiting fail, streams end. */
  close(): void {
    this.#session.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The client over a session. */
export function clientOf(session: Session): Client {
  const methods = namespaces(sending(session, {}));
  const subscribe = (topic: string, { queue, untilEnd, ...options }: Queue & Record<string, unknown> = {}): Subscription<unknown> =>
    new Subscription(session.subscriptions, topic, options, queue ?? 256, untilEnd ?? false);
  return Object.assign(new Connected(session), methods, { stream: Object.assign(subscribe, methods.stream) });
}

/** Sends a call at its time. A function among the parameters is called here with what its stream brings. */
function sending(session: Session, { signal, ...timing }: CallOptions): Send {
  return async (method, params) => {
    const topic = CALLBACK_TOPICS[method];
    if (topic === undefined) return resultOf(await session.request(request(method, params, timing), signal));
    const called = params.find((each): each is (data: unknown) => unknown => typeof each === "function");
    const sent = params.map((each) => (each === called ? { $stream: topic } : each));
    if (called === undefined && !params.includes(null)) {
      return resultOf(await session.request(request(method, sent, timing), signal));
    }
    return session.subscriptions.listen(method, sent, called === undefined ? null : calling(session, method, called));
  };
}

/** Calls a function of the program with the data that are for it, and hands on what it answers to `invalue`. */
function calling(session: Session, method: string, called: (data: unknown) => unknown): (data: unknown) => void {
  const wanted = CALLBACK_EVENTS[method];
  return (data) => {
    const { event, name } = data as { event?: string; name?: string };
    if (wanted !== undefined && event !== wanted) return;
    const answer = called(data);
    if (method === "csound.setInputChannelCallback" && answer !== undefined && name !== undefined) {
      session.ask("stream.push", ["invalue", { [name]: answer }]).catch(() => undefined);
    }
  };
}

interface Gathered {
  call: Request;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

function gathered<T>(fill: (methods: Methods) => readonly T[]): { calls: Gathered[]; promises: readonly T[] } {
  const calls: Gathered[] = [];
  const send: Send = (method, params) =>
    new Promise((resolve, reject) => calls.push({ call: request(method, params), resolve, reject }));
  const promises = fill(namespaces(send));
  return { calls, promises };
}

/** Give each call of a batch its outcome; a batch that came too late and was dropped has none. */
function settle(calls: readonly Gathered[], outcomes: Value): void {
  for (const [index, { resolve, reject }] of calls.entries()) {
    if (outcomes === null) {
      resolve(null);
      continue;
    }
    try {
      const outcome = (outcomes as readonly Record<string, unknown>[])[index];
      if (outcome === undefined) throw new Unreadable("the server did not answer every call of the batch");
      resolve(resultOf(replyOf(outcome)));
    } catch (error) {
      reject(error as CsounddError);
    }
  }
}
