/** What sounds in the engine, heard here: through an AudioWorklet, or where a page has none, through an `<audio>`. */

import type { Client } from "../client.js";
import { CsounddError } from "../failures.js";
import type { PlayoutOrder, PlayoutReport } from "./playout.js";

/** How much delay is taken for how much safety; seconds say it exactly. */
export type Safety = "quick" | "steady" | "safe" | number;

const LEAST_SECONDS = { quick: 0.02, steady: 0.05, safe: 0.25 } as const;

export interface ListenOptions {
  /** "steady" by default. The buffer grows by itself where the network needs more. */
  safety?: Safety;
  /** From 0 to 1. */
  volume?: number;
  /** A context of the page's own; the sound goes to `destination`, its loudspeakers by default. */
  context?: AudioContext;
  destination?: AudioNode;
  /** Sample frames in one frame of the stream: 256 by default. */
  block?: number;
  /** Where the module of the worklet is, for pages that are bundled in a way that moves it. */
  workletUrl?: string | URL;
}

/**
 * - `waiting`: the browser wants a click or a key before anything may sound; the next one in the page will do.
 * - `buffering`, `playing`: it will sound, it sounds.
 * - `interrupted`: the system has taken the sound away, for a call or a headphone that was unplugged.
 * - `closed`: by `close`, or by the browser.
 */
export type ListeningState = "waiting" | "buffering" | "playing" | "interrupted" | "closed";

export interface ListeningStatistics {
  /** Seconds from the engine to the ear, where both clocks are known. */
  latency: number | undefined;
  /** Seconds of sound that wait here, and as many as are wanted. */
  buffered: number;
  wanted: number;
  rate: number;
  underruns: number;
  /** Samples that never came. */
  missing: number;
}

/** What a context tells of its sound card: `error` where that cannot be had. */
const DEVICE_EVENTS = ["statechange", "error", "sinkchange"] as const;
const GESTURES = ["pointerup", "keydown", "touchend"] as const;

export class Listening {
  /** Why it plays through an `<audio>`, with seconds of delay, and not through a worklet. */
  readonly reason: string | undefined;
  /** Called whenever the state changes. */
  onState: ((state: ListeningState) => void) | undefined;

  readonly #sound: WorkletSound | ElementSound;
  #state: ListeningState = "buffering";

  private constructor(sound: WorkletSound | ElementSound, reason: string | undefined) {
    this.#sound = sound;
    this.reason = reason;
    sound.changed = (state) => {
      if (state === this.#state || this.#state === "closed") return;
      this.#state = state;
      this.onState?.(state);
    };
    sound.look();
  }

  /** Begin to listen. Rejects where nothing can be heard at all. */
  static async begin(cs: Client, url: string, options: ListenOptions = {}): Promise<Listening> {
    if (!("AudioContext" in globalThis)) throw new CsounddError("nothing is heard outside of a browser; stream(\"spout\") brings the samples");
    if (!("audioWorklet" in (options.context ?? AudioContext.prototype))) {
      const why = globalThis.isSecureContext
        ? "this browser has no AudioWorklet"
        : "this page has no AudioWorklet, since it did not come over https or from this machine";
      return new Listening(new ElementSound(url, options), `${why}: it plays /listen.wav instead`);
    }
    return new Listening(await WorkletSound.begin(cs, options), undefined);
  }

  get state(): ListeningState {
    return this.#state;
  }

  get volume(): number {
    return this.#sound.volume;
  }

  set volume(volume: number) {
    this.#sound.volume = volume;
  }

  /** How it goes; undefined where an `<audio>` plays, which tells nothing. */
  get statistics(): ListeningStatistics | undefined {
    return this.#sound.statistics;
  }

  /** Take more or less delay. */
  setSafety(safety: Safety): void {
    this.#sound.setSafety(safety);
  }

  async close(): Promise<void> {
    this.#sound.changed?.("closed");
    await this.#sound.close();
  }
}

const SLOWEST_RETRY_MS = 5000;

/**
 * Sound through `<audio>`: seconds late, but everywhere. `/listen.opus` takes the place of `/listen.wav` where that cannot be
 * played, and the other way round; both are asked for again as long as the daemon does not answer.
 */
class ElementSound {
  changed: ((state: ListeningState) => void) | undefined;
  readonly statistics = undefined;
  readonly #audio: HTMLAudioElement;
  readonly #removeGestures: () => void;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, { volume = 1, context, destination = context?.destination }: ListenOptions) {
    const audio = new Audio();
    audio.crossOrigin = "anonymous";
    audio.volume = volume;
    audio.src = url;
    if (context !== undefined && destination !== undefined) {
      new MediaElementAudioSourceNode(context, { mediaElement: audio }).connect(destination);
    }
    audio.onplaying = () => {
      this.#failures = 0;
      this.changed?.("playing");
    };
    audio.onwaiting = () => this.changed?.("buffering");
    // The stream ends where the engine begins anew, at another rate perhaps.
    audio.onended = () => {
      audio.load();
      this.look();
    };
    audio.onerror = () => {
      this.changed?.("buffering");
      this.#failures += 1;
      this.#retry = setTimeout(() => {
        audio.src = this.#failures % 2 === 0 ? url : url.replace(/\.wav$/, ".opus");
        this.look();
      }, Math.min(SLOWEST_RETRY_MS, 250 * 2 ** this.#failures));
    };
    this.#audio = audio;
    this.#removeGestures = onGesture(() => {
      this.look();
    });
  }

  get volume(): number {
    return this.#audio.volume;
  }

  set volume(volume: number) {
    this.#audio.volume = Math.max(0, Math.min(1, volume));
  }

  look(): void {
    if (!this.#audio.paused) return;
    this.#audio.play().catch((error: unknown) => {
      // Only a refusal waits for a click; what did not load is tried again by itself.
      if ((error as DOMException).name === "NotAllowedError") this.changed?.("waiting");
    });
  }

  setSafety(): void {
    // An element buffers as it pleases.
  }

  close(): Promise<void> {
    this.#removeGestures();
    clearTimeout(this.#retry);
    this.#audio.onerror = this.#audio.onended = this.#audio.onplaying = this.#audio.onwaiting = null;
    this.#audio.pause();
    this.#audio.removeAttribute("src");
    this.#audio.load();
    return Promise.resolve();
  }
}

/** Sound through a worklet. */
class WorkletSound {
  changed: ((state: ListeningState) => void) | undefined;
  readonly #cs: Client;
  readonly #context: AudioContext;
  readonly #ownsContext: boolean;
  readonly #node: AudioWorkletNode;
  readonly #gain: GainNode;
  readonly #removeGestures: () => void;
  #report: PlayoutReport | undefined;
  #sampleRate = 48_000;
  #wasRunning: boolean;
  readonly #devices = (navigator as Partial<Navigator>).mediaDevices;
  #stop: () => Promise<void> = () => Promise.resolve();

  private constructor(cs: Client, context: AudioContext, options: ListenOptions) {
    this.#cs = cs;
    this.#context = context;
    this.#ownsContext = options.context === undefined;
    this.#node = new AudioWorkletNode(context, "csoundd-playout", { numberOfInputs: 0, outputChannelCount: [2] });
    this.#gain = new GainNode(context, { gain: options.volume ?? 1 });
    this.#node.connect(this.#gain).connect(options.destination ?? context.destination);
    this.#node.port.onmessage = ({ data }: MessageEvent<PlayoutReport>) => {
      // What had been paused, or began anew, is elsewhere than the last comparison of clocks says.
      if (data.isPlaying && this.#report?.isPlaying !== true) cs.clock.measure((t) => cs.session.ping(t)).catch(() => undefined);
      this.#report = data;
      this.#look();
    };
    this.#wasRunning = context.state === "running";
    for (const kind of DEVICE_EVENTS) context.addEventListener(kind, this.#look);
    this.#devices?.addEventListener("devicechange", this.#look);
    document.addEventListener("visibilitychange", this.#look);
    this.#removeGestures = onGesture(this.#look);
    this.setSafety(options.safety ?? "steady");
  }

  static async begin(cs: Client, options: ListenOptions): Promise<WorkletSound> {
    const context = options.context ?? new AudioContext({ latencyHint: "interactive" });
    try {
      await context.audioWorklet.addModule(options.workletUrl ?? new URL("./playout.js", import.meta.url));
      const sound = new WorkletSound(cs, context, options);
      await sound.#subscribe(options.block ?? 256);
      return sound;
    } catch (error) {
      if (options.context === undefined) await context.close();
      throw error;
    }
  }

  get volume(): number {
    return this.#gain.gain.value;
  }

  set volume(volume: number) {
    this.#gain.gain.setTargetAtTime(volume, this.#context.currentTime, 0.01);
  }

  get statistics(): ListeningStatistics {
    const { sample, contextTime, buffered, wanted, rate, underruns, missing } = this.#report ?? NOTHING;
    return { latency: this.#latency(sample, contextTime), buffered, wanted, rate, underruns, missing };
  }

  look(): void {
    this.#look();
  }

  setSafety(safety: Safety): void {
    this.#order({ leastSeconds: typeof safety === "number" ? safety : LEAST_SECONDS[safety] });
  }

  async close(): Promise<void> {
    this.#removeGestures();
    for (const kind of DEVICE_EVENTS) this.#context.removeEventListener(kind, this.#look);
    this.#devices?.removeEventListener("devicechange", this.#look);
    document.removeEventListener("visibilitychange", this.#look);
    this.#node.port.onmessage = null;
    this.#node.disconnect();
    this.#gain.disconnect();
    await this.#stop();
    if (this.#ownsContext && this.#context.state !== "closed") await this.#context.close();
  }

  readonly #look = (): void => {
    const { state } = this.#context;
    const isRunning = state === "running";
    if (isRunning && !this.#wasRunning) this.#order({ isResumed: true });
    this.#wasRunning = isRunning;
    if (isRunning) {
      this.changed?.(this.#report?.isPlaying === true ? "playing" : "buffering");
      return;
    }
    if (state === "closed") {
      this.changed?.("closed");
      return;
    }
    // The browser refuses without a gesture; whichever comes next asks again.
    this.changed?.(state === "interrupted" ? "interrupted" : "waiting");
    if (document.visibilityState === "visible") this.#context.resume().catch(() => undefined);
  };

  #order(order: PlayoutOrder, transfer: Transferable[] = []): void {
    this.#node.port.postMessage(order, transfer);
  }

  async #configure(): Promise<void> {
    const [sampleRate, channels] = await Promise.all([this.#cs.csound.sr(), this.#cs.csound.nchnls()]);
    this.#sampleRate = sampleRate;
    this.#order({ sampleRate, channels });
  }

  async #subscribe(block: number): Promise<void> {
    await this.#configure().catch(() => undefined);
    let [next, channels] = [0, 0];
    const spout = await this.#cs.stream("spout", { block }).each((data, frame) => {
      // While nothing is played, nothing is kept: it would be heard late.
      if (this.#context.state !== "running") return;
      // A copy, since it is moved to the worklet, and others may read the same frame.
      const samples = Float32Array.from(data.data as Float32Array);
      const width = data.shape[1] ?? 1;
      // An engine that begins anew counts from the start, perhaps at another rate and with other channels.
      if (frame.sample < next || width !== channels) this.#configure().catch(() => undefined);
      [next, channels] = [frame.sample, width];
      this.#order({ block: samples, sample: frame.sample }, [samples.buffer]);
    });
    this.#stop = () => spout.close();
  }

  #latency(sample: number, contextTime: number): number | undefined {
    if (this.#report === undefined || !this.#cs.clock.isSet || !this.#report.isPlaying) return undefined;
    const output = this.#context.getOutputTimestamp();
    if (output.contextTime === undefined || output.performanceTime === undefined) return undefined;
    // What the worklet made at contextTime is heard when the output has come so far.
    const heardAt = output.performanceTime + (contextTime - output.contextTime) * 1000;
    return (this.#cs.clock.sampleAt(this.#sampleRate, heardAt) - sample) / this.#sampleRate;
  }
}

const NOTHING: PlayoutReport = {
  sample: 0,
  contextTime: 0,
  buffered: 0,
  wanted: 0,
  rate: 1,
  underruns: 0,
  missing: 0,
  isPlaying: false,
};

/** Call `act` at whatever a browser takes for a wish of its user; the function that comes back ends that. */
function onGesture(act: () => void): () => void {
  for (const kind of GESTURES) document.addEventListener(kind, act, { capture: true, passive: true });
  return () => {
    for (const kind of GESTURES) document.removeEventListener(kind, act, { capture: true });
  };
}
