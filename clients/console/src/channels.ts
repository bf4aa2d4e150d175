/** The channels of a piece: their values and hints for as many elements as like, over one stream and few calls. */

import { RemoteError } from "csoundd-client";
import type { ChannelState } from "csoundd-client";
import type { Connection, Stop } from "./connection.js";

export type ChannelValue = number | string;

/** Frames a second of values: more than the eye tells apart, and 64 channels in motion stay below 50 kB/s. */
const RATE_HZ = 30;
/** How long after the last reason for it the list of channels is asked for again. */
const SETTLE_MS = 60;
/** How long a value of our own stands against older ones in frames that are still on their way. */
const OWN_MS = 500;

interface Own {
  /** The sample from which on the engine has our value; Infinity until that is known. */
  since: number;
  value: ChannelValue;
  at: number;
  /** A value that was left out as older. */
  left?: ChannelValue;
}

/**
 * Values and hints of channels by name.
 *
 * Who sets a value hears no echo of it: neither the element that did, nor what was in the engine before and is still on
 * its way here. Other elements of the page hear of it at once, other pages by way of the daemon. While one call is on its
 * way further values wait, and the latest of each channel goes with the next: what moves is never older than a round trip.
 */
export class Channels {
  readonly #connection: Connection;
  readonly #watchers = new Map<string, Set<(value: ChannelValue) => void>>();
  readonly #values = new Map<string, ChannelValue>();
  readonly #own = new Map<string, Own>();
  readonly #lists = new Set<(channels: readonly ChannelState[]) => void>();
  #list: readonly ChannelState[] | undefined;
  #known: ReadonlyMap<string, ChannelState> = new Map();
  #pending = new Map<string, ChannelValue>();
  #isSending = false;
  #stream: Stop | undefined;
  #following: Stop | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #watched = "";

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The latest value that is known here. */
  value(name: string): ChannelValue | undefined {
    return this.#values.get(name);
  }

  /** What a channel is, with its hints; undefined where there is none, or the list is not here yet. */
  info(name: string): ChannelState | undefined {
    return this.#known.get(name);
  }

  /** Whether it is known which channels there are. */
  get isListed(): boolean {
    return this.#list !== undefined;
  }

  /** Have `called` called with the value of a channel, now where it is known and whenever it changes. */
  watch(name: string, called: (value: ChannelValue) => void): Stop {
    const watchers = this.#watchers.get(name) ?? new Set();
    this.#watchers.set(name, watchers);
    watchers.add(called);
    const known = this.#values.get(name);
    if (known !== undefined) called(known);
    this.#rewatch();
    return () => {
      watchers.delete(called);
      if (watchers.size === 0 && this.#watchers.get(name) === watchers) this.#watchers.delete(name);
      this.#rewatch();
    };
  }

  /** Have `called` called with every channel there is, in the order of names, now and whenever that changes. */
  watchList(called: (channels: readonly ChannelState[]) => void): Stop {
    this.#lists.add(called);
    if (this.#list !== undefined) called(this.#list);
    this.#follow();
    this.#rewatch();
    return () => {
      this.#lists.delete(called);
      this.#rewatch();
    };
  }

  /** Set a channel. `by` is the watcher that knows already, and is not called. */
  set(name: string, value: ChannelValue, by?: (value: ChannelValue) => void): void {
    this.#values.set(name, value);
    this.#own.set(name, { since: Infinity, value, at: performance.now() });
    this.#pending.set(name, value);
    for (const watcher of [...(this.#watchers.get(name) ?? [])]) if (watcher !== by) watcher(value);
    if (!this.#isSending) void this.#send();
  }

  /** Ask for the list of channels again, soon. */
  refresh(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.#load(), SETTLE_MS);
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    try {
      while (this.#pending.size > 0) {
        const sent = this.#pending;
        this.#pending = new Map();
        const { cs } = this.#connection;
        if (cs === undefined) {
          this.#connection.fail(new Error(this.#connection.reason || "there is no connection"));
          for (const name of sent.keys()) this.#own.delete(name);
          continue;
        }
        try {
          const { meta } = await cs.call("channel.set", [Object.fromEntries(sent)]);
          for (const [name, value] of sent) {
            const own = this.#own.get(name);
            if (own?.value === value) [own.since, own.at] = [meta?.sample ?? 0, performance.now()];
          }
          if ([...sent.keys()].some((name) => this.info(name) === undefined)) this.refresh();
        } catch (error) {
          for (const name of sent.keys()) this.#own.delete(name);
          this.#connection.fail(error);
        }
      }
    } finally {
      this.#isSending = false;
    }
  }

  #follow(): void {
    if (this.#following !== undefined) return;
    // Another piece has other channels; what is compiled into one that plays may bring more.
    const stopEngine = this.#connection.subscribe("engine", {}, () => {
      this.refresh();
    });
    const stopState = this.#connection.onState((state) => {
      if (state === "connected") this.refresh();
    });
    this.#following = () => {
      stopEngine();
      stopState();
    };
  }

  async #load(): Promise<void> {
    const { cs } = this.#connection;
    if (cs === undefined) return;
    let list: readonly ChannelState[];
    try {
      list = await cs.channel.list("*");
    } catch (error) {
      // Without an engine there are none; the next one's events ask again.
      if (!(error instanceof RemoteError)) return;
      list = [];
    }
    this.#list = list;
    this.#known = new Map(list.map((channel) => [channel.name, channel]));
    for (const name of [...this.#values.keys()]) if (!this.#known.has(name)) this.#values.delete(name);
    for (const { name, value } of list) {
      if (typeof value === "number" || typeof value === "string") this.#take(name, value, undefined);
    }
    for (const called of [...this.#lists]) called(list);
    this.#rewatch();
  }

  /** One stream has the values of all channels that somebody watches; of all there are, where somebody follows the list. */
  #rewatch(): void {
    this.#follow();
    queueMicrotask(() => {
      const names = this.#lists.size > 0 ? ["*"] : [...this.#watchers.keys()].sort().map(literal);
      const watched = JSON.stringify(names);
      if (watched === this.#watched) return;
      this.#watched = watched;
      const before = this.#stream;
      this.#stream =
        names.length === 0
          ? undefined
          : this.#connection.subscribe("channels", { names, rate: RATE_HZ, onChange: true }, (values, { sample }) => {
              for (const [name, value] of Object.entries(values)) this.#take(name, value, sample);
              // What is compiled into a piece that plays may bring channels, and no event tells of them.
              if (this.#list !== undefined && Object.keys(values).some((name) => !this.#known.has(name))) this.refresh();
            });
      before?.();
    });
  }

  /** Take the value that the engine had at `sample`, unless ours is newer. */
  #take(name: string, value: ChannelValue, sample: number | undefined): void {
    const own = this.#own.get(name);
    if (own !== undefined) {
      const fresh = performance.now() - own.at < OWN_MS;
      const older = own.since === Infinity || sample === undefined || sample < own.since;
      if (fresh && older) {
        // The stream tells of changes alone: if it was not older after all, nobody would say so again.
        if (own.left === undefined) setTimeout(() => { this.#reconsider(name, own); }, 2 * OWN_MS);
        own.left = value;
        return;
      }
      if (!older || !fresh) this.#own.delete(name);
      if (value === own.value) {
        this.#values.set(name, value);
        return;
      }
    }
    if (this.#values.get(name) === value) return;
    this.#values.set(name, value);
    for (const watcher of [...(this.#watchers.get(name) ?? [])]) watcher(value);
  }

  /** Take what was left out as older than `own`, where the engine has told of nothing since. */
  #reconsider(name: string, own: Own): void {
    if (this.#own.get(name) !== own || own.left === undefined) return;
    this.#own.delete(name);
    this.#take(name, own.left, undefined);
  }
}

/** A name as a pattern that matches nothing else. */
function literal(name: string): string {
  return name.replaceAll(/[*?[]/g, "[$&]");
}
