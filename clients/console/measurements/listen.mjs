/**
 * What a page hears, sample by sample as it leaves the worklet, and where its delay comes from. `make listen` runs it, a minute on
 * each engine with the browser's sound at 44,100 and at 48,000. It fails where the pitch is off by 1 Hz, or where sound breaks
 * off that had been received. On a busy machine frames come late and are missed; that is told, and is no fault of the page.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { browse } from "../tests/chromium.mjs";
import { serve } from "./daemon.mjs";

const { values: given } = parseArgs({
  options: {
    engine: { type: "string", multiple: true, default: ["native:7", "native:6", "wasm"] },
    rate: { type: "string", multiple: true, default: ["44100", "48000"] },
    safety: { type: "string", multiple: true, default: ["steady"] },
    seconds: { type: "string", default: "60" },
  },
});

const HERTZ = 440;
const PIECE = `<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
instr 1
asound = poscil(0.25, ${HERTZ})
out asound, asound
endin
</CsInstruments>
<CsScore>
i 1 0 36000
</CsScore>
</CsoundSynthesizer>
`;

/** Keeps what goes through it: the first channel, in pieces of a third of a second. */
const KEEPING = `registerProcessor("keep", class extends AudioWorkletProcessor {
  piece = new Float32Array(16384); filled = 0;
  process([[channel]]) {
    if (channel === undefined) return true;
    this.piece.set(channel, this.filled);
    this.filled += channel.length;
    if (this.filled === this.piece.length) {
      this.port.postMessage(this.piece, [this.piece.buffer]);
      this.piece = new Float32Array(16384);
      this.filled = 0;
    }
    return true;
  }
});`;

/** Runs in the page: listens for `seconds` and tells what was heard, when frames came, and how the buffer was meanwhile. */
async function hear({ daemon, keeping, rate, safety, seconds, hertz }) {
  const elements = await import(`${daemon}assets/elements.js`);
  const cs = await elements.defaultConnection().ready();
  const sr = await cs.csound.sr();
  const context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([keeping], { type: "text/javascript" })));
  const keeper = new AudioWorkletNode(context, "keep", { numberOfOutputs: 0 });
  const through = new GainNode(context);
  through.connect(keeper);
  through.connect(context.destination);
  const pieces = [];
  keeper.port.onmessage = ({ data }) => pieces.push(data);

  const block = 256;
  const arrivals = [];
  const stream = await cs.stream("spout", { block }).each((_, { sample }) => {
    const now = performance.now();
    arrivals.push({ now, age: cs.clock.isSet ? cs.clock.sampleAt(sr, now) / sr - (sample + block) / sr : NaN });
  });
  const sound = await cs.listen({ context, destination: through, safety, block });
  while (sound.state !== "playing") await new Promise((again) => setTimeout(again, 20));
  // What was played until now is of another time.
  await new Promise((past) => setTimeout(past, 500));
  pieces.length = 0;
  const looks = [];
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    await new Promise((again) => setTimeout(again, 50));
    const output = context.getOutputTimestamp();
    const behind = (context.currentTime - output.contextTime) * 1000 + (output.performanceTime - performance.now());
    looks.push({ now: performance.now(), output: behind, ...sound.statistics });
  }
  const pings = [];
  for (let count = 0; count < 20; count += 1) {
    const sent = performance.now();
    await cs.session.ping(0);
    pings.push(performance.now() - sent);
  }
  await sound.close();
  await stream.close();
  await context.close();

  const heard = new Float32Array(pieces.length * 16384);
  for (const [index, piece] of pieces.entries()) heard.set(piece, index * 16384);
  // A sine continues itself: what does not fit to the two samples before it is a break.
  const turn = 2 * Math.cos((2 * Math.PI * hertz) / rate);
  const breaks = [];
  for (let at = 2; at < heard.length; at += 1) {
    if (Math.abs(heard[at] - turn * heard[at - 1] + heard[at - 2]) > 0.002) breaks.push(at / rate);
  }
  // The pitch of each second in which nothing broke off: from where it rises through zero, between samples.
  const pitches = [];
  for (let second = 0; (second + 1) * rate <= heard.length; second += 1) {
    const rising = [];
    let silent = 0;
    for (let at = second * rate + 1; at < (second + 1) * rate; at += 1) {
      const [before, after] = [heard[at - 1], heard[at]];
      if (before === 0 && after === 0) silent += 1;
      if (before < 0 && after >= 0) rising.push(at - after / (after - before));
    }
    const broken = silent > 0 || breaks.some((at) => at >= second && at <= second + 1);
    if (!broken) pitches.push((rate * (rising.length - 1)) / (rising.at(-1) - rising[0]));
  }
  return { seconds: heard.length / rate, breaks, pitches, arrivals, looks, pings };
}

const quantile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? NaN;
const milliseconds = (seconds) => `${(seconds * 1000).toFixed(0)} ms`;

/** Whether frames that were due had not come: a hole between two of them that is longer than what the buffer held. */
function missed({ arrivals, looks }, index) {
  const [before, after] = [looks[Math.max(0, index - 8)], looks[index]];
  if (after.missing > before.missing) return { isMissed: true, hole: 0, held: before.buffered };
  let hole = 0;
  for (let at = 1; at < arrivals.length; at += 1) {
    const { now } = arrivals[at];
    if (now > before.now && now < after.now + 500) hole = Math.max(hole, (now - arrivals[at - 1].now) / 1000);
  }
  const held = Math.max(...looks.slice(Math.max(0, index - 8), index).map(({ buffered }) => buffered));
  return { isMissed: hole > held - 0.015, hole, held };
}

function tell(name, outcome) {
  const { seconds, breaks, pitches, arrivals, looks, pings } = outcome;
  const off = Math.max(...pitches.map((pitch) => Math.abs(pitch - HERTZ)));
  const dropouts = looks.map(({ underruns }, index) => ({ more: underruns - (looks[index - 1]?.underruns ?? underruns), index }));
  const underruns = dropouts.filter(({ more }) => more > 0).map(({ index }) => missed(outcome, index));
  const unexplained = underruns.filter(({ isMissed }) => !isMissed);
  console.log(`${name}: ${seconds.toFixed(1)} s heard, ${pitches.length} of them whole`);
  console.log(`  pitch: off by ${off.toFixed(4)} Hz at most; breaks in the wave: ${breaks.length}`);
  const said = underruns.map(({ hole, held }) => `${milliseconds(hole)} without a frame, ${milliseconds(held)} in the buffer`);
  console.log(`  dropouts: ${underruns.length}, not explained by frames that did not come: ${unexplained.length}; samples that never came: ${looks.at(-1).missing}`);
  for (const each of said.slice(0, 10)) console.log(`    ${each}`);
  const known = looks.filter(({ latency }) => latency !== undefined);
  const median = (read) => milliseconds(quantile(known.map(read), 0.5));
  const ages = arrivals.map(({ age }) => age).filter((age) => !Number.isNaN(age));
  const latencies = known.map(({ latency }) => latency);
  console.log(`  from the engine to the ear: ${median(({ latency }) => latency)} (least ${milliseconds(quantile(latencies, 0))}, 95 % ${milliseconds(quantile(latencies, 0.95))})`);
  console.log(`    a frame, from its last sample to the page: ${milliseconds(quantile(ages, 0.5))} (least ${milliseconds(quantile(ages, 0))}, 99 % ${milliseconds(quantile(ages, 0.99))}, most ${milliseconds(quantile(ages, 1))}); there and back: ${quantile(pings, 0.5).toFixed(1)} ms`);
  console.log(`    in the buffer: ${median(({ buffered }) => buffered)}, wanted ${median(({ wanted }) => wanted)} (${milliseconds(known.at(0).wanted)} at first, ${milliseconds(Math.max(...known.map(({ wanted }) => wanted)))} at most, ${milliseconds(known.at(-1).wanted)} at the end)`);
  console.log(`    from the worklet to the ear: ${(quantile(known.map(({ output }) => output), 0.5)).toFixed(0)} ms`);
  const held = pitches.length > 0 && off < 1 && unexplained.length === 0 && (breaks.length === 0 || underruns.length > 0 || looks.at(-1).missing > 0);
  if (!held) console.error(`  ${name} is not as it should be`);
  return held;
}

const folder = mkdtempSync(join(tmpdir(), "csoundd-listen-"));
writeFileSync(join(folder, "tone.csd"), PIECE);
const site = createServer((_, answer) => answer.setHeader("content-type", "text/html").end("<!doctype html><title>listen</title>"));
await new Promise((listening) => site.listen(0, "127.0.0.1", listening));
const origin = `http://localhost:${site.address().port}`;
const browser = await browse("--autoplay-policy=no-user-gesture-required");
try {
  for (const engine of given.engine) {
    const daemon = await serve([join(folder, "tone.csd"), "--no-state", "--engine", engine, "--allowed-origin", origin]).catch(() => undefined);
    if (daemon === undefined) {
      console.log(`${engine}: is not installed here`);
      continue;
    }
    try {
      for (const safety of given.safety) {
        for (const rate of given.rate.map(Number)) {
          const page = await (await browser.newContext()).newPage();
          await page.goto(origin);
          const asked = { daemon: daemon.url, keeping: KEEPING, rate, safety, seconds: Number(given.seconds), hertz: HERTZ };
          if (!tell(`${engine}, ${safety}, ${rate} Hz`, await page.evaluate(hear, asked))) process.exitCode = 1;
          await page.context().close();
        }
      }
    } finally {
      await daemon.end();
    }
  }
} finally {
  await browser.close();
  site.close();
  rmSync(folder, { recursive: true, force: true });
}
