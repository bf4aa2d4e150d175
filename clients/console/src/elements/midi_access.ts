/** MIDI keyboards that are plugged in here, through Web MIDI, and why there are none, in words. */

import { midiMessage } from "./midi.js";
import type { MidiMessage } from "./midi.js";

export interface MidiInputs {
  close(): void;
}

/**
 * Have `received` called with what every MIDI keyboard plays, also those that are plugged in later, and `changed` with
 * the names of all whenever that changes. Rejects with an Error that says why there is no MIDI.
 */
export async function midiAccess(
  received: (message: MidiMessage) => void,
  changed: (names: readonly string[]) => void,
): Promise<MidiInputs> {
  if (!isSecureContext) throw new Error("this page has no MIDI, since it did not come over https or from this machine");
  if (!("requestMIDIAccess" in navigator)) throw new Error("this browser has no MIDI: Chromium, Edge and Firefox do");
  let access: MIDIAccess;
  try {
    access = await navigator.requestMIDIAccess();
  } catch (error) {
    const isRefused = error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "SecurityError");
    throw new Error(isRefused ? "MIDI was not allowed: allow it in the browser's settings for this page" : `there is no MIDI: ${String(error)}`, { cause: error });
  }
  const heard = (event: MIDIMessageEvent): void => {
    const message = event.data === null ? undefined : midiMessage(event.data);
    if (message !== undefined) received(message);
  };
  let before = "";
  const look = (): void => {
    const inputs = [...access.inputs.values()].filter((input) => input.state === "connected");
    for (const input of inputs) input.onmidimessage = heard;
    const ids = inputs.map((input) => input.id).join(" ");
    if (ids === before && access.onstatechange !== null) return;
    before = ids;
    changed(inputs.map((input) => input.name ?? "unnamed"));
  };
  look();
  access.onstatechange = look;
  return {
    close: () => {
      access.onstatechange = null;
      for (const input of access.inputs.values()) input.onmidimessage = null;
    },
  };
}
