/** What this page hears: listening, and the last minute of it. */

import type { Listening, ListeningState, ListeningStatistics } from "csoundd-client";
import type { Connection, Stop } from "./connection.js";
import { wavOf } from "./wav.js";

export type Safety = "quick" | "steady" | "safe";

/** The frames that `listen` asks for too, so that keeping them costs nothing on the way. */
const BLOCK = 256;
const KEPT_SECONDS = 60;

interface Block {
  readonly sample: number;
  readonly channels: number;
  readonly samples: Float32Array;
}

/** Tells of every change by the event `change`. */
export class Sound extends EventTarget {
  readonly #connection: Connection;
  #listening: Listening | undefined;
  #isBeginning = false;
  #safety: Safety = "steady";
  #volume = 1;
  #blocks: Block[] = [];
  #frames = 0;
  #rate = 48_000;
  #stopKeeping: Stop | undefined;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
    connection.addEventListener("client", () => {
      // Another client than the one that sound was heard through: it goes on by itself.
      if (this.#listening === undefined) return;
      void this.stop().then(() => this.start());
    });
  }

  get state(): ListeningState | "off" {
    if (this.#isBeginning) return "buffering";
    return this.#listening?.state ?? "off";
  }

  /** Why it is heard through a plain player, seconds late; empty where it is not. */
  get reason(): string {
    return this.#listening?.reason ?? "";
  }

  get statistics(): ListeningStatistics | undefined {
    return this.#listening?.statistics;
  }

  get safety(): Safety {
    return this.#safety;
  }

  set safety(safety: Safety) {
    this.#safety = safety;
    this.#listening?.setSafety(safety);
    this.#tell();
  }

  get volume(): number {
    return this.#volume;
  }

  set volume(volume: number) {
    this.#volume = volume;
    if (this.#listening !== undefined) this.#listening.volume = volume;
    this.#tell();
  }

  /** Seconds of sound that are kept. */
  get kept(): number {
    return Math.min(KEPT_SECONDS, this.#frames / this.#rate);
  }

  onChange(called: () => void): Stop {
    this.addEventListener("change", called);
    called();
    return () => {
      this.removeEventListener("change", called);
    };
  }

  async start(): Promise<void> {
    if (this.#isBeginning || this.#listening !== undefined) return;
    this.#isBeginning = true;
    this.#tell();
    const sound = await this.#connection.attempt(async (cs) => {
      if (!globalThis.isSecureContext) await this.#showCookie();
      return cs.listen({ safety: this.#safety, volume: this.#volume, block: BLOCK });
    });
    this.#isBeginning = false;
    if (sound !== undefined) {
      this.#listening = sound;
      sound.onState = (state) => {
        // The browser has taken it away for good: the button says so, and begins anew.
        if (state === "closed" && this.#listening === sound) void this.stop();
        this.#tell();
      };
      // A plain player gets no frames, and a page that uses one is not to load them beside it.
      if (sound.reason === undefined) this.#keep();
    }
    this.#tell();
  }

  async stop(): Promise<void> {
    const sound = this.#listening;
    this.#listening = undefined;
    this.#stopKeeping?.();
    this.#stopKeeping = undefined;
    this.#tell();
    await sound?.close();
  }

  /** What was heard last, as a WAV file; undefined where nothing was. */
  lastMinute(): Blob | undefined {
    return this.#blocks.length === 0 ? undefined : wavOf(this.#blocks, this.#rate, KEPT_SECONDS);
  }

  /** A player that the browser runs by itself shows a cookie, since it can show no token. */
  async #showCookie(): Promise<void> {
    if (this.#connection.token !== undefined) await this.#connection.fetch("cookie", { method: "POST" });
  }

  #keep(): void {
    [this.#blocks, this.#frames] = [[], 0];
    void this.#connection.cs?.csound.sr().then((rate) => {
      this.#rate = rate;
    }, () => undefined);
    this.#stopKeeping = this.#connection.subscribe("spout", { block: BLOCK }, (array, frame) => {
      const channels = array.shape[1] ?? 1;
      const last = this.#blocks.at(-1);
      // Another performance, at another rate perhaps, is another recording.
      if (last !== undefined && (frame.sample <= last.sample || channels !== last.channels)) {
        [this.#blocks, this.#frames] = [[], 0];
        void this.#connection.cs?.csound.sr().then((rate) => {
          this.#rate = rate;
        }, () => undefined);
      }
      this.#blocks.push({ sample: frame.sample, channels, samples: array.data as Float32Array });
      this.#frames += array.shape[0] ?? 0;
      if (this.#frames > (KEPT_SECONDS + 5) * this.#rate) {
        const dropped = this.#blocks.splice(0, Math.ceil((5 * this.#rate) / BLOCK));
        for (const block of dropped) this.#frames -= block.samples.length / block.channels;
      }
    });
  }

  #tell(): void {
    this.dispatchEvent(new Event("change"));
  }
}

const sounds = new WeakMap<Connection, Sound>();

/** The sound of a connection, the same one for whoever asks. */
export function soundOf(connection: Connection): Sound {
  const known = sounds.get(connection) ?? new Sound(connection);
  sounds.set(connection, known);
  return known;
}
