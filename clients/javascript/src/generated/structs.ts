// Generated from csoundd's declared API by `make protocol`; not to be edited.

import type { NdArray, Value } from "../values.js";

/** An audio device as Csound's module reports it. */
export interface AudioDevice {
  deviceName: string;
  deviceId: string;
  rtModule: string;
  maxNchnls: number;
  isOutput: boolean;
}

/** A call inside a call: one of the requests that `engine.batch` and the queued tasks run. */
export interface CallRequest {
  method: string;
  params: Value[] | Record<string, Value>;
}

/** A channel of the software bus (`mode`: 1 input, 2 output, 3 both). */
export interface ChannelInfo {
  name: string;
  kind: string;
  mode: number;
  hints: ControlChannelHints | null;
}

/** A channel and what it holds: a number, a text, or an array. */
export interface ChannelState {
  name: string;
  kind: string;
  mode: number;
  hints: ControlChannelHints | null;
  value: Value;
}

/** The result of compiling a piece of code: `messages` are the lines that Csound printed over it. */
export interface CompileReport {
  ok: boolean;
  diagnostics: Diagnostic[];
  messages: string[];
}

/** Hints for showing a control channel (`behav`: 0 none, 1 int, 2 lin, 3 exp). */
export interface ControlChannelHints {
  behav: number;
  dflt: number;
  min: number;
  max: number;
  x: number;
  y: number;
  width: number;
  height: number;
  attributes: string | null;
}

/**
 * A fault in a piece of code and its place: lines and columns from 1, 0 where Csound names none.
 *
 * They count in `file`, which the code includes, and where that is empty in the code itself.
 */
export interface Diagnostic {
  line: number;
  column: number;
  message: string;
  severity: "error" | "warning";
  file: string;
}

/**
 * The engine changed state, or something befell it.
 *
 * `restored` counts what a new host was given back. With the event `recorded` the file `recording` is complete,
 * whatever ended it; a `reason` says why it ended early.
 */
export interface EngineChange {
  event: string;
  state: "offline" | "starting" | "ready" | "playing" | "paused" | "ended" | "failed";
  epoch: number;
  reason: string | null;
  restored: Record<string, Value> | null;
  recording: string | null;
}

/**
 * The engine at a glance. `version` is Csound's times 1000; `unsupported` gives a reason by method.
 *
 * `epoch` rises whenever an engine begins anew, and with it handles turn stale. Without a host there is
 * neither `version` nor `pid`. `scheduling` is what the system granted to the performance thread;
 * `confined` is what it holds the engine's process off from: `files` other than those it needs, `programs`,
 * `tcp`;
 * `piece` is the name of the piece that was loaded, null where that is not known;
 * `format` has `sr`, `ksmps`, `nchnls` and `zerodbfs` once Csound has been started, and is empty before.
 */
export interface EngineInfo {
  backend: string;
  version: number | null;
  state: "offline" | "starting" | "ready" | "playing" | "paused" | "ended" | "failed";
  epoch: number;
  pid: number | null;
  drive: "clock" | "device" | "free" | "step";
  unsupported: Record<string, string>;
  scheduling: string;
  format: Record<string, number>;
  confined: string[];
  piece: string | null;
}

/**
 * A graph that was made, drawn or killed (for the last, only its `id`), or that there will be no more.
 *
 * `data` are the `npts` numbers drawn, between `min` and `max`; `absmax` is the largest magnitude of this
 * drawing, `oabsmax` of all. `polarity`: 0 unknown, 1 negative, 2 positive, 3 both.
 */
export interface Graph {
  event: "make" | "draw" | "kill" | "exit";
  id: number | null;
  caption: string | null;
  npts: number | null;
  data: NdArray | null;
  min: number | null;
  max: number | null;
  absmax: number | null;
  oabsmax: number | null;
  polarity: number | null;
}

/** An instrument: its name, empty where it has none, and its number, null where Csound has not given one yet. */
export interface InstrumentInfo {
  name: string;
  number: number | null;
}

/**
 * A name that an `invalue` asks for: `kind` is `k` for numbers, `S` for texts.
 *
 * `stale` says that its value has grown older than it may, so that the default is answered.
 */
export interface Invalue {
  name: string;
  kind: "k" | "S";
  stale: boolean;
}

/** A key that somebody pressed, or with `up` let go: `key` is its character, `code` the character's number. */
export interface Key {
  key: string;
  code: number;
  up: boolean;
}

/** A moment of the performance: samples and cycles since its start, and seconds of score. */
export interface Landing {
  sample: number;
  cycle: number;
  scoreTime: number;
}

/** A limit: its value, how much is used where that is told, how often it was come to, its setting, and of what. */
export interface LimitStatus {
  value: number | null;
  used: number | null;
  hits: number;
  setting: string | null;
  what: string;
}

/** A line that Csound printed: `attr` is Csound's own attribute, `level` what it comes to. */
export interface Message {
  text: string;
  attr: number;
  level: "error" | "warning" | "info";
}

/** Levels since the last frame, one number for each channel, 1.0 being full scale. */
export interface Meters {
  peak: number[];
  rms: number[];
}

/** A MIDI device as Csound's module reports it. */
export interface MidiDevice {
  deviceName: string;
  interfaceName: string;
  deviceId: string;
  midiModule: string;
  isOutput: boolean;
}

/** An event of the virtual MIDI driver; a `message` of the orchestra's has its bytes. */
export interface MidiEvent {
  event: "message" | "inOpen" | "inClose" | "outOpen" | "outClose" | "devices" | "error";
  bytes: number[];
}

/**
 * A link that pairs a device, which is told this once.
 *
 * `svg` is a QR code of it, as an element for a page, and `seconds` how long it is good for. `authority` is the
 * SHA-256 fingerprint of the daemon's own authority, which a phone shows before it trusts it; null where it has none.
 */
export interface NewPairing {
  id: string;
  link: string;
  svg: string;
  seconds: number;
  authority: string | null;
}

/** A token that was made, which is told this once. */
export interface NewToken {
  token: string;
  id: string;
  name: string;
  scope: "read" | "control" | "compile" | "admin";
  channels: string[] | null;
  readChannels: string[] | null;
  created: number;
  expires: number | null;
}

/** One form of an opcode: the types of its outputs and inputs in Csound's letters, and its flags. */
export interface OpcodeInfo {
  name: string;
  outputs: string;
  inputs: string;
  flags: number;
}

/**
 * A file that the engine opened: `path` in the workspace, or only its name where it is `outside` of that.
 *
 * `type` is Csound's word for what it is (`wave`, `midi`, `floats_text`, ...); `temp` says that Csound
 * deletes it again.
 */
export interface OpenedFile {
  path: string;
  type: string;
  write: boolean;
  temp: boolean;
  outside: boolean;
}

/** A value of an `outvalue`: a number or a text. */
export interface Outvalue {
  name: string;
  value: number | string;
}

/** A pairing, without its link. `token` is the one that it has given, null while it waits. */
export interface PairingInfo {
  id: string;
  name: string;
  scope: "read" | "control" | "compile" | "admin";
  channels: string[] | null;
  readChannels: string[] | null;
  seconds: number;
  token: TokenInfo | null;
}

/** The answer to `session.ping`: the client's own `t`, the server's Unix time, the engine's sample. */
export interface Pong {
  t: number;
  wall: number;
  sample: number;
}

/** A remote opcode: the names of the values that clients feed, and of those that they hear. */
export interface RemoteOpcode {
  name: string;
  outputs: string[];
  inputs: string[];
}

/** A time that a job was begun. `lost` is one whose daemon died, `interrupted` one whose daemon was ended. */
export interface RenderAttempt {
  number: number;
  state: "running" | "done" | "failed" | "crashed" | "lost" | "interrupted" | "cancelled";
  started: number;
  ended: number | null;
  error: RenderFailure | null;
  log: string[];
}

/**
 * A job: its state, and while it runs how far it is.
 *
 * `scoreTime` is where it is in the score, `seconds` how much sound there is, `speed` how many times faster than
 * real time, `eta` the seconds that are left, where the length is known. One that failed has its `error`, and in
 * `log` the last of what Csound printed.
 */
export interface RenderChange {
  job: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  name: string | null;
  attempt: number | null;
  scoreTime: number | null;
  seconds: number | null;
  speed: number | null;
  eta: number | null;
  cached: boolean | null;
  error: RenderFailure | null;
  log: string[] | null;
}

/** The reason why there is no sound file: the type of the error, what was wrong, and what to do about it. */
export interface RenderFailure {
  type: string;
  message: string;
  hint: string | null;
}

/**
 * A sound file of a job: `path` is where HTTP has it, `size` its bytes, `sha256` their digest.
 *
 * `stem` is the instrument or the audio channel that it has alone, null for the mix.
 */
export interface RenderFile {
  stem: string | null;
  kind: "mix" | "instrument" | "channel";
  path: string;
  size: number;
  sha256: string;
  nchnls: number;
  levels: RenderLevels;
}

/** A job. Times are Unix times; `cached` says that its sound files were there already. */
export interface RenderJob {
  job: string;
  name: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  priority: number;
  key: string | null;
  created: number;
  started: number | null;
  ended: number | null;
  attempts: number;
  cached: boolean;
  progress: RenderProgress | null;
  result: RenderResult | null;
  error: RenderFailure | null;
  history: RenderAttempt[];
}

/**
 * The levels of a sound file in decibels of its full scale, null where there is no number, as of silence.
 *
 * `loudness` is that of EBU R 128 in LUFS, of at most six channels; `clipped` and `notNumbers` count samples.
 */
export interface RenderLevels {
  peak: number | null;
  truePeak: number | null;
  rms: number | null;
  loudness: number | null;
  clipped: number;
  notNumbers: number;
}

/** Jobs, the latest first. `next` is what to give as `before` for those that follow, null where none do. */
export interface RenderList {
  jobs: RenderJob[];
  next: string | null;
}

/**
 * How far a job is that runs: seconds of the score and of sound, and times real time.
 *
 * `eta` are the seconds that are left, where the length is known.
 */
export interface RenderProgress {
  scoreTime: number;
  seconds: number;
  speed: number;
  eta: number | null;
}

/**
 * What came of a job: its `files`, all of them whole, the mix first, whose own values are here as well.
 *
 * `stemSum` is null without stems, and for formats that keep no samples as they are. `warnings` are what Csound
 * warned of, each line once and at most so many; `inputs` the files that it has read. `cut` says that it was cut
 * before its end, as was asked.
 */
export interface RenderResult {
  path: string;
  size: number;
  sha256: string;
  frames: number;
  sr: number;
  nchnls: number;
  seconds: number;
  levels: RenderLevels;
  warnings: string[];
  warningCount: number;
  inputs: string[];
  cut: boolean;
  files: RenderFile[];
  stemSum: RenderStemSum | null;
}

/**
 * The sum of all stems beside the mix: their largest `difference`, full scale being 1, and where that is.
 *
 * `isMix` says that they are the same but for the rounding of the files.
 */
export interface RenderStemSum {
  difference: number;
  seconds: number;
  isMix: boolean;
}

/** The server's name and version. `instance` is another one whenever a daemon is started. */
export interface ServerInfo {
  name: string;
  version: string;
  instance: string;
}

/** The state of the daemon. Times are Unix times and seconds. */
export interface ServerStatus {
  version: string;
  protocol: number;
  started: number;
  uptime: number;
  auth: string;
  encrypted: boolean;
  certificateSeconds: number | null;
  engine: string;
  state: "offline" | "starting" | "ready" | "playing" | "paused" | "ended" | "failed";
  reason: string | null;
  restarts: number;
  load: number;
  connections: Record<string, number>;
  sessions: number;
  subscriptions: number;
  limits: Record<string, LimitStatus>;
}

/** A function table: its length, its GEN number and that routine's arguments. */
export interface TableInfo {
  table: number;
  length: number;
  args: NdArray;
}

/** A function table by its number, and how many points it has without its guard point. */
export interface TableLength {
  table: number;
  length: number;
}

/** A ticket, and the seconds for which it is good. */
export interface Ticket {
  ticket: string;
  expires: number;
}

/** A token, without what it is recognised by. Times are Unix times; null is no limit. */
export interface TokenInfo {
  id: string;
  name: string;
  scope: "read" | "control" | "compile" | "admin";
  channels: string[] | null;
  readChannels: string[] | null;
  created: number;
  expires: number | null;
}

/** The position of the performance. `cpuLoad` is the share of real time that it takes, `lateCycles` a count. */
export interface Transport {
  state: "offline" | "starting" | "ready" | "playing" | "paused" | "ended" | "failed";
  sample: number;
  scoreTime: number;
  cpuLoad: number;
  lateCycles: number;
}

/** The answer to `session.hello`: the session's name, what it may do, and the server's limits by name. */
export interface Welcome {
  protocol: number;
  server: ServerInfo;
  engine: EngineInfo;
  session: string;
  scopes: ("read" | "control" | "compile" | "admin")[];
  limits: Record<string, number>;
}
