/** MIDI messages as Web MIDI brings them, whole ones, and what they mean to a keyboard. */

export type MidiMessage =
  | { readonly kind: "on"; readonly channel: number; readonly note: number; readonly velocity: number }
  | { readonly kind: "off"; readonly channel: number; readonly note: number }
  | { readonly kind: "pedal"; readonly channel: number; readonly isDown: boolean }
  | { readonly kind: "silence"; readonly channel: number };

const SUSTAIN = 64;
const ALL_SOUND_OFF = 120;
const ALL_NOTES_OFF = 123;

/** What a message asks of a keyboard; undefined where that is nothing. A note that begins with velocity 0 ends. */
export function midiMessage(bytes: ArrayLike<number>): MidiMessage | undefined {
  const [status = 0, first = 0, second = 0] = [bytes[0], bytes[1], bytes[2]];
  if (bytes.length < 3 || status < 0x80 || first > 127 || second > 127) return undefined;
  const channel = status & 0x0f;
  switch (status & 0xf0) {
    case 0x90:
      if (second > 0) return { kind: "on", channel, note: first, velocity: second / 127 };
      return { kind: "off", channel, note: first };
    case 0x80:
      return { kind: "off", channel, note: first };
    case 0xb0:
      if (first === SUSTAIN) return { kind: "pedal", channel, isDown: second >= 64 };
      return first === ALL_SOUND_OFF || first === ALL_NOTES_OFF ? { kind: "silence", channel } : undefined;
    default:
      return undefined;
  }
}
