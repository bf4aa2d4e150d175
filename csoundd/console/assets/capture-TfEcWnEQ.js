/** Takes sound out of an AudioWorklet, in blocks for the page. One file without imports, since a worklet is loaded by itself. */
/** Frames in a block: 11 ms at 48 kHz. */
export const CAPTURED_FRAMES = 512;
const scope = globalThis;
if (scope.registerProcessor !== undefined && scope.AudioWorkletProcessor !== undefined) {
    class CaptureProcessor extends scope.AudioWorkletProcessor {
        #block = new Float32Array(0);
        #filled = 0;
        /** Gathers the channels of its input, interleaved, as many as there are. */
        process(inputs) {
            const channels = inputs[0] ?? [];
            const [first] = channels;
            if (first === undefined)
                return true;
            if (this.#block.length !== CAPTURED_FRAMES * channels.length) {
                this.#block = new Float32Array(CAPTURED_FRAMES * channels.length);
                this.#filled = 0;
            }
            for (let frame = 0; frame < first.length; frame += 1) {
                for (const channel of channels) {
                    this.#block[this.#filled] = channel[frame] ?? 0;
                    this.#filled += 1;
                }
                if (this.#filled < this.#block.length)
                    continue;
                this.port.postMessage({ block: this.#block, channels: channels.length }, [this.#block.buffer]);
                this.#block = new Float32Array(CAPTURED_FRAMES * channels.length);
                this.#filled = 0;
            }
            return true;
        }
    }
    scope.registerProcessor("csoundd-capture", CaptureProcessor);
}
//# sourceMappingURL=capture.js.map