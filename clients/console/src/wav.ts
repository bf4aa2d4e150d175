/** A WAV file of blocks of sound. */

interface Block {
  readonly sample: number;
  readonly channels: number;
  readonly samples: Float32Array;
}

const HEADER_BYTES = 44;

/** The last `seconds` of `blocks` as 16-bit WAV, with silence for what is missing between them. */
export function wavOf(blocks: readonly Block[], rate: number, seconds: number): Blob {
  const [first, last] = [blocks[0], blocks.at(-1)];
  const channels = last?.channels ?? 1;
  const end = last === undefined ? 0 : last.sample + last.samples.length / channels;
  const begin = Math.max(first?.sample ?? 0, end - Math.round(seconds * rate));
  const data = new Int16Array((end - begin) * channels);
  for (const { sample, samples } of blocks) {
    const offset = (sample - begin) * channels;
    for (let at = Math.max(0, -offset); at < samples.length; at += 1) {
      data[offset + at] = Math.round(Math.max(-1, Math.min(1, samples[at] ?? 0)) * 32767);
    }
  }
  return new Blob([header(rate, channels, data.byteLength), data], { type: "audio/wav" });
}

function header(rate: number, channels: number, bytes: number): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES));
  const word = (at: number, text: string): void => {
    for (let index = 0; index < text.length; index += 1) view.setUint8(at + index, text.charCodeAt(index));
  };
  word(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + bytes, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, bytes, true);
  return view.buffer;
}
