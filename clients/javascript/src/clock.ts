/** The server's clock and the engine's position, seen from here, kept in step by `session.ping`. */

import type { Pong } from "./generated/structs.js";

interface Reading {
  offset: number;
  roundTrip: number;
  sample: number;
  taken: number;
}

/** How many of the newest readings count; among them the quickest answer is the most exact. */
const KEPT = 8;

/** How clocks compare. Our own times are milliseconds of `performance.now()`. */
export class Clock {
  #readings: Reading[] = [];

  /** Whether they have been compared yet. */
  get isSet(): boolean {
    return this.#readings.length > 0;
  }

  /** How long an answer takes, in seconds. */
  get roundTrip(): number {
    return this.#best().roundTrip;
  }

  /** The server's Unix time in seconds, now or at `ms` of ours: what `{ wall: … }` wants. */
  wall(ms = performance.now()): number {
    return ms / 1000 + this.#best().offset;
  }

  /** The sample that the engine reaches at `ms` of our clock if it plays on at `sr` samples a second. */
  sampleAt(sr: number, ms = performance.now()): number {
    const newest = this.#readings.at(-1) ?? this.#best();
    return newest.sample + ((ms - newest.taken) / 1000) * sr;
  }

  /** Compare clocks once more. */
  async measure(ping: (t: number) => Promise<Pong>): Promise<void> {
    const sent = performance.now();
    const pong = await ping(sent);
    const roundTrip = performance.now() - sent;
    const taken = sent + roundTrip / 2;
    const reading = { offset: pong.wall - taken / 1000, roundTrip: roundTrip / 1000, sample: pong.sample, taken };
    this.#readings = [...this.#readings.slice(1 - KEPT), reading];
  }

  /** Begin anew: the server is another one. */
  forget(): void {
    this.#readings = [];
  }

  #best(): Reading {
    const [first, ...others] = this.#readings;
    if (first === undefined) throw new Error("clocks have not been compared yet: await cs.ready()");
    return others.reduce((best, each) => (each.roundTrip < best.roundTrip ? each : best), first);
  }
}
