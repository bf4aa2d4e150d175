/** The client against a real daemon, in both encodings. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Cancelled, ConnectionFailed, ConnectionLost, InvalidParams, NdArray, NotFound, Unauthorized, WrongState, connect } from "../src/index.js";
import type { Client, CodecName, ConnectionEvent, Outvalue } from "../src/index.js";
import { Daemon, PIECE } from "./daemon.js";

let daemon: Daemon;

beforeAll(async () => {
  daemon = await Daemon.start({ piece: PIECE });
});

afterAll(async () => {
  await daemon.end();
});

/** The first data of a stream that `wanted` is true of. */
async function first<T>(stream: AsyncIterable<T>, wanted: (data: T) => boolean): Promise<T> {
  for await (const data of stream) if (wanted(data)) return data;
  throw new Error("the stream ended before that came");
}

describe.each<CodecName>(["msgpack", "json"])("in %s", (codec) => {
  let cs: Client;

  beforeAll(async () => {
    cs = await connect(daemon.url, { codec, receipts: true });
  });

  afterAll(() => {
    cs.close();
  });

  test("a channel that is set is read", async () => {
    await cs.csound.setControlChannel("cutoff", 4000.5);
    expect(await cs.csound.controlChannel("cutoff")).toEqual([4000.5, 0]);
    expect(await cs.channel.get("cut*")).toEqual({ cutoff: 4000.5 });
  });

  test("tables come as arrays and go as lists", async () => {
    await cs.table.set(1, [0, 0.5, 1]);
    const table = await cs.csound.table(1);
    expect(table).toBeInstanceOf(NdArray);
    expect([...(table?.data.subarray(0, 3) ?? [])]).toEqual([0, 0.5, 1]);
    await cs.table.set(1, new Float32Array([0.25, 0.75]));
    expect([...((await cs.csound.table(1))?.data ?? [])].slice(0, 2)).toEqual([0.25, 0.75]);
  });

  test("parameters that are left out have their defaults", async () => {
    expect((await cs.channel.list()).map((channel) => channel.name)).toContain("cutoff");
  });

  test("what the server refuses is an error of its own class", async () => {
    await expect(cs.channel.read("nothing")).rejects.toThrow(NotFound);
    const wrong = cs.call("csound.setControlChannel", { name: "cutoff", val: "loud" });
    await expect(wrong).rejects.toMatchObject({ constructor: InvalidParams, code: -32602, data: { parameter: "val" } });
  });

  test("a call has its time and its receipt", async () => {
    const before = await cs.session.ping(0);
    const { meta } = await cs.call("csound.setControlChannel", ["cutoff", 1], { at: { delay: 0.05 } });
    expect(meta?.sample).toBeGreaterThanOrEqual(before.sample + 0.05 * 48000 - 128);
    await cs.timed({ at: { delay: 0.01 } }).csound.setControlChannel("cutoff", 2);
    expect(await cs.csound.controlChannel("cutoff")).toEqual([2, 0]);
  });

  test("a batch runs at one cycle edge", async () => {
    const [, value, sr] = await cs.batch((batch) => [
      batch.csound.setControlChannel("cutoff", 7),
      batch.csound.controlChannel("cutoff"),
      batch.csound.sr(),
    ]);
    expect([value, sr]).toEqual([[7, 0], 48000]);
  });

  test("of a batch that is wrong nothing runs", async () => {
    await cs.csound.setControlChannel("cutoff", 1);
    const batch = cs.batch((batch) => [batch.csound.setControlChannel("cutoff", 9), batch.table.get(-1, "x" as never)]);
    await expect(batch).rejects.toThrow();
    expect(await cs.csound.controlChannel("cutoff")).toEqual([1, 0]);
  });

  test("calls that are sent together are answered one by one", async () => {
    const answers = cs.together((batch) => [batch.csound.sr(), batch.channel.read("nothing"), batch.csound.ksmps()]);
    await expect(answers).rejects.toThrow(NotFound);
    expect(await cs.together((batch) => [batch.csound.sr(), batch.csound.ksmps()])).toEqual([48000, 64]);
  });

  test("a stream is a loop, and leaving the loop ends it", async () => {
    const meters = await first(cs.stream("meters", { rate: 50 }), (frame) => (frame.peak[0] ?? 0) > 0.2);
    expect(meters.rms[0]).toBeGreaterThan(0.1);
    expect(await cs.stream.list()).toEqual([]);
  });

  test("frames of audio are arrays with the sample they begin at", async () => {
    const spout = cs.stream("spout", { block: 256 });
    const samples: number[] = [];
    for await (const frame of spout.frames()) {
      expect(frame.data.shape).toEqual([256, 2]);
      samples.push(frame.sample);
      if (samples.length === 3) break;
    }
    expect((samples[2] ?? 0) - (samples[0] ?? 0)).toBe(512);
  });

  test("two readers of one stream have the same frames, and one may go", async () => {
    const one = cs.stream("channels", { names: "cutoff" });
    const other = cs.stream("channels", { names: "cutoff" });
    await Promise.all([one.ready(), other.ready()]);
    expect(one.id).toBe(other.id);
    await one.close();
    await cs.csound.setControlChannel("cutoff", 123);
    expect(await first(other, (values) => values["cutoff"] === 123)).toMatchObject({ cutoff: 123 });
  });

  test("a function is called with what the orchestra says", async () => {
    const heard = new Promise<Outvalue>((resolve) => {
      void cs.csound.setOutputChannelCallback(resolve);
    });
    await cs.csound.setInputChannelCallback(({ name }) => (name === "asked" ? 0.75 : undefined));
    await cs.csound.eventString("i 2 0 5");
    expect(await heard).toEqual({ name: "level", value: 0.5 });
    const answered = await first(cs.stream("channels", { names: "answered", rate: 50 }), (value) => value["answered"] === 0.75);
    expect(answered).toMatchObject({ answered: 0.75 });
    await cs.csound.setInputChannelCallback(null);
    await cs.csound.setOutputChannelCallback(null);
    expect(await cs.stream.list()).toEqual([]);
  });

  test("clocks are compared by themselves", () => {
    expect(Math.abs(cs.clock.wall() - Date.now() / 1000)).toBeLessThan(0.5);
    expect(cs.clock.sampleAt(48000)).toBeGreaterThan(0);
  });

  test("a call that waits is taken back by its signal", async () => {
    const controller = new AbortController();
    const later = cs.timed({ at: { delay: 600 }, signal: controller.signal });
    const waiting = expect(later.csound.setControlChannel("cutoff", 1)).rejects.toThrow(Cancelled);
    controller.abort();
    await waiting;
    await expect(later.csound.sr()).rejects.toThrow("aborted");
  });
});

test("where nothing listens there is no connection", async () => {
  await expect(connect("ws://127.0.0.1:9/ws", { timeout: 5 })).rejects.toThrow(ConnectionFailed);
});

test("a closed client says so", async () => {
  const cs = await connect(daemon.url);
  cs.close();
  await expect(cs.csound.sr()).rejects.toThrow(ConnectionLost);
  expect(cs.connected).toBe(false);
});

test("a loop over a stream ends in good order when the client is closed", async () => {
  const cs = await connect(daemon.url);
  const midi = cs.stream("midi");
  await midi.ready();
  const read = (async () => {
    for await (const event of midi) return event;
    return "over";
  })();
  cs.close();
  expect(await read).toBe("over");
});

test("a stream that waits for its first frame ends when the client is closed", async () => {
  const cs = await connect(daemon.url);
  const midi = cs.stream("midi");
  await midi.ready();
  const read = first(midi, () => true);
  cs.close();
  await expect(read).rejects.toThrow();
});

test("the engine's death is an event, and the connection stays", async () => {
  const cs = await connect(daemon.url);
  const events = cs.stream("engine");
  await events.ready();
  process.kill((await cs.engine.info()).pid ?? 0, "SIGKILL");
  expect(await first(events, ({ event }) => event === "restored")).toMatchObject({ event: "restored" });
  expect(await cs.csound.sr()).toBe(48000);
  cs.close();
});

test("a restart of the daemon needs nothing from the program but to know that the engine is another one", async () => {
  let own = await Daemon.start({ piece: PIECE });
  const cs = await connect(own.url);
  const told: ConnectionEvent[] = [];
  const restored = new Promise<void>((resolve) => {
    cs.onConnection((event) => {
      told.push(event);
      if (event.event === "restored") resolve();
    });
  });
  const meters = cs.stream("meters", { rate: 50 });
  await meters.ready();
  await own.stop("SIGKILL");
  await expect(cs.csound.sr()).rejects.toThrow(ConnectionLost);
  own = await Daemon.start({ piece: PIECE, port: own.port, folder: own.folder });
  await restored;
  expect(told.map(({ event }) => event)).toEqual(["lost", "restored"]);
  expect(told[1]).toMatchObject({ resumed: false });
  expect((await first(meters, (frame) => (frame.peak[0] ?? 0) > 0.2)).peak).toHaveLength(2);
  cs.close();
  await own.end();
});

test("a loop may end with the performance, and has then had all of it", async () => {
  const code = PIECE.replace("i 1 0 3600", "i 1 0 0.5");
  const own = await Daemon.start({ piece: code });
  const cs = await connect(own.url);
  await cs.csound.rewindScore();
  const spout = cs.stream("spout", { block: 4096, untilEnd: true });
  let last = { sample: 0, frames: 0 };
  for await (const { sample, data } of spout.frames()) last = { sample, frames: data.shape[0] ?? 0 };
  expect(last.frames).toBeLessThan(4096);
  expect(spout.ended).toEqual({ sample: last.sample + last.frames, reason: "ended" });
  cs.close();
  await own.end();
});

test("a token that is none is refused in the daemon's own words", async () => {
  const refused = connect(daemon.url, { token: "csd_wrong" });
  await expect(refused).rejects.toThrow(Unauthorized);
  await expect(refused).rejects.toThrow("the token is wrong, revoked or expired");
});

test("a method that the state does not allow says which state it is", async () => {
  const cs = await connect(daemon.url);
  await expect(cs.csound.performKsmps()).rejects.toThrow(WrongState);
  cs.close();
});
