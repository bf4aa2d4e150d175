/** Presets of a piece: values of its channels by name, stored, recalled, morphed, and written as JSON. */

import { positionOf, valueAt } from "./channel.js";
import type { Channel, ChannelValue } from "./channel.js";

export type Values = Readonly<Record<string, ChannelValue>>;

export interface Preset {
  readonly name: string;
  readonly values: Values;
}

/** Thrown for a file that holds no presets; the message says why. */
export class NoPresets extends Error {
  override readonly name = "NoPresets";
}

const FORMAT = "csoundd-presets";
const LONGEST_NAME = 80;

/** The presets with `name` holding `values`: in its place if there is one of that name, else last. */
export function stored(presets: readonly Preset[], name: string, values: Values): Preset[] {
  const preset = { name: cleanName(name, presets), values: { ...values } };
  if (!presets.some((each) => each.name === preset.name)) return [...presets, preset];
  return presets.map((each) => (each.name === preset.name ? preset : each));
}

export function removed(presets: readonly Preset[], name: string): Preset[] {
  return presets.filter((each) => each.name !== name);
}

/** A name without surrounding space; one that is empty is numbered. */
function cleanName(name: string, presets: readonly Preset[]): string {
  const clean = name.trim().slice(0, LONGEST_NAME);
  if (clean !== "") return clean;
  for (let number = presets.length + 1; ; number += 1) {
    const candidate = `Preset ${number}`;
    if (!presets.some((each) => each.name === candidate)) return candidate;
  }
}

/** The values that one may set now: of channels that are there, within what they take. */
export function recallable(values: Values, channels: ReadonlyMap<string, Channel>): Values {
  const entries = Object.entries(values).flatMap(([name, value]) => {
    const channel = channels.get(name);
    if (channel?.isWritable !== true || (typeof value === "string") !== (channel.kind === "text")) return [];
    return [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/**
 * What lies between two sets of values, 0 being `from` and 1 `to`. A control goes the way that its knob would go, an
 * exponential one in equal ratios; texts, choices and toggles change half-way. What only one of them has keeps that value.
 */
export function morphed(from: Values, to: Values, position: number, channels: ReadonlyMap<string, Channel>): Values {
  const part = Math.min(1, Math.max(0, position));
  const between: Record<string, ChannelValue> = { ...from, ...to };
  for (const [name, start] of Object.entries(from)) {
    const end = to[name];
    if (end === undefined) continue;
    const channel = channels.get(name);
    if (typeof start === "number" && typeof end === "number" && channel?.kind === "slider") {
      between[name] = onTheWay(channel, start, end, part);
    } else {
      between[name] = part < 0.5 ? start : end;
    }
  }
  return between;
}

function onTheWay(channel: Channel, start: number, end: number, part: number): number {
  // The ends are exact, and may lie outside of the range.
  if (part === 0 || start === end) return start;
  if (part === 1) return end;
  const [from, to] = [positionOf(channel, start), positionOf(channel, end)];
  return valueAt(channel, from + (to - from) * part);
}

/** The presets as a file. */
export function presetFile(presets: readonly Preset[]): string {
  return `${JSON.stringify({ format: FORMAT, version: 1, presets }, null, 2)}\n`;
}

/** The presets of a file. Throws NoPresets. */
export function presetsOf(text: string): Preset[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new NoPresets(`it is no JSON: ${String(error)}`);
  }
  if (!isObject(content) || content["format"] !== FORMAT) throw new NoPresets(`it does not say that it is ${FORMAT}`);
  if (content["version"] !== 1) throw new NoPresets("it is of another version");
  const presets = content["presets"];
  if (!Array.isArray(presets)) throw new NoPresets("it has no list of presets");
  return presets.map((each: unknown, index) => {
    if (!isObject(each) || typeof each["name"] !== "string" || !isObject(each["values"])) {
      throw new NoPresets(`number ${index + 1} is no preset`);
    }
    const values = Object.entries(each["values"]).filter((entry): entry is [string, ChannelValue] => isValue(entry[1]));
    return { name: each["name"], values: Object.fromEntries(values) };
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isValue(value: unknown): value is ChannelValue {
  return typeof value === "string" || (typeof value === "number" && Number.isFinite(value));
}
