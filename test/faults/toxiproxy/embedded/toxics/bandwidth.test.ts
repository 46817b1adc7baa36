import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Piece, ToxicLine } from "../../../../../src/faults/toxiproxy/embedded/stream/toxic.js";
import { bandwidthToxic } from "../../../../../src/faults/toxiproxy/embedded/toxics/bandwidth.js";
import { hold, oneWayMs, ProxyBench, pattern, sha256, sleep } from "../../../../helpers/proxy-line.js";

let bench: ProxyBench;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
afterAll(() => bench.close());

test("1 KB is 1,000 bytes, and the rate holds for the sum", async () => {
  const data = pattern(500_000, 4);
  const { c, s } = await bench.line(hold, ["bandwidth", { rate: 500 }]);
  const startedMs = performance.now();
  s.pump(data);
  await c.got(data.length);
  const tookMs = performance.now() - startedMs;
  expect(tookMs).toBeGreaterThanOrEqual(990);
  expect(tookMs).toBeLessThan(1600);
  expect(sha256(c.bytes)).toBe(sha256(data));
});

test("what is more than a tenth of a second's worth is cut into such parts", async () => {
  const { c, s } = await bench.line(hold, ["bandwidth", { rate: 10 }]);
  s.socket.write(pattern(4000));
  await c.got(4000);
  expect(c.arrivals.map(({ bytes }) => bytes)).toEqual([1000, 1000, 1000, 1000]);
});

test("small pieces, each worth less than a timer can count, keep the rate", async () => {
  const { c, s } = await bench.line(hold, ["bandwidth", { rate: 1000 }]);
  const startedMs = performance.now();
  for (let i = 0; i < 300; i++) {
    s.socket.write(pattern(200, i));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await c.got(60_000);
  const tookMs = performance.now() - startedMs;
  expect(tookMs).toBeGreaterThanOrEqual(55);
  expect(tookMs).toBeLessThan(400);
});

test("a pause saves nothing up", async () => {
  const { c, s } = await bench.line(hold, ["bandwidth", { rate: 10 }]);
  await oneWayMs(s, c, 100);
  await sleep(500);
  expect(await oneWayMs(s, c, 1000)).toBeGreaterThanOrEqual(100);
});

test.each([0, -1, -(2 ** 40)])("a rate of %i is no limit, and touches nothing", async (rate) => {
  const { c, s, proxy } = await bench.line(hold);
  const toxic = await proxy.toxic("bandwidth", { rate });
  const data = pattern(2_000_000, 5);
  s.socket.write(data);
  await c.got(data.length);
  expect(c.bytes.equals(data)).toBe(true);
  const counters = (await bench.api("GET", "/faultline/counters")).json[proxy.name];
  expect(counters.toxics.bandwidth_downstream).toMatchObject({ connections: 1, acts: 0 });
  await toxic.remove();
});

test("an update counts for what it has in hand, and removal flushes that", async () => {
  const { c, s, proxy } = await bench.line(hold);
  const toxic = await proxy.toxic("bandwidth", { rate: 1 });
  s.socket.write(pattern(50_000, 5));
  await sleep(200);
  expect(c.received).toBeLessThan(50_000);
  await toxic.update({ attributes: { rate: 1000 } });
  await c.got(50_000);
  await toxic.update({ attributes: { rate: 1 } });
  s.socket.write(pattern(50_000, 6));
  await sleep(150);
  await toxic.remove();
  await c.got(100_000, 2000);
  expect(c.bytes.equals(Buffer.concat([pattern(50_000, 5), pattern(50_000, 6)]))).toBe(true);
});

describe("by a clock of the test's own", () => {
  const PIECE_BYTES = 32_768;
  const RATE = 20_000;
  let nowMs = 1_000;
  let sentBytes = 0;

  /** Timers fire so late. */
  function line(lateMs: number): ToxicLine {
    return {
      send: (piece) => {
        sentBytes += piece.bytes.length;
      },
      hold(ms, _, then) {
        if (ms > 0) nowMs += ms + lateMs;
        then();
      },
      alarm() {},
      close() {},
      reset() {},
      acted() {},
    };
  }

  function toxic() {
    vi.spyOn(performance, "now").mockImplementation(() => nowMs);
    sentBytes = 0;
    const made = bandwidthToxic.create({ rate: RATE }, Math.random);
    made.start?.(line(0));
    return made;
  }

  const piece = (hasWaited: boolean): Piece => ({
    bytes: Buffer.alloc(PIECE_BYTES),
    atMs: nowMs,
    hasWaited,
  });

  afterEach(() => vi.restoreAllMocks());

  test("late timers and late reads do not add up", () => {
    const made = toxic();
    const startMs = nowMs;
    for (let i = 0; i < 1_000; i++) {
      made.take(piece(true), line(2.5));
      nowMs += 0.2;
    }
    const idealMs = (PIECE_BYTES * 1_000) / RATE;
    expect(nowMs - startMs).toBeGreaterThanOrEqual(idealMs);
    expect(nowMs - startMs).toBeLessThan(idealMs + 5);
  });

  test("of a long standstill a tenth of a second is made up, and no more", () => {
    const made = toxic();
    made.take(piece(true), line(10_000));
    const beforeMs = nowMs;
    sentBytes = 0;
    while (nowMs === beforeMs) made.take(piece(true), line(0));
    expect(sentBytes).toBeLessThanOrEqual(RATE * 100 + 2 * PIECE_BYTES);
  });

  test("what a source does not send for a while is not made up at all", () => {
    const made = toxic();
    made.take(piece(false), line(0));
    nowMs += 50;
    const beforeMs = nowMs;
    made.take(piece(false), line(0));
    expect(nowMs - beforeMs).toBeCloseTo(PIECE_BYTES / RATE, 5);
  });
});
