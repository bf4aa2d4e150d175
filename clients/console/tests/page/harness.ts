/** What tests of the page have in common: pieces to play, and what a recording of them holds. */

/**
 * A tone of the frequency that the channel "freq" says, 440 Hz, and an instrument for the keyboard. The channel "notes" says
 * how many of its notes sound.
 */
export const TONE = `<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
#ifdef M_MAX_VALUE
#define KNOB #chnk#
#else
#define KNOB #chn_k#
#end
$KNOB "freq", 3, 2, 440, 100, 2000, 0, 0, 0, 0, {{unit=hz}}
chnset 440, "freq"
$KNOB "level", 3, 2, 0.25, 0, 0.5
chnset 0.25, "level"
instr 1
  asound poscil chnget:k("level"), chnget:k("freq")
  outs asound, asound
  knotes active "Note"
  chnset knotes, "notes"
endin
instr Note
  asound poscil 0.1 * p5, cpsmidinn(p4)
  outs asound, asound
endin
</CsInstruments>
<CsScore>
i 1 0 3600
</CsScore>
</CsoundSynthesizer>
`;

export const BROKEN = TONE.replace("asound poscil", "asound pocsil");
/** The line of the fault in it, from 1. */
export const FAULT_LINE = BROKEN.split("\n").findIndex((line) => line.includes("pocsil")) + 1;

/** The channels of a WAV file, and its rate. */
export function samplesOf(wav: Buffer): { rate: number; left: Float64Array } {
  const [channels, rate, bits] = [wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt16LE(34)];
  const data = wav.indexOf("data") + 8;
  const width = bits / 8;
  const left = new Float64Array(Math.floor((wav.length - data) / (width * channels)));
  for (const index of left.keys()) left[index] = wav.readIntLE(data + index * width * channels, width) / 2 ** (bits - 1);
  return { rate, left };
}

/** The frequency of a tone, from where it rises through zero, between samples. */
export function pitchOf({ rate, left }: { rate: number; left: Float64Array }): number {
  const rising: number[] = [];
  for (let at = 1; at < left.length; at += 1) {
    const [before, after] = [left[at - 1] ?? 0, left[at] ?? 0];
    if (before < 0 && after >= 0) rising.push(at - after / (after - before));
  }
  const [first, last] = [rising[0] ?? 0, rising.at(-1) ?? 0];
  return (rate * (rising.length - 1)) / (last - first);
}
