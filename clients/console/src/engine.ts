/** The engine as a page sees it: what it is, what it does, and what befell it. */

import type { EngineChange, EngineInfo } from "csoundd-client";
import type { Connection, Stop } from "./connection.js";

export type EngineState = EngineInfo["state"];

/** Something that befell the engine while this page was looking. */
export interface Incident {
  readonly when: Date;
  readonly text: string;
  readonly isBad: boolean;
}

const KEPT_INCIDENTS = 50;
const LIVE: ReadonlySet<EngineState> = new Set(["ready", "playing", "paused", "ended"]);

/** Follows the engine of a connection. Tells of every change by the event `change`. */
export class Engine extends EventTarget {
  readonly #connection: Connection;
  #info: EngineInfo | undefined;
  #state: EngineState | undefined;
  #reason = "";
  #incidents: readonly Incident[] = [];
  #isAway = false;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
    connection.onState((state) => {
      if (state === "connected") void this.#ask();
    });
    connection.subscribe("engine", {}, (change) => {
      this.#take(change);
    });
  }

  /** What it is; undefined until that is known. */
  get info(): EngineInfo | undefined {
    return this.#info;
  }

  get state(): EngineState | undefined {
    return this.#state;
  }

  /** The name of the piece that was loaded, by whoever; empty where that is not known. */
  get piece(): string {
    return this.#info?.piece ?? "";
  }

  /** Why it is in a state without an engine; empty where it is not. */
  get reason(): string {
    return this.#reason;
  }

  /** What befell it, the latest first. */
  get incidents(): readonly Incident[] {
    return this.#incidents;
  }

  /** Whether a piece plays that ever began: else there is nothing to see yet. */
  get isLive(): boolean {
    return this.#state !== undefined && LIVE.has(this.#state);
  }

  onChange(called: () => void): Stop {
    this.addEventListener("change", called);
    called();
    return () => {
      this.removeEventListener("change", called);
    };
  }

  async #ask(): Promise<void> {
    const info = await this.#connection.cs?.engine.info().catch(() => undefined);
    if (info === undefined) return;
    this.#info = info;
    this.#state = info.state;
    if (this.isLive) this.#reason = "";
    this.dispatchEvent(new Event("change"));
  }

  #take({ event, state, reason, restored }: EngineChange): void {
    if (event === "recorded") return;
    this.#state = state;
    if (event === "died") {
      this.#isAway = true;
      this.#note(`It died: ${reason ?? "nobody knows why"}`, true);
    } else if (event === "failed") {
      this.#isAway = false;
      this.#note(`It is given up: ${reason ?? "it died again and again"}`, true);
    } else if (event === "reanchored") {
      this.#note(reason ?? "the clock was late and starts anew", true);
    } else if (this.#isAway && this.isLive) {
      this.#isAway = false;
      this.#note(`It is back${restoredText(restored)}`, false);
    } else if (reason !== null && state === "paused") {
      this.#note(reason, false);
    }
    this.#reason = this.isLive ? "" : (reason ?? this.#reason);
    this.dispatchEvent(new Event("change"));
    // What it is may have changed with it: the process, the rate, the number of channels.
    void this.#ask();
  }

  #note(text: string, isBad: boolean): void {
    this.#incidents = [{ when: new Date(), text, isBad }, ...this.#incidents].slice(0, KEPT_INCIDENTS);
  }
}

function restoredText(restored: EngineChange["restored"]): string {
  const counts = Object.entries(restored ?? {}).flatMap(([what, count]) =>
    typeof count === "number" && count > 0 ? [`${count} ${what}`] : [],
  );
  return counts.length === 0 ? "" : `, with ${counts.join(", ")}`;
}

const engines = new WeakMap<Connection, Engine>();

/** The engine of a connection, the same one for whoever asks. */
export function engineOf(connection: Connection): Engine {
  const known = engines.get(connection) ?? new Engine(connection);
  engines.set(connection, known);
  return known;
}
