// Generated from csoundd's declared API by `make protocol`; not to be edited.

import type { NdArray } from "../values.js";
import type { EngineChange, Graph, Invalue, Key, Message, Meters, MidiEvent, OpenedFile, Outvalue, RenderChange, Transport } from "./structs.js";

/** What can be chosen for each topic. */
export interface TopicOptions {
  /** What Csound prints, line by line. Where a client is too slow for them, a line says how many were dropped. */
  "messages": {
    /** the least severe kind that is wanted; "info" by default */
    level?: "error" | "warning" | "info";
    /** first send again what is kept after this sequence number */
    since?: number | null;
  };
  /** Values of control and string channels by name. The first frame is complete; a slow client gets the latest. */
  "channels": {
    /** names, or patterns with `*` and `?`; "*" by default */
    names?: string | readonly string[];
    /** the most frames a second, in Hz; 20.0 by default */
    rate?: number;
    /** send only values that changed since the last frame; false by default */
    onChange?: boolean;
  };
  /** One audio channel, a cycle of samples in each frame. */
  "audio-channel": {
    /** the channel */
    name: string;
    /** frames a second, in Hz, each the cycle of its moment; null for every cycle */
    rate?: number | null;
  };
  /** The audio output as arrays of shape `[frames, channels]`; the last of a performance is what is left. A slow client loses the oldest frames; where it is `lossless` and nothing paces the performance, that waits for it instead. `stream.ended` says that a performance is over. */
  "spout": {
    /** 32-bit float, 16-bit integer or 64-bit float; "f32" by default */
    format?: "f32" | "i16" | "f64";
    /** sample frames in one frame of the stream; 512 by default */
    block?: number;
    /** channels from 0, in this order; null for all */
    channels?: readonly number[] | null;
    /** whether a performance that nothing paces (drive free) waits for this client; false by default */
    lossless?: boolean;
  };
  /** Peak and effective level of each output channel since the last frame. */
  "meters": {
    /** frames a second, in Hz; 20.0 by default */
    rate?: number;
  };
  /** Whether it plays, where it is, and how hard the machine works. */
  "transport": {
    /** frames a second, in Hz; 10.0 by default */
    rate?: number;
  };
  /** Every change of the engine's state, crashes and restarts among them, and the end of each recording. */
  "engine": {
  };
  /** The output in decibels, `[channels, size / 2 + 1]`: 0 is a sine at full scale, -200 nothing. */
  "spectrum": {
    /** samples in one transform, a power of 2 from 64 to 32768; 1024 by default */
    size?: number;
    /** frames a second, in Hz; 20.0 by default */
    rate?: number;
  };
  /** One spectral channel, its frame as `csound.pvsData` gives it, whenever there is a new one. */
  "pvs": {
    /** the channel */
    name: string;
    /** the most frames a second, in Hz; 20.0 by default */
    rate?: number;
  };
  /** One array channel, as `csound.arrayData` gives it, whenever it has changed. */
  "array": {
    /** the channel */
    name: string;
    /** the most frames a second, in Hz; 20.0 by default */
    rate?: number;
  };
  /** What `outvalue` says. A value that it repeats in every cycle is told once, until it changes. */
  "outvalue": {
  };
  /** Each name that `invalue` asks for, once, and each value that has grown too old. */
  "invalue": {
  };
  /** The keys that anybody presses for `sensekey`. */
  "keyboard": {
  };
  /** The MIDI messages that the orchestra sends, and what became of the driver. */
  "midi": {
  };
  /** What `display`, `dispfft` and new tables draw. A slow client loses the oldest drawings. */
  "graphs": {
  };
  /** The files that the engine opens. */
  "files": {
  };
  /** What becomes of the jobs that are rendered, and how far each is. It begins with how they are. */
  "render": {
    /** the job, by default every one */
    job?: string | null;
    /** how often each tells how far it is, in Hz; 10.0 by default */
    rate?: number;
  };
}

/** What a frame of each topic holds. */
export interface TopicData {
  /** What Csound prints, line by line. Where a client is too slow for them, a line says how many were dropped. */
  "messages": Message;
  /** Values of control and string channels by name. The first frame is complete; a slow client gets the latest. */
  "channels": Record<string, number | string>;
  /** One audio channel, a cycle of samples in each frame. */
  "audio-channel": NdArray<Float64Array>;
  /** The audio output as arrays of shape `[frames, channels]`; the last of a performance is what is left. A slow client loses the oldest frames; where it is `lossless` and nothing paces the performance, that waits for it instead. `stream.ended` says that a performance is over. */
  "spout": NdArray;
  /** Peak and effective level of each output channel since the last frame. */
  "meters": Meters;
  /** Whether it plays, where it is, and how hard the machine works. */
  "transport": Transport;
  /** Every change of the engine's state, crashes and restarts among them, and the end of each recording. */
  "engine": EngineChange;
  /** The output in decibels, `[channels, size / 2 + 1]`: 0 is a sine at full scale, -200 nothing. */
  "spectrum": NdArray;
  /** One spectral channel, its frame as `csound.pvsData` gives it, whenever there is a new one. */
  "pvs": NdArray;
  /** One array channel, as `csound.arrayData` gives it, whenever it has changed. */
  "array": NdArray;
  /** What `outvalue` says. A value that it repeats in every cycle is told once, until it changes. */
  "outvalue": Outvalue;
  /** Each name that `invalue` asks for, once, and each value that has grown too old. */
  "invalue": Invalue;
  /** The keys that anybody presses for `sensekey`. */
  "keyboard": Key;
  /** The MIDI messages that the orchestra sends, and what became of the driver. */
  "midi": MidiEvent;
  /** What `display`, `dispfft` and new tables draw. A slow client loses the oldest drawings. */
  "graphs": Graph;
  /** The files that the engine opens. */
  "files": OpenedFile;
  /** What becomes of the jobs that are rendered, and how far each is. It begins with how they are. */
  "render": RenderChange;
}
