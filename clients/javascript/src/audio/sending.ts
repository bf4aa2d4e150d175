/** Sound of this machine, a microphone as a rule, sent to the engine's `spin`: brought to its rate, and kept in step with it. */

import type { Client } from "../client.js";
import { NoMicrophone, RemoteError } from "../failures.js";
import { NdArray } from "../values.js";
import { Resampler } from "./resampler.js";

export interface SendOptions {
  /** What to send in place of the microphone: a stream of the page's own, which it also ends itself. */
  stream?: MediaStream;
  /** Which microphone, by its id in the browser. */
  deviceId?: string;
  /** Whether the browser may cancel echoes, suppress noise and level: false by default, as that is for speech. */
  forSpeech?: boolean;
  /** Seconds that wait in the engine: 0.05 by default. More is safer on a network that stutters. */
  latency?: number;
  /** From 0 on; 1 leaves it as it is. */
  volume?: number;
  /** Where the module of the worklet is, for pages that are bundled in a way that moves it. */
  workletUrl?: string | URL;
}

/**
 * - `waiting`: the browser wants a click or a key before anything may run, or the engine takes no sound yet; `reason` says which.
 * - `sending`.
 * - `lost`: the microphone was unplugged or taken away.
 * - `closed`.
 */
export type SendingState = "waiting" | "sending" | "lost" | "closed";

export interface SendingStatistics {
  /** Seconds that wait in the engine. */
  queued: number;
  /** How much faster than its own clock the sound is read. */
  rate: number;
  /** Frames that were sent, and those that had to be left out. */
  sent: number;
  dropped: number;
  /** The highest sample since it was asked last. */
  peak: number;
}

/** Answers that may be on their way before sound is left out. */
const MOST_WAITING = 24;
/** The most by which the rate is bent, and seconds in which a wrong fill is made good. */
const BEND = 0.002;
const SETTLING = 4;
/** Seconds beyond what is wanted at which it is better to leave something out. */
const SURPLUS = 0.12;
const SMOOTHING = 0.05;
const RETRY_MS = 500;
const GESTURES = ["pointerup", "keydown", "touchend"] as const;

interface Format {
  readonly rate: number;
  readonly channels: number;
  /** The amplitude that is full scale there; here it is 1. */
  readonly full: number;
}

export class Sending {
  /** Called whenever the state changes. */
  onState: ((state: SendingState) => void) | undefined;
  /** Why nothing is sent, in words; empty while it is. */
  reason = "";

  readonly #cs: Client;
  readonly #context: AudioContext;
  readonly #stream: MediaStream;
  readonly #ownsStream: boolean;
  readonly #node: AudioWorkletNode;
  readonly #gain: GainNode;
  readonly #latency: number;
  #state: SendingState = "waiting";
  #format: Format | undefined;
  #isAsking = false;
  #resampler: Resampler | undefined;
  #captured = 0;
  #waiting = 0;
  #fill: number | undefined;
  #rate = 1;
  #sent = 0;
  #dropped = 0;
  #peak = 0;

  private constructor(cs: Client, context: AudioContext, stream: MediaStream, options: SendOptions) {
    this.#cs = cs;
    this.#context = context;
    this.#stream = stream;
    this.#ownsStream = options.stream === undefined;
    this.#latency = options.latency ?? 0.05;
    this.#node = new AudioWorkletNode(context, "csoundd-capture", { numberOfOutputs: 0 });
    this.#gain = new GainNode(context, { gain: options.volume ?? 1 });
    new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(this.#gain).connect(this.#node);
    this.#node.port.onmessage = ({ data }: MessageEvent<{ block: Float32Array; channels: number }>) => {
      this.#take(data.block, data.channels);
    };
    context.addEventListener("statechange", this.#look);
    for (const kind of GESTURES) document.addEventListener(kind, this.#look, { capture: true, passive: true });
    for (const track of stream.getAudioTracks()) track.addEventListener("ended", this.#lost);
    this.#look();
  }

  /** Begin to send. Rejects with NoMicrophone. */
  static async begin(cs: Client, options: SendOptions = {}): Promise<Sending> {
    if (!("AudioWorkletNode" in globalThis && globalThis.isSecureContext)) {
      throw new NoMicrophone(
        "a page has no microphone unless it comes over https or from this machine",
        "csoundd serve --tls auto serves it encrypted",
      );
    }
    const stream = options.stream ?? (await microphone(options));
    const context = new AudioContext({ latencyHint: "interactive" });
    try {
      await context.audioWorklet.addModule(options.workletUrl ?? new URL("./capture.js", import.meta.url));
      return new Sending(cs, context, stream, options);
    } catch (error) {
      if (options.stream === undefined) for (const track of stream.getTracks()) track.stop();
      await context.close();
      throw error;
    }
  }

  get state(): SendingState {
    return this.#state;
  }

  /** What the browser calls the microphone. */
  get label(): string {
    return this.#stream.getAudioTracks()[0]?.label ?? "";
  }

  get volume(): number {
    return this.#gain.gain.value;
  }

  set volume(volume: number) {
    this.#gain.gain.setTargetAtTime(volume, this.#context.currentTime, 0.01);
  }

  get statistics(): SendingStatistics {
    const peak = this.#peak;
    this.#peak = 0;
    return { queued: this.#fill ?? 0, rate: this.#rate, sent: this.#sent, dropped: this.#dropped, peak };
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#set("closed", "");
    this.#node.port.onmessage = null;
    this.#context.removeEventListener("statechange", this.#look);
    for (const kind of GESTURES) document.removeEventListener(kind, this.#look, { capture: true });
    for (const track of this.#stream.getAudioTracks()) {
      track.removeEventListener("ended", this.#lost);
      if (this.#ownsStream) track.stop();
    }
    await this.#context.close();
  }

  #set(state: SendingState, reason: string): void {
    this.reason = reason;
    if (state === this.#state || this.#state === "closed") return;
    this.#state = state;
    this.onState?.(state);
  }

  readonly #lost = (): void => {
    this.#set("lost", "the microphone was unplugged, or taken away from this page");
  };

  readonly #look = (): void => {
    if (this.#state === "lost" || this.#context.state === "running" || this.#context.state === "closed") return;
    this.#set("waiting", "the browser wants a click or a key first");
    this.#context.resume().catch(() => undefined);
  };

  /** Ask the engine for its rate and its input channels, and begin anew with a little silence that takes up the jitter. */
  async #configure(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const { csound } = this.#cs;
      const [rate, channels, full] = await Promise.all([csound.sr(), csound.nchnlsInput(), csound.get0dBFS()]);
      if (rate > 0 && channels > 0) {
        const ahead = new Float32Array(Math.round(this.#latency * rate) * channels);
        await this.#cs.stream.push("spin", new NdArray(ahead, [ahead.length / channels, channels]));
        [this.#format, this.#resampler, this.#fill, this.#rate] = [{ rate, channels, full }, undefined, undefined, 1];
      } else {
        this.#set("waiting", "the piece that plays has no input");
      }
    } catch (error) {
      this.#set("waiting", error instanceof Error ? error.message : String(error));
    }
    // What failed is tried again after a while.
    if (this.#format === undefined) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    this.#isAsking = false;
  }

  #take(block: Float32Array, captured: number): void {
    for (const sample of block) this.#peak = Math.max(this.#peak, Math.abs(sample));
    if (this.#state === "closed" || this.#state === "lost") return;
    const format = this.#format;
    if (format === undefined || !this.#cs.connected) {
      this.#dropped += block.length / captured;
      this.#format = undefined;
      if (this.#cs.connected) void this.#configure();
      return;
    }
    if (this.#resampler === undefined || captured !== this.#captured) {
      this.#captured = captured;
      this.#resampler = new Resampler(this.#context.sampleRate, format.rate, captured);
    }
    const excess = (this.#fill ?? this.#latency) - this.#latency;
    const frames = spread(this.#resampler.process(block, this.#rate), captured, format.channels);
    const count = frames.length / format.channels;
    if (format.full !== 1) for (const index of frames.keys()) frames[index] = (frames[index] ?? 0) * format.full;
    if (this.#waiting >= MOST_WAITING || excess > SURPLUS) {
      this.#dropped += count;
      if (this.#fill !== undefined) this.#fill -= count / format.rate;
      return;
    }
    void this.#push(frames, format);
  }

  async #push(frames: Float32Array, format: Format): Promise<void> {
    const count = frames.length / format.channels;
    this.#waiting += 1;
    try {
      const answer = await this.#cs.stream.push("spin", new NdArray(frames, [count, format.channels]));
      this.#sent += count;
      if (format !== this.#format) return;
      this.#steer(Number(answer["queued"]) / format.rate);
      this.#set("sending", "");
    } catch (error) {
      this.#dropped += count;
      // Another piece has other channels, or none plays: what it takes has to be asked for again.
      if (format === this.#format) this.#format = undefined;
      if (error instanceof RemoteError) this.#set("waiting", error.message);
      else this.#set("waiting", "there is no connection");
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Bend the rate so that what waits in the engine stays what is wanted: its clock is not that of the microphone. */
  #steer(queued: number): void {
    if (!Number.isFinite(queued)) return;
    this.#fill = this.#fill === undefined ? queued : this.#fill + (queued - this.#fill) * SMOOTHING;
    const surplus = this.#fill - this.#latency;
    // Read faster, a block brings fewer frames.
    this.#rate = 1 + Math.max(-BEND, Math.min(BEND, surplus / SETTLING));
  }
}

/** Frames of `from` channels as frames of `to`: one is heard on all, of several each stays where it is. */
export function spread(frames: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return frames;
  const count = frames.length / from;
  const spreaded = new Float32Array(count * to);
  for (let frame = 0; frame < count; frame += 1) {
    if (to === 1) {
      let sum = 0;
      for (let channel = 0; channel < from; channel += 1) sum += frames[frame * from + channel] ?? 0;
      spreaded[frame] = sum / from;
      continue;
    }
    for (let channel = 0; channel < to; channel += 1) {
      const source = from === 1 ? 0 : channel;
      spreaded[frame * to + channel] = source < from ? (frames[frame * from + source] ?? 0) : 0;
    }
  }
  return spreaded;
}

async function microphone({ deviceId, forSpeech = false }: SendOptions): Promise<MediaStream> {
  const audio: MediaTrackConstraints = {
    echoCancellation: forSpeech,
    noiseSuppression: forSpeech,
    autoGainControl: forSpeech,
    ...(deviceId === undefined ? {} : { deviceId: { exact: deviceId } }),
  };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw refusal(error);
  }
}

/** Why the browser gives no microphone, in words. */
export function refusal(error: unknown): NoMicrophone {
  switch (error instanceof Error ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return new NoMicrophone("the microphone was not allowed", "allow it for this page in the browser's settings");
    case "NotFoundError":
      return new NoMicrophone("there is no microphone", "plug one in");
    case "OverconstrainedError":
      return new NoMicrophone("the microphone that was chosen is not there", "choose another");
    case "NotReadableError":
    case "AbortError":
      return new NoMicrophone("the microphone cannot be opened", "another program may have it");
    default:
      return new NoMicrophone(`there is no microphone: ${String(error)}`);
  }
}
