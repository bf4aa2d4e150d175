/** What ties an element to a channel: the value from wherever it comes, but not while a finger is on the control. */

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { ChannelState } from "csoundd-client";
import { connectionOf } from "../connection.js";
import type { Connection, Stop } from "../connection.js";
import { channelOf, unknownChannel } from "./channel.js";
import type { Channel, ChannelValue } from "./channel.js";
import { frames } from "./frame_loop.js";

/** What a page may say of a channel in place of its hints. */
export type Overrides = Partial<Pick<Channel, "low" | "high" | "unit" | "isExponential" | "isWhole" | "description">>;

/**
 * The channel of an element. `paint` is called in an animation frame after the value has changed, and the element renders
 * anew when the channel itself has: comes, goes, or has other hints. What is set goes out once a frame at most.
 */
export class ChannelBinding implements ReactiveController {
  /** What is known of the channel. */
  channel: Channel = unknownChannel("");
  /** The value that is shown; undefined until one is known. */
  value: ChannelValue | undefined;
  /** Whether the piece that plays has no such channel. */
  isAbsent = false;

  readonly #host: ReactiveControllerHost & Element;
  readonly #paint: () => void;
  readonly #overrides: () => Overrides;
  #name = "";
  #connection: Connection | undefined;
  #stops: Stop[] = [];
  #holders = 0;
  #unsent: ChannelValue | undefined;
  #seen = "";

  constructor(host: ReactiveControllerHost & Element, paint: () => void, overrides: () => Overrides = () => ({})) {
    this.#host = host;
    this.#paint = paint;
    this.#overrides = overrides;
    host.addController(this);
  }

  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    if (name === this.#name) return;
    this.#name = name;
    if (this.#connection !== undefined) this.#watch();
  }

  get isHeld(): boolean {
    return this.#holders > 0;
  }

  hostConnected(): void {
    this.#connection = connectionOf(this.#host);
    this.#watch();
  }

  hostDisconnected(): void {
    this.#unwatch();
    this.#connection = undefined;
  }

  /** A finger, or the focus of something that is typed into, is on the control: it stays where that puts it. */
  hold(): void {
    this.#holders += 1;
  }

  /** It is off again: what came meanwhile from elsewhere shows. */
  letGo(): void {
    this.#holders = Math.max(0, this.#holders - 1);
    if (this.#holders > 0 || this.#unsent !== undefined) return;
    const latest = this.#connection?.channels.value(this.#name);
    if (latest !== undefined) this.#show(latest);
  }

  /** Set the channel, and show that. */
  set(value: ChannelValue): void {
    if (!this.channel.isWritable || this.#connection === undefined || this.#name === "") return;
    if (typeof value === "number" && !Number.isFinite(value)) return;
    // What is shown may be older than what the engine has: only a finger that stays where it is means nothing by it.
    if (value === this.value && this.isHeld) return;
    this.#show(value);
    if (this.#unsent === undefined) frames.request(this.#flush);
    this.#unsent = value;
  }

  reset(): void {
    this.set(this.channel.initial);
  }

  /** What a page says of the channel has changed. */
  describe(): void {
    this.#take(this.#connection?.channels.info(this.#name), this.#connection?.channels.isListed ?? false);
  }

  readonly #flush = (): void => {
    const value = this.#unsent;
    this.#unsent = undefined;
    if (value !== undefined) this.#connection?.channels.set(this.#name, value, this.#arrived);
  };

  readonly #arrived = (value: ChannelValue): void => {
    if (this.isHeld || this.#unsent !== undefined || value === this.value) return;
    this.value = value;
    frames.requestInTurn(this.#paint, "motion");
  };

  /** What somebody does here shows in the next frame, whatever else moves. */
  #show(value: ChannelValue): void {
    if (value === this.value) return;
    this.value = value;
    frames.request(this.#paint);
  }

  #watch(): void {
    this.#unwatch();
    this.value = undefined;
    const connection = this.#connection;
    if (connection === undefined) return;
    this.describe();
    if (this.#name === "") return;
    this.#stops = [
      connection.channels.watch(this.#name, this.#arrived),
      connection.channels.watchList(() => {
        this.describe();
      }),
    ];
  }

  #unwatch(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    if (this.#unsent !== undefined) this.#flush();
  }

  #take(info: ChannelState | undefined, isListed: boolean): void {
    const known = info && channelOf(info);
    const seen = JSON.stringify([this.#name, isListed, info && [info.kind, info.mode, info.hints], this.#overrides()]);
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.isAbsent = isListed && known === undefined && this.#name !== "";
    this.channel = { ...(known ?? unknownChannel(this.#name)), ...defined(this.#overrides()) };
    this.#host.requestUpdate();
    frames.request(this.#paint);
  }
}

function defined(overrides: Overrides): Overrides {
  const entries: [string, unknown][] = Object.entries(overrides);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
