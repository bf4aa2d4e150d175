/** What a control needs to know of a channel, from its hints: range, curve, steps, unit, and how its values read. */

import type { ChannelState, ControlChannelHints } from "csoundd-client";

export type ControlKind = "slider" | "toggle" | "choice" | "text";
export type ChannelValue = number | string;

export interface Choice {
  readonly value: number;
  readonly label: string;
}

export interface Channel {
  readonly name: string;
  readonly kind: ControlKind;
  readonly description: string;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  readonly isExponential: boolean;
  readonly isWhole: boolean;
  readonly choices: readonly Choice[];
  /** What a double-click brings back. */
  readonly initial: ChannelValue;
  /** Whether the piece reads it; one that it only writes is shown and cannot be moved. */
  readonly isWritable: boolean;
  /** Whether the piece says anything about how it is to be shown. */
  readonly isHinted: boolean;
  /** Where an editor would put it; pieces use it for order. */
  readonly place: readonly [number, number];
}

/** Csound's numbers for how a control behaves, and for a channel that the orchestra only writes. */
const WHOLE = 1;
const EXPONENTIAL = 3;
const OUTPUT = 2;

const WORD = /([A-Za-z_]+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))|\(([^)]*)\))/g;

/** What the text of the hints says: `unit=hz description="Cut-off" vals=0,1,2 names=saw,square`. */
export function words(text: string): Readonly<Record<string, string>> {
  const said: Record<string, string> = {};
  for (const [, name = "", ...values] of text.matchAll(WORD)) {
    const value = values.find(Boolean)?.replace(/^[\s,"']+|[\s,"']+$/g, "");
    if (value !== undefined && value !== "") said[name.toLowerCase()] = value;
  }
  return said;
}

/** How units that pieces name are written. */
const UNITS: Readonly<Record<string, string>> = {
  hz: "Hz",
  khz: "kHz",
  s: "s",
  sec: "s",
  seconds: "s",
  ms: "ms",
  bpm: "bpm",
  cents: "cents",
  db: "dB",
  dbfs: "dB",
  percent: "%",
  deg: "°",
  degrees: "°",
  // These say how a number is meant, and are nothing to read behind it.
  linear: "",
  gain: "",
  ratio: "×",
};

function first(said: Readonly<Record<string, string>>, ...names: readonly string[]): string | undefined {
  for (const name of names) if (said[name] !== undefined) return said[name];
  return undefined;
}

function choicesOf(said: Readonly<Record<string, string>>): Choice[] {
  const items = (first(said, "vals", "values", "items") ?? "").split(/[|,]/).map((item) => item.trim());
  const names = (first(said, "names", "labels") ?? "").split(/[|,]/).map((item) => item.trim());
  const numbers = items.filter((item) => item !== "").map(Number);
  if (numbers.length < 2 || !numbers.every(Number.isFinite)) return [];
  return numbers.map((value, index) => ({ value, label: names[index] || String(value) }));
}

function kindOf(choices: readonly Choice[], low: number, high: number, isWhole: boolean): ControlKind {
  if (choices.length > 2) return "choice";
  return choices.length === 2 || (isWhole && low === 0 && high === 1) ? "toggle" : "slider";
}

/** The channel as `channel.list` tells of it; undefined for one that no control can show (sound, spectra, arrays). */
export function channelOf(state: ChannelState): Channel | undefined {
  const common = { name: state.name, isWritable: state.mode !== OUTPUT };
  if (state.kind === "string") {
    const initial = typeof state.value === "string" ? state.value : "";
    const rest = { description: "", unit: "", low: 0, high: 1, isExponential: false, isWhole: false, choices: [] };
    return { ...common, ...rest, kind: "text", initial, isHinted: false, place: [0, 0] };
  }
  if (state.kind !== "control") return undefined;
  return { ...common, ...numeric(state.hints, typeof state.value === "number" ? state.value : 0) };
}

function numeric(hints: ControlChannelHints | null, value: number): Omit<Channel, "name" | "isWritable"> {
  const said = words(hints?.attributes ?? "");
  const choices = choicesOf(said);
  const isWhole = hints?.behav === WHOLE;
  // One value alone is a range where a kind is said; without hints both ends are 0.
  const hasRange = hints !== null && Number.isFinite(hints.max - hints.min)
    && (hints.min < hints.max || (hints.min === hints.max && hints.behav !== 0));
  // Without hints the range is that of most controls, wide enough for what is there now.
  let [low, high] = hasRange ? [hints.min, hints.max] : [Math.min(0, value), Math.max(1, value)];
  if (choices.length > 0 && !hasRange) {
    low = Math.min(...choices.map((choice) => choice.value));
    high = Math.max(...choices.map((choice) => choice.value));
  }
  const unit = first(said, "unit", "units") ?? "";
  return {
    kind: kindOf(choices, low, high, isWhole),
    description: first(said, "description", "desc", "text", "label", "caption") ?? "",
    unit: UNITS[unit.toLowerCase()] ?? unit,
    low,
    high,
    isExponential: hints?.behav === EXPONENTIAL && low > 0,
    isWhole,
    choices,
    initial: hasRange ? Math.min(high, Math.max(low, hints.dflt)) : value,
    isHinted: hints !== null && (hasRange || hints.behav !== 0 || choices.length > 0),
    place: [hints?.y ?? 0, hints?.x ?? 0],
  };
}

/** A channel that nobody has told of yet, as an element alone on a page shows it. */
export function unknownChannel(name: string): Channel {
  const hints = { low: 0, high: 1, isExponential: false, isWhole: false, choices: [], isHinted: false } as const;
  return { name, kind: "slider", description: "", unit: "", initial: 0, isWritable: true, place: [0, 0], ...hints };
}

/** Where a value stands on its control, from 0 to 1. */
export function positionOf({ low, high, isExponential }: Range, value: number): number {
  if (high <= low) return 0;
  const within = Math.min(high, Math.max(low, value));
  return isExponential ? Math.log(within / low) / Math.log(high / low) : (within - low) / (high - low);
}

/** The value at a position of the control, a whole one where only those count. */
export function valueAt({ low, high, isExponential, isWhole }: Range, position: number): number {
  const within = Math.min(1, Math.max(0, position));
  const value = isExponential ? low * (high / low) ** within : low + (high - low) * within;
  // At the ends the value is the end itself, whatever the logarithms make of it.
  const exact = within === 0 ? low : within === 1 ? high : value;
  return isWhole ? Math.round(exact) : exact;
}

export type Range = Pick<Channel, "low" | "high" | "isExponential" | "isWhole">;

/** The part of the whole way that an arrow key goes, and a page key; both a tenth as far with shift. */
const STEP = 0.01;
const PAGE = 0.1;
const FINE = 0.1;

/**
 * The value that a key brings, undefined for a key that moves nothing. A whole number moves by one at least, and shift
 * makes a step fine.
 */
export function valueByKey(range: Range, value: number, key: string, isFine: boolean): number | undefined {
  const direction = DIRECTIONS[key];
  if (key === "Home") return range.low;
  if (key === "End") return range.high;
  if (direction === undefined) return undefined;
  const way = Math.sign(direction) * (Math.abs(direction) === 1 ? STEP : PAGE) * (isFine ? FINE : 1);
  const moved = valueAt(range, positionOf(range, value) + way);
  if (!range.isWhole || moved !== Math.round(value)) return moved;
  return Math.min(range.high, Math.max(range.low, moved + Math.sign(direction)));
}

const DIRECTIONS: Readonly<Record<string, number>> = {
  ArrowUp: 1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowLeft: -1,
  PageUp: 2,
  PageDown: -2,
};

/** Pixels that a drag with shift counts for: a tenth. */
export function dragged(range: Range, position: number, pixels: number, length: number, isFine: boolean): number {
  return Math.min(1, Math.max(0, position + (pixels / Math.max(1, length)) * (isFine ? FINE : 1)));
}

/**
 * The number as one reads it: as many digits as its control resolves, so that a number that moves keeps its width.
 */
export function formatted(range: Range, value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (range.isWhole) return String(Math.round(value));
  const magnitude = (!range.isExponential && range.high - range.low) || Math.abs(value);
  // What is far below a thousandth or far above a million has its power of ten.
  if (magnitude > 0 && (magnitude < 0.001 || magnitude >= 1e7)) {
    return value === 0 ? "0" : value.toExponential(2).replaceAll("-", "−");
  }
  // A range that ends just below a power of 10 has no more digits than one that ends there.
  const digits = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(Math.max(magnitude * 1.06, 1e-9)))));
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "−");
}

/** The value with its unit, or the name of the choice. */
export function valueText(channel: Channel, value: ChannelValue): string {
  if (typeof value === "string") return value;
  const choice = channel.choices.find((each) => each.value === value);
  if (choice !== undefined) return choice.label;
  if (channel.kind === "toggle") return isOn(channel, value) ? "on" : "off";
  const number = formatted(channel, value);
  if (channel.unit === "") return number;
  return /^[°%×]$/.test(channel.unit) ? number + channel.unit : `${number} ${channel.unit}`;
}

/** What somebody typed, as a value of the channel; undefined where it is no number. A `k` stands for a thousand. */
export function parsed(range: Range, text: string): number | undefined {
  const match = /^\s*([+\-−]?(?:\d+[.,]?\d*|[.,]\d+)(?:e[+-]?\d+)?)\s*(k?)/i.exec(text);
  if (match === null) return undefined;
  const number = Number((match[1] ?? "").replace("−", "-").replace(",", ".")) * (match[2] === "" ? 1 : 1000);
  if (!Number.isFinite(number)) return undefined;
  const within = Math.min(range.high, Math.max(range.low, number));
  return range.isWhole ? Math.round(within) : within;
}

/** The two values of a toggle. */
export function toggleValues(channel: Channel): readonly [number, number] {
  const [off, on] = channel.choices;
  return off !== undefined && on !== undefined ? [off.value, on.value] : [channel.low, channel.high];
}

export function isOn(channel: Channel, value: ChannelValue): boolean {
  const [off, on] = toggleValues(channel);
  return typeof value === "number" && Math.abs(value - on) < Math.abs(value - off);
}

/** A name as a label: the last part of it, its words apart. */
export function labelOf(name: string): string {
  return name.replaceAll(/[_\-./:]+/g, " ").replaceAll(/([a-z])([A-Z])/g, "$1 $2").trim() || name;
}
