/**
 * One subscription as its reader sees it: frames in order, never more of them waiting than the queue holds. What a full
 * queue loses is counted like what the network lost, and told with the next frame.
 */

/** One frame of a stream. */
export interface Frame<T> {
  readonly seq: number;
  /** The first sample it is about. */
  readonly sample: number;
  readonly data: T;
  /** Frames that went missing just before it, or of values those that were merged into it. */
  readonly lost: number;
  /** True with them, and also where it cannot be known how many went missing: after beginning anew. */
  readonly gap: boolean;
}

/** A subscription as its registry sees it, whatever its frames hold. */
export interface Feed {
  readonly topic: string;
  readonly asked: Readonly<Record<string, unknown>>;
  id: string | undefined;
  options: Readonly<Record<string, unknown>>;
  offer(seq: number, sample: number, data: unknown): void;
  renew(): Readonly<Record<string, unknown>>;
  performed(sample: number, reason: string): void;
  end(error: Error | undefined): void;
}

/** The end of a performance: the sample after its last one, and whether it was over, reset, or failed. */
export interface Ended {
  readonly sample: number;
  readonly reason: string;
}

/** Who brings a subscription about and ends it. */
export interface Registry {
  open(feed: Feed): Promise<void>;
  close(feed: Feed): Promise<void>;
}

interface Arrival {
  series: number;
  seq: number;
  sample: number;
  data: unknown;
}

/** Topics of values by name, of which only the latest counts: a full queue merges its frames instead of dropping one. */
const CONFLATED: ReadonlySet<string> = new Set(["channels"]);

/** Topics that the server keeps for a while, so that a new session can go on where the old one ended. */
const CONTINUED: ReadonlySet<string> = new Set(["messages"]);

/**
 * A stream: `for await (const meters of cs.stream("meters")) …`, which ends the subscription when the loop is left.
 *
 * It begins when it is first read, or with `ready()`. `each` has a function called instead, as soon as a frame is there.
 */
export class Subscription<T> implements AsyncIterable<T>, Feed {
  readonly topic: string;
  readonly asked: Readonly<Record<string, unknown>>;
  /** The stream's name on the wire, once it is there. */
  id: string | undefined;
  /** What the server made of the options. */
  options: Readonly<Record<string, unknown>> = {};
  /** How many frames have gone missing so far. */
  lost = 0;

  readonly #registry: Registry;
  readonly #size: number;
  #opened: Promise<void> | undefined;
  #arrivals: Arrival[] = [];
  /** How the last performance ended, for topics that are made of sound. */
  ended: Ended | undefined;
  /** Called when a performance ends, after its last frame has come. */
  onEnded: ((ended: Ended) => void) | undefined;
  readonly #untilEnd: boolean;
  #called: ((frame: Frame<T>) => void) | undefined;
  #series = 0;
  #latest: { series: number; seq: number } | undefined;
  #newest: number | undefined;
  #known: number | undefined;
  #over: { error: Error | undefined } | undefined;
  #wake: (() => void) | undefined;

  constructor(registry: Registry, topic: string, options: Readonly<Record<string, unknown>>, queue: number, untilEnd: boolean) {
    if (!(queue >= 1)) throw new RangeError("a queue holds at least one frame");
    this.#registry = registry;
    this.topic = topic;
    this.asked = options;
    this.#size = queue;
    this.#untilEnd = untilEnd;
  }

  /** Subscribe, and wait until the server has. Rejects with what it answers. */
  ready(): Promise<void> {
    this.#opened ??= this.#registry.open(this);
    return this.#opened;
  }

  /** End it: the loop over it ends, and nothing more comes. */
  async close(): Promise<void> {
    this.end(undefined);
    if (this.#opened !== undefined) await this.#registry.close(this);
  }

  /** Have `called` called with the data of each frame, and the frame, from now on. Rejects with what the server answers. */
  async each(called: (data: T, frame: Frame<T>) => void): Promise<this> {
    this.#called = (frame) => {
      called(frame.data, frame);
    };
    for (const arrival of this.#arrivals.splice(0)) this.#called(this.#frame(arrival));
    await this.ready();
    return this;
  }

  /** The data of each frame. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const frame of this.frames()) yield frame.data;
  }

  /** Each frame, with its sample and what was lost before it. Rejects where the connection is gone for good. */
  async *frames(): AsyncGenerator<Frame<T>, void, undefined> {
    try {
      await this.ready();
      for (;;) {
        const arrival = this.#arrivals.shift();
        if (arrival !== undefined) {
          yield this.#frame(arrival);
        } else if (this.#over !== undefined) {
          if (this.#over.error !== undefined) throw this.#over.error;
          return;
        } else {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      }
    } finally {
      await this.close();
    }
  }

  /** Take a frame from the connection, at the cost of the oldest one where the queue is full. */
  offer(seq: number, sample: number, data: unknown): void {
    const known = this.#known;
    this.#known = undefined;
    if (seq === known || this.#over !== undefined) return;
    this.#newest = seq;
    const arrival = { series: this.#series, seq, sample, data };
    if (this.#called !== undefined) {
      this.#called(this.#frame(arrival));
      return;
    }
    this.#arrivals.push(arrival);
    if (this.#arrivals.length > this.#size) this.#drop();
    this.#awake();
  }

  /** The options with which to go on in a new session, where frames are numbered anew. */
  renew(): Readonly<Record<string, unknown>> {
    if (CONTINUED.has(this.topic) && this.#newest !== undefined) {
      this.#known = this.#newest;
      return { ...this.asked, since: this.#newest };
    }
    this.#series += 1;
    return this.asked;
  }

  /** The performance is over; another may follow, which a loop goes on with unless it is to end here. */
  performed(sample: number, reason: string): void {
    this.ended = { sample, reason };
    this.onEnded?.(this.ended);
    if (this.#untilEnd) this.end(undefined);
  }

  /** No more frames will come, because of `error` or because nobody wants them. */
  end(error: Error | undefined): void {
    this.#over ??= { error };
    this.#awake();
  }

  #awake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #drop(): void {
    const oldest = this.#arrivals.shift();
    const following = this.#arrivals[0];
    if (oldest !== undefined && following !== undefined && CONFLATED.has(this.topic)) {
      following.data = { ...(oldest.data as object), ...(following.data as object) };
    }
  }

  #frame({ series, seq, sample, data }: Arrival): Frame<T> {
    const latest = this.#latest;
    this.#latest = { series, seq };
    const follows = latest !== undefined && latest.series === series && seq > latest.seq;
    const lost = follows ? seq - latest.seq - 1 : 0;
    const gap = lost > 0 || (latest === undefined ? series > 0 : !follows);
    this.lost += lost;
    return { seq, sample, data: data as T, lost, gap };
  }
}
