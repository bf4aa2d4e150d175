// Generated from csoundd's declared API by `make protocol`; not to be edited.

import type { ArrayLike, Callback, Handle, NdArray, StreamRef, Value } from "../values.js";
import type { AudioDevice, CallRequest, ChannelInfo, ChannelState, CompileReport, ControlChannelHints, EngineInfo, Graph, InstrumentInfo, Invalue, Key, Landing, Message, MidiDevice, MidiEvent, NewPairing, NewToken, OpcodeInfo, OpenedFile, Outvalue, PairingInfo, Pong, RemoteOpcode, RenderJob, RenderList, ServerStatus, TableInfo, TableLength, Ticket, TokenInfo, Transport } from "./structs.js";

/** The methods `csound.*`. */
export interface CsoundMethods {
  /** Csound's version as one number: 6181 is 6.18.1. */
  version(): Promise<number>;

  /** The version of Csound's API; since Csound 7 has none, the same as `version` there. */
  APIVersion(): Promise<number>;

  /** Bytes in one of Csound's numbers: 8, as both engines compute in double precision. */
  sizeOfMYFLT(): Promise<number>;

  /** A handle that stands for the engine in place of its address; it turns stale when the engine begins anew. */
  csound(): Promise<Handle>;

  /** The data that setHostData left here, null before that. Every client sees the same value. */
  hostData(): Promise<Value>;

  /** Leave any value for hostData to find. The daemon keeps it, also through a crash of the engine. */
  setHostData(data: Value): Promise<void>;

  /** Whether Csound prints what only its own developers want to know. */
  debug(): Promise<boolean>;

  /** Switch Csound's debug messages on or off. */
  setDebug(debug: boolean): Promise<void>;

  /**
   * An environment variable as Csound sees it, null where it is not set.
   *
   * Raises Forbidden for variables that are none of Csound's.
   */
  env(name: string): Promise<string | null>;

  /**
   * Set one of Csound's environment variables, or with null remove it.
   *
   * It holds for engines made from now on, so an `engine.restart` brings it into effect; the daemon keeps it.
   * Several folders have semicolons between them. Returns 0 when it was taken. Raises Forbidden for variables
   * that are none of Csound's and for folders outside the workspace.
   */
  setGlobalEnv(name: string, value: string | null): Promise<number>;

  /** Load every plug-in of a folder in the workspace, before anything is compiled. Returns 0 when it worked. */
  loadPlugins(directory: string): Promise<number>;

  /**
   * Raises Unsupported on every engine: Csound's UDP port runs whatever code anybody on the network sends it.
   *
   * Code comes over csoundd's own connections, with scopes. In the API it returns 0 when the server started.
   */
  UDPServerStart(port: number): Promise<number>;

  /**
   * Run one of Csound's utilities (sndinfo, pvanal, lpanal, ...) in a process of its own.
   *
   * `args` begin with the utility's name, as a C program's do. Answers when it has ended: 0 for success.
   * Its output is on the stream `messages`. Raises Forbidden for paths outside the workspace.
   */
  runUtility(name: string, args: readonly string[]): Promise<number>;

  /** Do nothing: the engine tidies up by itself when the performance ends. */
  cleanup(): Promise<void>;

  /**
   * Set options as they stand on a command line, several separated by spaces.
   *
   * Returns 0 when they were taken; once Csound has started it takes none and returns something else.
   * Raises Forbidden for options that the daemon keeps for itself, InvalidParams for one that there is not.
   */
  setOption(option: string): Promise<number>;

  /**
   * All of Csound's parameters by name, as the options and defaults have set them.
   *
   * The names are those of the engine's own structure, which differ between Csound 6 and 7. `params`
   * exists for libcsound's sake (a structure to fill) and is ignored.
   */
  params(params?: Readonly<Record<string, Value>> | null): Promise<Record<string, Value>>;

  /** Take audio input from a file in the workspace, or in drive `device` from a device (`adc`). */
  setInput(name: string): Promise<void>;

  /**
   * Send the output to a file of the given type and sample format, or in drive `device` to a device (`dac`).
   *
   * In the other drives csoundd has the audio itself: there this is ignored, with a warning message.
   * @param filetype "" by default
   * @param format "" by default
   */
  setOutput(name: string, filetype?: string, format?: string): Promise<void>;

  /** Take MIDI from a device, by its name or number in the current MIDI module. */
  setMidiInput(name: string): Promise<void>;

  /**
   * Choose the module that does MIDI; `csound.modules` lists those there are.
   *
   * Clients are no longer the instruments then, until `csound.setHostMidiIO` makes them. It is taken before the
   * start only: a module would not know the ports that another one has opened.
   */
  setMidiModule(module: string): Promise<void>;

  /** Choose the module that speaks to the sound card; it matters on the native engine in drive `device` only. */
  setRTAudioModule(module: string): Promise<void>;

  /**
   * The sample rate of the sound card, in Hz; a value above 0 sets it first. Not positive where it is unknown.
   * @param val 0.0 by default
   */
  systemSr(val?: number): Promise<number>;

  /** Let the host have the audio through spin and spout. So it is in every drive but `device` anyway. */
  setHostAudioIO(): Promise<void>;

  /**
   * Let clients be the MIDI instruments, over the topic `midi`.
   *
   * So they are anyway, but on the native engine in drive `device`.
   */
  setHostMidiIO(): Promise<void>;

  /** With true the same as setHostMidiIO; with false nothing. */
  setHostImplementedMidiIO(state: boolean): Promise<void>;

  /** The kinds of messages that Csound prints, as a sum of the numbers that setMessageLevel explains. */
  messageLevel(): Promise<number>;

  /**
   * Choose what Csound prints, also while it performs.
   *
   * A sum of 1 for the amplitudes of notes, 2 for samples out of range, 4 for warnings, one of 32, 64, 96
   * for how amplitudes look, and 128 for times at the end. 0 prints next to nothing.
   */
  setMessageLevel(messageLevel: number): Promise<void>;

  /**
   * The name and the type (`audio` or `midi`) of a module, and a return code.
   *
   * They are counted from 0; past the last one the answer is `["", "", -1]`.
   */
  module(number: number): Promise<[string, string, number]>;

  /** Name and type of every audio and MIDI module that this Csound has. */
  modules(): Promise<([string, string])[]>;

  /**
   * The audio outputs or inputs of the current audio module, empty on a machine without any.
   *
   * The embedded engine has no module; in drive `device` these are the cards that csoundd itself can play on.
   */
  audioDevList(isOutput: boolean): Promise<AudioDevice[]>;

  /**
   * The MIDI inputs, or outputs, of the current MIDI module, empty on a machine without any.
   * @param isOutput false by default
   */
  midiDevList(isOutput?: boolean): Promise<MidiDevice[]>;

  /**
   * Get Csound ready to perform: 0 when it is, also when it was before.
   *
   * What was compiled so far is merged, its score sorted. Playing and performing start by themselves.
   */
  start(): Promise<number>;

  /** End the performance; it cannot go on from there. The same as `thread.stop` and joining it. */
  stop(): Promise<void>;

  /**
   * Forget everything: code, score, channels, tables, options. Every client of the daemon is affected.
   *
   * The engine is then in the state `ready` of a new epoch, in which older handles answer StaleHandle.
   */
  reset(): Promise<void>;

  /**
   * Perform to the end of the score and answer then: 0 if it was stopped, 1 at the end, less than 0 for an error.
   *
   * Raises WrongState while the performance thread plays.
   */
  perform(): Promise<number>;

  /**
   * Perform one cycle: false while there is more to come, true when the performance is over.
   *
   * Starts Csound where that has not happened. Raises WrongState in every drive but `step`.
   */
  performKsmps(): Promise<boolean>;

  /** A handle that stands for the performance thread. There is always one, always the same. */
  performanceThread(): Promise<Handle>;

  /** Answer after so many milliseconds. Nobody else waits for it. */
  sleep(milliseconds: number): Promise<void>;

  /** Audio frames per second. */
  sr(): Promise<number>;

  /** Cycles per second: `sr` divided by `ksmps`. */
  kr(): Promise<number>;

  /** Audio frames in one cycle. */
  ksmps(): Promise<number>;

  /** Channels of audio output. */
  nchnls(): Promise<number>;

  /** Channels of audio input: as many as there are outputs unless the orchestra sets `nchnls_i`. */
  nchnlsInput(): Promise<number>;

  /** The sample value that means full scale in spin and spout. */
  get0dBFS(): Promise<number>;

  /** The frequency of the A above middle C, in Hz. */
  A4(): Promise<number>;

  /** Audio frames performed since the start of the performance. */
  currentTimeSamples(): Promise<number>;

  /**
   * Compile orchestra code and merge it: new instruments are added, those of the same number or name replaced.
   *
   * Code outside instruments runs at once; with `block` false it runs at one of the next cycles, and the
   * answer says only that the code is well-formed. Notes that sound keep the instrument they began with.
   * @param block true by default
   */
  compileOrc(orc: string, block?: boolean): Promise<number>;

  /** Compile orchestra code to be merged at one of the next cycles: compileOrc with `block` false. */
  compileOrcAsync(orc: string): Promise<number>;

  /**
   * Set the orchestra's header, before the start: sample rate, cycle size, channels, full scale and tuning.
   *
   * What is null is left as it is, and options win over all of it. Raises InvalidParams for a value that is not
   * above 0.
   * @param nchnls 2 by default
   * @param zerodbfs 1.0 by default
   * @param ksmps 64 by default
   */
  compileOrcHeader(sr?: number | null, nchnls?: number, nchnls_i?: number | null, zerodbfs?: number, ksmps?: number, a4?: number | null): Promise<void>;

  /**
   * Compile a CSD of the workspace.
   *
   * Before the start its options count and its score is a score, with an end. Afterwards its options are
   * ignored and its score's events are played as if they came from outside, and nothing ends. `block`
   * false does not wait for the compiler, where the engine can do that.
   *
   * Raises Forbidden for a path outside the workspace.
   * @param block true by default
   */
  compileCsd(path: string, block?: boolean): Promise<number>;

  /**
   * Compile the text of a CSD, in all else as compileCsd does. Each of its tags stands on a line of its own.
   * @param block true by default
   */
  compileCsdText(code: string, block?: boolean): Promise<number>;

  /**
   * Do what the command `csound` does with these arguments, the command's name first, up to performing.
   *
   * Csound is started with it. Raises Forbidden for options that the daemon keeps for itself.
   */
  compileCommandLine(...args: readonly string[]): Promise<number>;

  /**
   * Run code at init time, as if outside any instrument, and answer with what its `return` returns.
   *
   * Not a number where the code does not compile.
   */
  evalCode(code: string): Promise<number>;

  /**
   * Send an event: `i` a note, `f` a table, `e` the end. `block` false does not wait for the engine.
   *
   * A text among the p-fields names an instrument or is one of its texts. Raises InvalidParams for other kinds.
   * @param block true by default
   */
  event(kind: string, pfields: readonly (number | string)[] | ArrayLike, block?: boolean): Promise<void>;

  /**
   * Send events written as score lines; carrying p-fields over works. `block` false does not wait.
   * @param block true by default
   */
  eventString(message: string, block?: boolean): Promise<void>;

  /** Send an event, as `event` does, and answer 0 when it was accepted. */
  scoreEvent(kind: string, pfields: readonly (number | string)[] | ArrayLike): Promise<number>;

  /** Send an event without waiting for the engine. */
  scoreEventAsync(kind: string, pfields: readonly (number | string)[] | ArrayLike): Promise<void>;

  /** Send events written as score lines. */
  inputMessage(message: string): Promise<void>;

  /** Send events written as score lines without waiting for the engine. */
  inputMessageAsync(message: string): Promise<void>;

  /** Let the performance end so many seconds from now. It is the end for every client. */
  setEndMarker(time: number): Promise<void>;

  /** The number that Csound gave a named instrument, -1 where there is none of that name. */
  instrNumber(name: string): Promise<number>;

  /**
   * End notes of an instrument, given by number or name; with `allowRelease` they may fade first.
   *
   * `mode` is 0 for all of them, 1 for the oldest, 2 for the newest; 4 is added to match the fraction of the
   * instrument's number exactly, 8 to take held notes (negative p3) only.
   * @param allowRelease true by default
   */
  killInstance(instr: number | string, mode: number, allowRelease?: boolean): Promise<void>;

  /** Seconds of score performed so far. */
  scoreTime(): Promise<number>;

  /** Whether the events of the score are performed, or left out. */
  isScorePending(): Promise<boolean>;

  /** Perform the events of the score, or with false leave them out and play only what comes from outside. */
  setScorePending(pending: boolean): Promise<void>;

  /** The score time, in seconds, at which the score begins. */
  scoreOffsetSeconds(): Promise<number>;

  /** Begin the score at this score time: what comes before is passed over. In seconds. */
  setScoreOffsetSeconds(time: number): Promise<void>;

  /** Go back to where the score begins, which setScoreOffsetSeconds says. What had ended can be played again. */
  rewindScore(): Promise<void>;

  /**
   * The value of a control channel.
   *
   * Returns the value and a return code, `[0.0, 0]` for a name that is not there.
   */
  controlChannel(name: string): Promise<[number, number]>;

  /** Set a control channel, creating it where it is not there. Instruments see it from the next cycle on. */
  setControlChannel(name: string, val: number): Promise<void>;

  /** The text of a string channel, empty for a name that is not there. */
  stringChannel(name: string): Promise<string>;

  /** Set a string channel, creating it where it is not there. */
  setStringChannel(name: string, string: string): Promise<void>;

  /**
   * One cycle of an audio channel: `ksmps` samples, zeros for a name that is not there.
   *
   * `samples` exists for libcsound's sake (a buffer to fill) and is ignored.
   */
  audioChannel(name: string, samples?: ArrayLike | null): Promise<NdArray<Float64Array>>;

  /**
   * Set the samples of an audio channel; it takes at least `ksmps` of them.
   *
   * Raises InvalidParams for fewer samples than a cycle has.
   */
  setAudioChannel(name: string, samples: ArrayLike): Promise<void>;

  /** Every channel there is, with its mode: 1 for input, 2 for output, 3 for both. The list may be empty. */
  allocatedChannels(): Promise<ChannelInfo[]>;

  /**
   * The hints of a control channel, set by `chnparams` or setControlChannelHints, and a return code.
   *
   * The hints are null, and the code is not 0, where the channel is not there, is no control channel, or
   * has never been given any.
   */
  controlChannelHints(name: string): Promise<[ControlChannelHints | null, number]>;

  /**
   * A channel's kind (`control`, `audio`, `string`, `pvs` or `array`) and mode.
   *
   * `["", 0]` for a name that is not there.
   */
  channelInfo(name: string): Promise<[string, number]>;

  /** A channel's kind, in the words of channelInfo; empty for a name that is not there. */
  channelVarTypeName(name: string): Promise<string>;

  /** Bytes that a channel's data take up in the engine, 0 for a name that is not there. */
  channelDatasize(name: string): Promise<number>;

  /**
   * Make sure that a channel is there, and answer with a handle to it in place of a pointer.
   *
   * A channel that is there already has to be of this kind and is given the mode besides its own. Where that
   * fails the handle is null and the text beside it says why.
   * @param mode "r" by default
   */
  channelPtr(name: string, kind: "control" | "audio" | "string" | "pvs" | "array", mode?: "r" | "w" | "rw"): Promise<[Handle | null, string]>;

  /** Every channel there is and an error text; null in place of an empty list. See allocatedChannels. */
  listChannels(): Promise<[ChannelInfo[] | null, string]>;

  /** Do nothing: the list that listChannels sent is a copy. */
  deleteChannelList(lst: Value): Promise<void>;

  /**
   * Keep other clients from writing to a channel until unlockChannel, or for a second at most.
   *
   * The engine itself is never locked. Raises NotFound for a name that is not there.
   */
  lockChannel(channel: string): Promise<void>;

  /** Let other clients write to a channel again that this session had locked. */
  unlockChannel(channel: string): Promise<void>;

  /**
   * Tell front ends what a control channel is meant for: its default, its range, where its control belongs.
   *
   * `behav` is how it runs: 0 takes the hints away, 1 is for whole numbers, 2 linear, 3 exponential. With
   * `hints` given, the rest is ignored. Returns 0, or -1 where the channel is not there, is no control
   * channel, or the values contradict each other (a default out of range, an exponential range with 0 in it).
   * @param behav 0 by default
   * @param dflt 0.01 by default
   * @param min 0.0 by default
   * @param max 1.0 by default
   * @param x 0 by default
   * @param y 0 by default
   * @param width 0 by default
   * @param height 0 by default
   */
  setControlChannelHints(name: string, hints?: Partial<ControlChannelHints> | null, behav?: number, dflt?: number, min?: number, max?: number, x?: number, y?: number, width?: number, height?: number, attributes?: string | null): Promise<number>;

  /**
   * The text of a string channel, given by its handle or its name.
   *
   * Raises NotFound for a name that is not there.
   */
  stringData(sdata: Handle | string): Promise<string>;

  /**
   * Set the text of a string channel, given by its handle or its name.
   *
   * Raises NotFound for a name that is not there.
   */
  setStringData(sdata: Handle | string, string: string): Promise<void>;

  /**
   * Answer `invalue` from values that clients push to the topic `invalue`; the engine waits for nobody.
   *
   * Returns the stream on which the names that the orchestra asks for arrive; null removes it.
   */
  setInputChannelCallback(function_: Callback<Invalue>): Promise<string | null>;

  /** Hear of every `outvalue`, a number or a text. Returns the stream they arrive on; null removes it. */
  setOutputChannelCallback(function_: Callback<Outvalue>): Promise<string | null>;

  /**
   * Make an array channel and answer with a handle to it, null where it cannot be made.
   *
   * `dtype` is `k` for numbers, `a` for audio, `S` for texts; `size` is its length, or one for each
   * dimension. A channel that is there already stays as it is.
   */
  initArrayChannel(name: string, dtype: string, size: number | readonly number[]): Promise<Handle | null>;

  /**
   * A copy of an array's data, in its own shape; texts come as a plain list in row order.
   *
   * Audio has a cycle's samples as a last dimension. Raises NotFound for a name that is not there.
   */
  arrayData(adat: Handle | string): Promise<NdArray | string[]>;

  /**
   * Replace an array's data at once.
   *
   * Raises InvalidParams for another type or shape, NotFound for a name that is not there.
   */
  setArrayData(adat: Handle | string, data: ArrayLike | readonly string[]): Promise<void>;

  /** The type of an array's elements: `k` or `i` numbers, `a` audio, `S` texts. */
  arrayDataType(adat: Handle | string): Promise<string>;

  /** The number of an array's dimensions. */
  arrayDataDimensions(adat: Handle | string): Promise<number>;

  /** The length of each dimension of an array. */
  arrayDataSizes(adat: Handle | string): Promise<number[]>;

  /**
   * Make a spectral channel and answer with a handle to it, null where it cannot be made.
   *
   * Sizes and overlap are in samples. `wintype` is `hamming`, `hann`, `kaiser`, `custom`,
   * `blackman`, `blackman-exact`, `nuttallc3`, `bharris3`, `bharrismin`, `rect` or their number
   * from 0; `format` is 0 for amplitude and frequency, 1 for amplitude and phase, 2 for complex numbers,
   * 3 for tracks. A channel that is there already stays as it is. Raises InvalidParams for a strange window.
   * @param format 0 by default
   */
  initPvsChannel(name: string, fftsize: number, overlap: number, winsize: number, wintype: number | string, format?: number): Promise<Handle | null>;

  /**
   * A copy of a channel's present frame: `fftsize + 2` 32-bit floats, two for each bin.
   *
   * Raises NotFound for a name that is not there.
   */
  pvsData(pvsdat: Handle | string): Promise<NdArray>;

  /**
   * Replace a channel's frame, and count it as a new one.
   *
   * Raises InvalidParams for a frame that has not `fftsize + 2` numbers, NotFound for a name that is not there.
   */
  setPvsData(pvsdat: Handle | string, frame: ArrayLike): Promise<void>;

  /** Samples in one transform of a channel. */
  pvsDataFftSize(pvsdat: Handle | string): Promise<number>;

  /** Samples from one frame of a channel to the next. */
  pvsDataOverlap(pvsdat: Handle | string): Promise<number>;

  /** Samples in the analysis window of a channel. */
  pvsDataWindowSize(pvsdat: Handle | string): Promise<number>;

  /** The format of a channel's frames, as initPvsChannel counts them. */
  pvsDataFormat(pvsdat: Handle | string): Promise<number>;

  /** The number of frames that a channel has had: a new number means a new frame. */
  pvsDataFramecount(pvsdat: Handle | string): Promise<number>;

  /** Points in a table, without its guard point; -1 where there is no such table. */
  tableLength(table: number): Promise<number>;

  /**
   * A copy of a table, null where there is no such table.
   *
   * `start` and `count`, which the API does not have, ask for a part of it. Raises InvalidParams for points
   * that the table does not have.
   * @param start 0 by default
   */
  table(table: number, start?: number, count?: number | null): Promise<NdArray | null>;

  /** The arguments that a table was made from: its GEN number, then that routine's; null for no such table. */
  tableArgs(table: number): Promise<NdArray | null>;

  /** A copy of the input that the next cycle will read. */
  spin(): Promise<NdArray<Float64Array>>;

  /** A copy of the output of the last cycle. */
  spout(): Promise<NdArray<Float64Array>>;

  /** Print a text among Csound's messages, where every client sees it. A line ends with a line feed. */
  message(message: string): Promise<void>;

  /**
   * Print a text with Csound's attributes.
   *
   * Its type is among them: 0 plain, 4096 error, 8192 orchestra, 12288 real time, 16384 warning.
   */
  messageS(attr: number, message: string): Promise<void>;

  /** Hear of all that is printed. Returns the stream it arrives on; null removes it. `attr` is ignored. */
  setMessageStringCallback(attr: number, function_: Callback<Message>): Promise<string | null>;

  /**
   * Begin to collect messages for this session. `echo` also writes them to the daemon's log.
   * @param echo false by default
   */
  createMessageBuffer(echo?: boolean): Promise<void>;

  /** Stop collecting, and forget what was collected. */
  destroyMessageBuffer(): Promise<void>;

  /** The number of messages that wait in the buffer, -1 where the session has none. */
  messageCnt(): Promise<number>;

  /** The oldest message, which stays in the buffer; empty where there is none. */
  firstMessage(): Promise<string>;

  /** The attributes of the oldest message, as messageS explains them; 0 where there is none. */
  firstMessageAttr(): Promise<number>;

  /** Drop the oldest message. */
  popFirstMessage(): Promise<void>;

  /** Take the oldest message out of the buffer: its text and attributes, `["", 0]` where there is none. */
  readMessage(): Promise<[string, number]>;

  /** Take every message out of the buffer: a list of texts with their attributes. */
  iterMessages(): Promise<([string, number])[]>;

  /**
   * Make a buffer for `numelem` elements of `elemsize` bytes, 0 meaning those of one of Csound's numbers.
   *
   * Raises LimitExceeded for a buffer too large or one too many.
   * @param elemsize 0 by default
   */
  createCircularBuffer(numelem: number, elemsize?: number): Promise<Handle>;

  /**
   * Take up to `numitems` items out of a buffer: how many there were, and the items.
   *
   * `out` is what libcsound fills; here null does. An array says how much room there is: with less than
   * `numitems` nothing is read.
   */
  readCircularBuffer(buffer: Handle, out: ArrayLike | null, numitems: number): Promise<[number, NdArray]>;

  /** Look at up to `numitems` items of a buffer without taking them; in all else as readCircularBuffer. */
  peekCircularBuffer(buffer: Handle, out: ArrayLike | null, numitems: number): Promise<[number, NdArray]>;

  /**
   * Put the first `numitems` of `data` into a buffer: how many it had room for.
   *
   * It is always one short of its size. With fewer data than `numitems` nothing is written.
   */
  writeCircularBuffer(buffer: Handle, data: ArrayLike, numitems: number): Promise<number>;

  /** Empty a buffer. */
  flushCircularBuffer(buffer: Handle): Promise<void>;

  /** Free a buffer; its handle is stale from then on. */
  destroyCircularBuffer(buffer: Handle): Promise<void>;

  /** Press a key, given as a character (of a longer text the first counts) or as its ASCII code. */
  keyPress(c: number | string): Promise<void>;

  /**
   * Hear of the keys that anybody presses, by keyPress or by pushing to the topic `keyboard`.
   *
   * `sensekey` reads them in any case, so `typemask` and `userdata` are ignored. Returns the stream on
   * which they arrive, where the API returns a code; null removes it.
   */
  registerKeyboardCallback(function_: Callback<Key>, userdata: Value, typemask: number): Promise<string | null>;

  /** Take back what registerKeyboardCallback did for this session. */
  removeKeyboardCallback(function_: Callback<Key>): Promise<void>;

  /** Hear when the engine opens its MIDI input. */
  setExternalMidiInOpenCallback(function_: Callback<MidiEvent>): Promise<string | null>;

  /** Let the engine read the bytes that clients push; it reads once in every cycle and never waits. */
  setExternalMidiReadCallback(function_: Callback<MidiEvent>): Promise<string | null>;

  /** Hear when the engine closes its MIDI input. */
  setExternalMidiInCloseCallback(function_: Callback<MidiEvent>): Promise<string | null>;

  /** Hear when the engine opens its MIDI output. */
  setExternalMidiOutOpenCallback(function_: Callback<MidiEvent>): Promise<string | null>;

  /** Hear every MIDI message that the orchestra sends. */
  setExternalMidiWriteCallback(function_: Callback<MidiEvent>): Promise<string | null>;

  /** Hear when the engine closes its MIDI output. */
  setExternalMidiOutCloseCallback(function_: Callback<MidiEvent>): Promise<string | null>;

  /** Hear of errors of the driver. It finds the words for them itself. */
  setExternalMidiErrorStringCallback(function_: Callback<MidiEvent>): Promise<string | null>;

  /** Hear when the engine asks which MIDI devices there are: the answer is the driver's one port. */
  setMidiDeviceListCallback(function_: Callback<MidiEvent>): Promise<string | null>;

  /**
   * Say, before the start, whether somebody draws graphs, and learn what was said before that.
   *
   * It is so from the beginning; with false Csound prints them as characters among its messages.
   */
  setIsGraphable(isGraphable: boolean): Promise<boolean>;

  /** Hear when a graph is made: its number and caption. */
  setMakeGraphCallback(function_: Callback<Graph>): Promise<string | null>;

  /** Hear when a graph is drawn: its number, range and data. */
  setDrawGraphCallback(function_: Callback<Graph>): Promise<string | null>;

  /** Hear when a graph is over. */
  setKillGraphCallback(function_: Callback<Graph>): Promise<string | null>;

  /** Hear when there will be no more graphs, at the end of the performance. */
  setExitGraphCallback(function_: Callback<Graph>): Promise<string | null>;

  /** Hear of every file that is opened: its path in the workspace, what it is, whether it is written. */
  setOpenFileCallback(function_: Callback<OpenedFile>): Promise<string | null>;

  /** The same: sound files are among the files. */
  setOpenSoundFileCallback(function_: Callback<OpenedFile>): Promise<string | null>;

  /**
   * Raises Unsupported on every engine: C functions cannot travel. In the API it returns 0 on success.
   *
   * What it is wanted for is done otherwise: an opcode written in Csound's own language (`opcode` and
   * `endop` in code that is compiled), or a plug-in with `csound.loadPlugins`.
   */
  appendOpcode(opname: string, dsblksiz: number, flags: number, outypes: string, intypes: string, initfunc: Callback<number>, perffunc: Callback<number>, deinitfunc?: Callback<number>): Promise<number>;
}

/** The methods `thread.*`. */
export interface ThreadMethods {
  /**
   * Begin to perform, or go on after a pause, in the drive's own time. Starts Csound where need be.
   *
   * Raises EngineError where Csound does not start, WrongState when the performance is over and in drive `step`.
   */
  play(): Promise<void>;

  /** Halt the performance between two cycles. Commands are still served. */
  pause(): Promise<void>;

  /** Pause if it plays, play if it does not. Raises WrongState when the performance is over. */
  togglePause(): Promise<void>;

  /** End the performance for good, for every client. `csound.rewindScore` or `csound.reset` begin anew. */
  stop(): Promise<void>;

  /**
   * Answer when the performance is over: more than 0 at its end or when it was stopped, less for an error.
   *
   * Nobody else waits for it, and any number of clients may.
   */
  join(): Promise<number>;

  /** 0 while the performance is not over, then more than 0, or less after an error. */
  status(): Promise<number>;

  /** Whether there is a performance that plays or could go on: false once it is over. */
  isRunning(): Promise<boolean>;

  /** The handle of the engine that it performs, the same as `csound.csound`. */
  csoundPtr(): Promise<Handle>;

  /** Send an event whose time (p2) counts from now, or with `abstime` from the start of the performance. */
  scoreEvent(abstime: boolean, kind: string, pfields: readonly (number | string)[] | ArrayLike): Promise<void>;

  /** Send events written as score lines. */
  inputMessage(s: string): Promise<void>;

  /**
   * Let the performance end so many seconds from now, or with `absolute` from its start.
   * @param absolute false by default
   */
  setEndMarker(time: number, absolute?: boolean): Promise<void>;

  /** Go to this score time, in seconds: what comes before is passed over. */
  setScoreOffsetSeconds(time: number): Promise<void>;

  /** Compile orchestra code between two cycles. Whether it did compile, `csound.compileOrc` tells. */
  compileOrc(code: string): Promise<void>;

  /**
   * Run code at init time and answer with what its `return` returns, as `csound.evalCode` does.
   *
   * With the callback `{"$stream": "eval"}` the answer comes at once: a stream of the session's own, whose one
   * frame is `{value, error}`. Raises Timeout when there is no value after `timeout` seconds.
   * @param timeout 5.0 by default
   */
  evalCode(code: string, callback?: Callback<number>, timeout?: number): Promise<number | string>;

  /**
   * Write the output to a WAV file of the workspace, from the cycle in which the call lands until stopRecord.
   *
   * 16 and 24 bits are integers, clipped at full scale (0dbfs), 32 bits are floats. The file, which replaces one
   * of that name, is whole at every moment. A pause is not heard in it; the time that the engine was away after
   * a crash is silence, and so is what could not be written in time, which a message tells. The recording also
   * ends with the performance, a reset, and the daemon. `numbufs` is accepted and not needed: a minute and more
   * waits for the disk where it has to. There is one recording at a time, whoever began it: another raises
   * WrongState. Raises Forbidden for a path outside the workspace, NotFound where its folder is missing.
   */
  record(filename: string, samplebits: 16 | 24 | 32, numbufs: number): Promise<void>;

  /**
   * End the recording with the cycle before this call, and answer when its file is complete.
   *
   * Nothing happens where there is none. Raises EngineError where the disk refused a part of it, also where it had
   * ended by that already, which the stream `engine` tells by the event `recorded`.
   */
  stopRecord(): Promise<void>;

  /** Answer when the thread has done all that this client sent it before. */
  flushMessageQueue(): Promise<void>;

  /** Run calls at the next cycle edge, all at the same. `engine.batch` does so too, and answers with results. */
  requestCallback(callback: readonly (Omit<CallRequest, "params"> & Partial<Pick<CallRequest, "params">>)[]): Promise<void>;

  /** Make ready for processQueueTask. */
  setProcessQueue(): Promise<void>;

  /** Run calls at one of the next cycle edges, all at the same. Raises WrongState before setProcessQueue. */
  processQueueTask(func: readonly (Omit<CallRequest, "params"> & Partial<Pick<CallRequest, "params">>)[]): Promise<void>;

  /** Answer when all tasks have run, or after `timeout` seconds. */
  flushProcessQueue(timeout?: number | null): Promise<void>;

  /**
   * Be told as the performance goes on, on a stream, as functions cannot travel; null removes it.
   *
   * Any topic will do that needs no options; returns the stream. `data` is ignored.
   */
  setProcessCallback(function_: Callback<Transport>, data?: Value): Promise<string | null>;

  /** The callback that setProcessCallback has set, null where there is none. */
  processCallback(): Promise<StreamRef | null>;
}

/** The methods `session.*`. */
export interface SessionMethods {
  /**
   * Compare clocks: the client's `t` comes back with the server's Unix time and the engine's sample.
   *
   * Half of the time it took is what the answer is old.
   */
  ping(t: number): Promise<Pong>;

  /**
   * Have a call of this session wait no longer: the one that was sent under this request `id`.
   *
   * A call that waits, for its time (`at`), for the end of the performance, for a throw-away engine, answers
   * `Cancelled`. What it waits for goes on: a performance plays to its end. Returns whether the call was still
   * to be answered; one that runs already answers as it would have.
   */
  cancel(id: number | string): Promise<boolean>;

  /**
   * A ticket for one GET of `path`, as `?ticket=…` in its URL, within so many seconds.
   *
   * It is for what fetches by itself and sends no headers: a player, `<audio>` of a page elsewhere, a download.
   */
  ticket(path: string): Promise<Ticket>;

  /**
   * Render again what was played since the engine began or was last reset, offline.
   *
   * Code, events, values of channels, points of tables, MIDI, keys, audio for `spin`: everything is done again in
   * the cycle in which it was done, whoever did it, so the samples are those that were heard, as fast as they can
   * be computed. What waits for its time is not in it. The sound is that from `start` to `until`, in seconds
   * since then; null is now, and what is later than now is how it would go on. The job is as any that
   * `render.submit` makes; files that the orchestra writes are thrown away, what it reads has to be there still.
   * Not the same is what depends on anything else: `seed 0`, the date, the network, input that Csound takes from
   * a device by itself. An engine that has died takes its log with it: what can be bounced begins where the next
   * one has taken over.
   *
   * Raises WrongState where nothing was played or nothing is kept, InvalidParams for no time between `start` and
   * `until`, LimitExceeded where the log was full before `until`, or too many jobs wait.
   * @param name "bounce" by default
   * @param format "wav32f" by default
   * @param start 0.0 by default
   * @param priority 0 by default
   * @param attempts 3 by default
   * @param wait 0.0 by default
   */
  bounce(name?: string, format?: "wav16" | "wav24" | "wav32f" | "flac" | "ogg" | "opus", start?: number, until?: number | null, timeout?: number | null, maxMemory?: number | null, priority?: number, attempts?: number, key?: string | null, wait?: number): Promise<RenderJob>;
}

/** The methods `token.*`. */
export interface TokenMethods {
  /**
   * A new token, which is in this answer and nowhere else.
   *
   * `scope` brings those before it along: read, control, compile, admin. `channels` are globs of the channels
   * that it may set and, without `readChannels`, read: then it sends no events and changes nothing else.
   * `expires` is in seconds from now. Raises InvalidParams for what contradicts itself, WrongState
   * without a state folder, LimitExceeded for one token too many.
   */
  create(name: string, scope: "read" | "control" | "compile" | "admin", channels?: readonly string[] | null, readChannels?: readonly string[] | null, expires?: number | null): Promise<NewToken>;

  /** The tokens there are, without what they are recognised by, the oldest first. */
  list(): Promise<TokenInfo[]>;

  /**
   * Have a token, given by its id or its name, be good no more, and end at once whatever uses it.
   *
   * Raises NotFound where there is none, InvalidParams where several have the name.
   */
  revoke(token: string): Promise<TokenInfo>;
}

/** The methods `pairing.*`. */
export interface PairingMethods {
  /**
   * A link for a phone. The page that it leads to makes a token there, as `token.create` would with the same.
   *
   * `url` is the address of the daemon as the phone reaches it, where that is not the machine's own. Raises
   * InvalidParams for what contradicts itself, and WrongState where no phone reaches the daemon or there is no
   * state folder.
   * @param name "phone" by default
   * @param scope "control" by default
   */
  create(name?: string, scope?: "read" | "control" | "compile" | "admin", channels?: readonly string[] | null, readChannels?: readonly string[] | null, expires?: number | null, url?: string | null): Promise<NewPairing>;

  /** The pairings of the last two minutes, the oldest first, each with the token that it has given. */
  list(): Promise<PairingInfo[]>;

  /**
   * Have a link, given by its id or its name, be good no more. A token that it has given stays.
   *
   * Raises NotFound where there is none, InvalidParams where several have the name.
   */
  cancel(pairing: string): Promise<void>;
}

/** The methods `engine.*`. */
export interface EngineMethods {
  /** The engine, its state, and the methods that it cannot serve, with the reason for each. */
  info(): Promise<EngineInfo>;

  /**
   * Put a new engine in the place of this one: the API's constructor. Nothing of the old one is kept.
   *
   * `options` are Csound's, null for those the daemon was started with; `opcodeDir` is a folder of the
   * workspace with plug-ins, which are loaded beside the usual ones, empty for none; `drive` is what paces it,
   * null for the daemon's own; it ends with the session as in `engine.drive`. It also ends the state `failed`.
   * Raises Forbidden for options that the daemon keeps for itself and for a folder outside the workspace, NotFound
   * for one that is not there, EngineUnavailable where no engine comes up.
   * @param opcodeDir "" by default
   */
  restart(options?: readonly string[] | null, opcodeDir?: string, drive?: "clock" | "device" | "free" | "step" | null): Promise<EngineInfo>;

  /**
   * Play a piece in the place of what plays: check it, reset, compile, start and play, as one call.
   *
   * `text` is a CSD or an orchestra, `path` a file of the workspace; with both the text counts, and the path
   * says where it is from: if it is the text of that file, what it reads is looked for beside it. The file's name
   * is the `piece` of `engine.info` from then on, until the engine is reset. It is compiled and
   * started in a throw-away engine first, which runs the code outside of instruments once more: where that fails,
   * `ok` is false, `diagnostics` say why, and what plays goes on.
   * In drive `step` it is started and does not play. Raises NotFound and Forbidden for the path,
   * EngineUnavailable where no engine comes up.
   */
  load(text?: string | null, path?: string | null): Promise<CompileReport>;

  /**
   * Pace the performance otherwise from now on, or with null as the daemon was told to when it was started.
   *
   * Everything the engine holds is kept. A performance that a client stepped through is paused by it and goes on
   * with `thread.play`. When the session is over, the drive is the daemon's own again and what plays goes on in
   * it, unless the drive is `lasting`; so is one that no session asked for (OSC, `POST /rpc`). Raises WrongState
   * while the performance runs by itself, and where a device paces it: that takes a restart.
   * @param lasting false by default
   */
  drive(drive?: "clock" | "free" | "step" | null, lasting?: boolean): Promise<EngineInfo>;

  /**
   * Have the engine as an instance of this session's own, as the API's constructor makes one.
   *
   * It is empty: reset, without keys, MIDI, values of `invalue` or host data that others left, in the drive
   * `drive` (null: the daemon's own, and so where a device paces it). `opcodeDir` is as in `engine.restart`.
   * The claim lasts as long as the session or until `engine.release`; then the engine is empty and in its own
   * drive again. There is one engine, so another claim ends this one: from then on calls of this session that
   * concern the engine raise StaleHandle, which names who took over. Sessions that claim nothing join in what there
   * is. Raises WrongState without a session, and what `engine.restart` raises.
   * @param opcodeDir "" by default
   */
  claim(opcodeDir?: string, drive?: "clock" | "free" | "step" | null): Promise<EngineInfo>;

  /**
   * End the claim of this session, which leaves the engine empty and in its own drive.
   *
   * Raises StaleHandle where somebody else has claimed it since, WrongState where this session has no claim.
   */
  release(): Promise<EngineInfo>;

  /**
   * Run calls in order at one cycle edge, with nothing in between.
   *
   * The envelope's `at` is the time of them all; a call in the list has none of its own. Answers with one
   * `{"result": …}` or `{"error": {code, message, data}}` for each. A call that fails or that would wait for
   * something has its error there and does not keep the next from running. Where one does not fit its method,
   * may not be made by this session or is none of the engine's, none runs: the error names it in `data.call`.
   */
  batch(requests: readonly (Omit<CallRequest, "params"> & Partial<Pick<CallRequest, "params">>)[]): Promise<(Record<string, Value>)[]>;

  /** Answer when everything sent before over this connection has run, with the moment this was. */
  sync(): Promise<Landing>;

  /** End every note at once, without releases. The performance goes on. */
  panic(): Promise<void>;
}

/** The methods `channel.*`. */
export interface ChannelMethods {
  /**
   * The values of channels, by names or patterns.
   *
   * A pattern may match nothing. Raises NotFound for a name without pattern that is not there.
   */
  get(names: string | readonly string[]): Promise<Record<string, Value>>;

  /**
   * Set many channels at once, creating those that are not there, by the kind of their values.
   *
   * Raises InvalidParams for a value that does not fit its channel: then none is set.
   */
  set(values: Readonly<Record<string, Value>>): Promise<void>;

  /**
   * The value of one channel, by its name or by the handle that `csound.channelPtr` gave.
   *
   * Raises NotFound for a name that is not there, StaleHandle for a handle that is gone.
   */
  read(channel: Handle | string): Promise<Value>;

  /**
   * Set one channel, by its name or by the handle that `csound.channelPtr` gave.
   *
   * Raises InvalidParams for a value that does not fit the channel, StaleHandle for a handle that is gone.
   */
  write(channel: Handle | string, value: Value): Promise<void>;

  /**
   * Every channel whose name matches, in the order of names, with its kind, mode, hints and value.
   * @param pattern "*" by default
   */
  list(pattern?: string): Promise<ChannelState[]>;
}

/** The methods `table.*`. */
export interface TableMethods {
  /**
   * A copy of `count` points of a table from `start` on, without a count of all that follow.
   *
   * Raises NotFound where there is no such table, InvalidParams for points that it does not have.
   * @param start 0 by default
   */
  get(table: number, start?: number, count?: number | null): Promise<NdArray>;

  /**
   * Write numbers into a table from `start` on; the cycle that follows hears them all.
   *
   * Raises NotFound where there is no such table, InvalidParams for points that it does not have.
   * @param start 0 by default
   */
  set(table: number, data: ArrayLike, start?: number): Promise<void>;

  /**
   * Every table with its length, in the order of their numbers.
   *
   * It looks from 1 on and stops where a thousand numbers in a row have no table.
   */
  list(): Promise<TableLength[]>;

  /** A table's length, and what it was made from, as `csound.tableArgs` says. Raises NotFound for no table. */
  info(table: number): Promise<TableInfo>;
}

/** The methods `orc.*`. */
export interface OrcMethods {
  /**
   * Compile code in a throw-away engine and say what is wrong with it. Nothing that plays is touched.
   *
   * That engine has compiled what the live one has, so code may refer to it; no note is played. Files that the
   * code reads are found in the workspace, files with relative paths that it writes are not kept. Code that
   * crashes Csound is reported as not `ok`. Raises Timeout for code that does not come to an end.
   */
  check(code: string): Promise<CompileReport>;

  /**
   * Every instrument that was compiled, the numbered ones first: those of the piece and what came to it since.
   *
   * One that has a name and a number of its own stands there twice. Csound 6 gives names their numbers when it
   * starts; until then they are null. An instrument that the orchestra compiles by itself, by `compilestr` and
   * its like, is not known here.
   */
  instruments(): Promise<InstrumentInfo[]>;

  /**
   * Compile code and merge it, as `csound.compileOrc` does, and say what is wrong with it.
   *
   * Of code that a library of Csound 6 refuses and the embedded engine accepts, a diagnostic says so.
   */
  compile(code: string): Promise<CompileReport>;
}

/** The methods `opcode.*`. */
export interface OpcodeMethods {
  /**
   * Define a remote opcode. `outputs` and `inputs` have one letter a value: `k` a number, `S` a text.
   *
   * Answers with the names of its values, to push and to hear. Raises InvalidParams for a name that no opcode
   * can have or other letters, EngineError where Csound does not take it.
   * @param outputs "k" by default
   * @param inputs "k" by default
   */
  define(name: string, outputs?: string, inputs?: string): Promise<RemoteOpcode>;

  /**
   * Every opcode of this engine, in each of its forms: one that takes several types is there several times.
   *
   * Among them are those of plug-ins, which Csound 7 loads when it first compiles. Opcodes that an orchestra
   * defines are not.
   */
  list(): Promise<OpcodeInfo[]>;
}

/** The methods `stream.*`. */
export interface StreamMethods {
  /**
   * Feed the engine: audio to `spin`, bytes to `midi`, values to `invalue`, keys to `keyboard`.
   *
   * `spin` takes an array `[frames, channels]`, played without gaps after what was pushed before. `midi`
   * takes bytes or numbers, `{bytes, at}` for a time (`at` as in a request), or a list of messages.
   * `invalue` takes values by name, or `{values, default, maxAge}`: older than `maxAge` seconds they give
   * way to `default`. `keyboard` takes text, codes, `{code, up}` for a key that goes down or up, or a list.
   *
   * Answers with how much was `accepted`: frames, bytes, values or keys; for `spin` also with how many frames
   * are `queued` now, by which a sender with a clock of its own keeps in step. Raises NotFound for a topic that
   * takes nothing, InvalidParams for data that it does not take, LimitExceeded for more audio than may wait; of
   * `midi` a message is accepted whole or, where too much waits, not at all.
   */
  push(topic: string, data: Value): Promise<Record<string, Value>>;

  /** The streams that this session receives, each as `stream.subscribe` answered. */
  list(): Promise<(Record<string, Value>)[]>;
}

/** The methods `render.*`. */
export interface RenderMethods {
  /**
   * Have a piece rendered: the text `csd`, or `file` of the workspace as it is now.
   *
   * What the piece reads lies in `folder` of the workspace, by default that of `file`; or it is in `inputs`,
   * by its name for the piece and the SHA-256 digest under which it was put to `/renders/inputs`: then nothing
   * else is there for it. `format` is by default what the piece says. `channels` are set before it begins,
   * `macros` defined, `options` those of Csound's command. `stems` are instruments and audio channels that
   * become files of their own beside the mix, of the same performance. `maxDuration` cuts the sound, `timeout`
   * gives the render up after so many seconds, `maxMemory` bounds its process in bytes, below the bound that all
   * have. A job whose process crashes, or whose daemon dies, is begun again, up to `attempts` times for its own
   * crashes.
   *
   * A `key` of the client's choice makes it safe to ask again where no answer came: the same job is answered.
   * With `wait` the answer comes when the job has ended, or after so many seconds.
   *
   * Raises InvalidParams for what is no piece, has no end or belongs to another `key`, NotFound for a `file` or
   * an input that is not there, Forbidden for an engine that is not for jobs, LimitExceeded where too many wait.
   * @param name "" by default
   * @param folder "" by default
   * @param priority 0 by default
   * @param attempts 3 by default
   * @param cache true by default
   * @param wait 0.0 by default
   */
  submit(csd?: string | null, name?: string, file?: string | null, folder?: string, format?: "wav16" | "wav24" | "wav32f" | "flac" | "ogg" | "opus" | null, channels?: Readonly<Record<string, number | string>> | null, macros?: Readonly<Record<string, string>> | null, options?: readonly string[] | null, inputs?: Readonly<Record<string, string>> | null, engine?: string | null, maxDuration?: number | null, timeout?: number | null, maxMemory?: number | null, priority?: number, attempts?: number, key?: string | null, cache?: boolean, wait?: number, stems?: readonly string[] | null): Promise<RenderJob>;

  /**
   * A job, with each time that it was begun, and with `log` what Csound printed then.
   *
   * With `wait` the answer comes when it has ended, or after so many seconds. Raises NotFound.
   * @param log false by default
   * @param wait 0.0 by default
   */
  status(job: string, log?: boolean, wait?: number): Promise<RenderJob>;

  /**
   * The jobs there are, the latest first: those in one `state`, those whose name matches the glob `name`.
   *
   * Without their histories. `before` is the job at which another list ended. Raises NotFound where that is gone.
   * @param name "*" by default
   * @param limit 100 by default
   */
  list(state?: "queued" | "running" | "done" | "failed" | "cancelled" | null, name?: string, limit?: number, before?: string | null): Promise<RenderList>;

  /**
   * End a job that waits or runs, and leave nothing of its sound files. One that has ended stays as it is.
   *
   * Raises NotFound.
   */
  cancel(job: string): Promise<RenderJob>;

  /**
   * Have a job rendered anew that failed or was cancelled; what it may crash is counted from zero.
   *
   * Raises NotFound, and WrongState for one that is done, waits or runs.
   */
  retry(job: string): Promise<RenderJob>;

  /**
   * Forget a job that has ended, and delete its sound files. By themselves the oldest go, by age and size.
   *
   * Raises NotFound, and WrongState for one that waits or runs.
   */
  remove(job: string): Promise<void>;
}

/** The methods `rpc.*`. */
export interface RpcMethods {
  /** Every method with its parameters, result, errors and examples, as an OpenRPC document. */
  discover(): Promise<Record<string, Value>>;
}

/** The methods `server.*`. */
export interface ServerMethods {
  /**
   * The state of the daemon at a glance: its version, who is connected, the engine, and its limits.
   *
   * Nothing of it is secret: it names no session, no channel and no folder. `started` is a Unix time,
   * `certificateSeconds` is what is left of the certificate, null without TLS, and `load` the share of real time
   * that the performance takes. Of each limit it tells the value in force, how much of it is used where it is one of
   * the daemon as a whole, how often it was come to, and the setting that changes it. `/metrics` has more.
   */
  status(): Promise<ServerStatus>;
}

/** Every method of the contract, by namespace. */
export interface Methods {
  readonly csound: CsoundMethods;
  readonly thread: ThreadMethods;
  readonly session: SessionMethods;
  readonly token: TokenMethods;
  readonly pairing: PairingMethods;
  readonly engine: EngineMethods;
  readonly channel: ChannelMethods;
  readonly table: TableMethods;
  readonly orc: OrcMethods;
  readonly opcode: OpcodeMethods;
  readonly stream: StreamMethods;
  readonly render: RenderMethods;
  readonly rpc: RpcMethods;
  readonly server: ServerMethods;
}

/** The names of all methods, by namespace. */
export const METHODS: { readonly [N in keyof Methods]: readonly (keyof Methods[N] & string)[] } = {
  csound: [
    "version", "APIVersion", "sizeOfMYFLT", "csound", "hostData", "setHostData", "debug", "setDebug", "env",
    "setGlobalEnv", "loadPlugins", "UDPServerStart", "runUtility", "cleanup", "setOption", "params",
    "setInput", "setOutput", "setMidiInput", "setMidiModule", "setRTAudioModule", "systemSr",
    "setHostAudioIO", "setHostMidiIO", "setHostImplementedMidiIO", "messageLevel", "setMessageLevel",
    "module", "modules", "audioDevList", "midiDevList", "start", "stop", "reset", "perform", "performKsmps",
    "performanceThread", "sleep", "sr", "kr", "ksmps", "nchnls", "nchnlsInput", "get0dBFS", "A4",
    "currentTimeSamples", "compileOrc", "compileOrcAsync", "compileOrcHeader", "compileCsd", "compileCsdText",
    "compileCommandLine", "evalCode", "event", "eventString", "scoreEvent", "scoreEventAsync", "inputMessage",
    "inputMessageAsync", "setEndMarker", "instrNumber", "killInstance", "scoreTime", "isScorePending",
    "setScorePending", "scoreOffsetSeconds", "setScoreOffsetSeconds", "rewindScore", "controlChannel",
    "setControlChannel", "stringChannel", "setStringChannel", "audioChannel", "setAudioChannel",
    "allocatedChannels", "controlChannelHints", "channelInfo", "channelVarTypeName", "channelDatasize",
    "channelPtr", "listChannels", "deleteChannelList", "lockChannel", "unlockChannel",
    "setControlChannelHints", "stringData", "setStringData", "setInputChannelCallback",
    "setOutputChannelCallback", "initArrayChannel", "arrayData", "setArrayData", "arrayDataType",
    "arrayDataDimensions", "arrayDataSizes", "initPvsChannel", "pvsData", "setPvsData", "pvsDataFftSize",
    "pvsDataOverlap", "pvsDataWindowSize", "pvsDataFormat", "pvsDataFramecount", "tableLength", "table",
    "tableArgs", "spin", "spout", "message", "messageS", "setMessageStringCallback", "createMessageBuffer",
    "destroyMessageBuffer", "messageCnt", "firstMessage", "firstMessageAttr", "popFirstMessage",
    "readMessage", "iterMessages", "createCircularBuffer", "readCircularBuffer", "peekCircularBuffer",
    "writeCircularBuffer", "flushCircularBuffer", "destroyCircularBuffer", "keyPress",
    "registerKeyboardCallback", "removeKeyboardCallback", "setExternalMidiInOpenCallback",
    "setExternalMidiReadCallback", "setExternalMidiInCloseCallback", "setExternalMidiOutOpenCallback",
    "setExternalMidiWriteCallback", "setExternalMidiOutCloseCallback", "setExternalMidiErrorStringCallback",
    "setMidiDeviceListCallback", "setIsGraphable", "setMakeGraphCallback", "setDrawGraphCallback",
    "setKillGraphCallback", "setExitGraphCallback", "setOpenFileCallback", "setOpenSoundFileCallback",
    "appendOpcode",
  ],
  thread: [
    "play", "pause", "togglePause", "stop", "join", "status", "isRunning", "csoundPtr", "scoreEvent",
    "inputMessage", "setEndMarker", "setScoreOffsetSeconds", "compileOrc", "evalCode", "record", "stopRecord",
    "flushMessageQueue", "requestCallback", "setProcessQueue", "processQueueTask", "flushProcessQueue",
    "setProcessCallback", "processCallback",
  ],
  session: [
    "ping", "cancel", "ticket", "bounce",
  ],
  token: [
    "create", "list", "revoke",
  ],
  pairing: [
    "create", "list", "cancel",
  ],
  engine: [
    "info", "restart", "load", "drive", "claim", "release", "batch", "sync", "panic",
  ],
  channel: [
    "get", "set", "read", "write", "list",
  ],
  table: [
    "get", "set", "list", "info",
  ],
  orc: [
    "check", "instruments", "compile",
  ],
  opcode: [
    "define", "list",
  ],
  stream: [
    "push", "list",
  ],
  render: [
    "submit", "status", "list", "cancel", "retry", "remove",
  ],
  rpc: [
    "discover",
  ],
  server: [
    "status",
  ],
};

/** The topic of each method that takes a function; the function gets the data of its frames. */
export const CALLBACK_TOPICS: Readonly<Record<string, string>> = {
  "csound.setInputChannelCallback": "invalue",
  "csound.setOutputChannelCallback": "outvalue",
  "csound.registerKeyboardCallback": "keyboard",
  "csound.removeKeyboardCallback": "keyboard",
  "csound.setMessageStringCallback": "messages",
  "csound.setMakeGraphCallback": "graphs",
  "csound.setDrawGraphCallback": "graphs",
  "csound.setKillGraphCallback": "graphs",
  "csound.setExitGraphCallback": "graphs",
  "csound.setOpenFileCallback": "files",
  "csound.setOpenSoundFileCallback": "files",
  "csound.setExternalMidiInOpenCallback": "midi",
  "csound.setExternalMidiReadCallback": "midi",
  "csound.setExternalMidiInCloseCallback": "midi",
  "csound.setExternalMidiOutOpenCallback": "midi",
  "csound.setExternalMidiWriteCallback": "midi",
  "csound.setExternalMidiOutCloseCallback": "midi",
  "csound.setExternalMidiErrorStringCallback": "midi",
  "csound.setMidiDeviceListCallback": "midi",
  "thread.setProcessCallback": "transport",
  "thread.evalCode": "eval",
};

/** The one event of its topic that a method's function is for, where it is not for all. */
export const CALLBACK_EVENTS: Readonly<Record<string, string>> = {
  "csound.setMakeGraphCallback": "make",
  "csound.setDrawGraphCallback": "draw",
  "csound.setKillGraphCallback": "kill",
  "csound.setExitGraphCallback": "exit",
  "csound.setExternalMidiInOpenCallback": "inOpen",
  "csound.setExternalMidiInCloseCallback": "inClose",
  "csound.setExternalMidiOutOpenCallback": "outOpen",
  "csound.setExternalMidiWriteCallback": "message",
  "csound.setExternalMidiOutCloseCallback": "outClose",
  "csound.setExternalMidiErrorStringCallback": "error",
  "csound.setMidiDeviceListCallback": "devices",
};
