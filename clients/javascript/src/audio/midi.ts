/** MIDI keyboards and controllers of this machine, through Web MIDI. */

import type { Client } from "../client.js";
import { CsounddError } from "../failures.js";

/** There is no MIDI for this page; the message says why, and what can be done. */
export class NoMidi extends CsounddError {
  override readonly name = "NoMidi";
}

export interface MidiInputs {
  /** The names of what is plugged in. */
  readonly names: readonly string[];
  /** Called whenever something is plugged in or out. */
  onChange: ((names: readonly string[]) => void) | undefined;
  close(): void;
}

/** System real-time messages: clocks and the like, which come all the time and mean nothing to an orchestra. */
const REAL_TIME = 0xf8;

/**
 * Have `received` called with each message of every MIDI input, also of those that are plugged in later. Rejects with NoMidi.
 */
export async function midiInputs(received: (bytes: Uint8Array) => void): Promise<MidiInputs> {
  if (!globalThis.isSecureContext) {
    throw new NoMidi(
      "a page has no MIDI unless it comes over https or from this machine",
      "csoundd serve --tls auto serves it encrypted",
    );
  }
  if (!("requestMIDIAccess" in navigator)) throw new NoMidi("this browser has no MIDI", "Chromium, Edge and Firefox have");
  let access: MIDIAccess;
  try {
    access = await navigator.requestMIDIAccess();
  } catch (error) {
    const isRefused = error instanceof Error && (error.name === "NotAllowedError" || error.name === "SecurityError");
    throw isRefused
      ? new NoMidi("MIDI was not allowed", "allow it for this page in the browser's settings")
      : new NoMidi(`there is no MIDI: ${String(error)}`);
  }
  const heard = ({ data }: MIDIMessageEvent): void => {
    if (data !== null && data.length > 0 && (data[0] ?? 0) < REAL_TIME) received(data);
  };
  const connected = (): MIDIInput[] => [...access.inputs.values()].filter((input) => input.state === "connected");
  const inputs: MidiInputs = {
    get names() {
      return connected().map((input) => input.name ?? "unnamed");
    },
    onChange: undefined,
    close: () => {
      access.onstatechange = null;
      for (const input of access.inputs.values()) input.onmidimessage = null;
    },
  };
  let before = "";
  const look = (): void => {
    for (const input of connected()) input.onmidimessage = heard;
    const now = inputs.names.join("\n");
    if (now !== before) inputs.onChange?.(inputs.names);
    before = now;
  };
  look();
  access.onstatechange = look;
  return inputs;
}

/** MIDI of this machine, played by the instruments that the orchestra's `massign` has for it. */
export async function sendMidi(cs: Client, onMessage?: (bytes: Uint8Array) => void): Promise<MidiInputs> {
  return midiInputs((bytes) => {
    onMessage?.(bytes);
    // Without a connection a note is not played later: nobody meant that.
    if (cs.connected) cs.notify("stream.push", ["midi", [...bytes]]);
  });
}
