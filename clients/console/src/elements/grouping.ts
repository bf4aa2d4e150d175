/** Channels in groups, by what their names begin with. */

import { labelOf } from "./channel.js";
import type { Channel } from "./channel.js";

export interface Group {
  /** Empty for those that are in no group. */
  readonly name: string;
  readonly channels: readonly { readonly channel: Channel; readonly label: string }[];
}

const SEPARATOR = /[/.:_-]/;

/**
 * Groups in the order of their first channel. Names that share what stands before the first `/ . : _ -` are a group, named
 * by that, and go by the rest within it; a part that only one name has makes none. The order is that of the places which the
 * hints give, and where those say nothing that of `channels`.
 */
export function grouped(channels: readonly Channel[]): Group[] {
  const ordered = channels
    .map((channel, index) => ({ channel, index }))
    .sort((a, b) => a.channel.place[0] - b.channel.place[0] || a.channel.place[1] - b.channel.place[1] || a.index - b.index)
    .map(({ channel }) => channel);
  const count = new Map<string, number>();
  for (const channel of ordered) {
    const prefix = prefixOf(channel.name);
    count.set(prefix, (count.get(prefix) ?? 0) + 1);
  }
  const groups = new Map<string, { channel: Channel; label: string }[]>();
  for (const channel of ordered) {
    const prefix = prefixOf(channel.name);
    const isShared = prefix !== "" && (count.get(prefix) ?? 0) > 1;
    const key = isShared ? prefix : "";
    const label = labelOf(isShared ? channel.name.slice(prefix.length + 1) : channel.name);
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [{ channel, label }]);
    else members.push({ channel, label });
  }
  return [...groups].map(([name, members]) => ({ name, channels: members }));
}

function prefixOf(name: string): string {
  const at = name.search(SEPARATOR);
  return at > 0 && at < name.length - 1 ? name.slice(0, at) : "";
}

/** The names that are in `before` and not in `after`, in their order. */
export function gone(before: readonly Channel[], after: readonly Channel[]): string[] {
  const there = new Set(after.map((channel) => channel.name));
  return before.map((channel) => channel.name).filter((name) => !there.has(name));
}
