import { createServer } from "node:http";
import { expect, test } from "vitest";
import type { LiveCounts, LiveSample } from "../../../src/load/session.js";
import { startLoad } from "../../../src/load/start-load.js";
import { EMPTY_SPARSE_HISTOGRAM } from "../../../src/measure/histogram.js";
import { AbortMonitor, abortLimits } from "../../../src/run/phases/abort-monitor.js";
import { parseSlo } from "../../../src/slo/parse.js";
import { loadPlan, openModel, request } from "../../helpers/load-plans.js";

function conditions(...texts: string[]) {
  return texts.map((text) => {
    const parsed = parseSlo(text, { use: "abort" });
    if (!parsed.ok) throw new Error(parsed.error.message);
    return { condition: parsed.slo };
  });
}

const NONE: LiveCounts = {
  ok: 0,
  http_error: 0,
  timeout: 0,
  refused: 0,
  reset: 0,
  unsent: 0,
  unsentByGenerator: 0,
};

/** A quarter of a second. */
function sample(
  outcomes: Partial<LiveCounts>,
  slow: readonly number[] = [],
  intervalMs = 250,
  requests: Readonly<Record<string, Partial<LiveCounts>>> = {},
): LiveSample {
  return {
    segmentId: "fault",
    atMs: 0,
    intervalMs,
    outcomes: { ...NONE, ...outcomes },
    requests: new Map(Object.entries(requests).map(([name, counts]) => [name, { ...NONE, ...counts }])),
    p99Ms: null,
    latency: EMPTY_SPARSE_HISTOGRAM,
    slow,
  };
}

/** Feeds each sample; the 1-based number of the first that ends the run and why, or null. */
function firstReason(texts: readonly string[], samples: readonly LiveSample[]) {
  const monitor = new AbortMonitor(conditions(...texts));
  for (const [index, next] of samples.entries()) {
    const reason = monitor.feed(next);
    if (reason !== null) return { at: index + 1, reason };
  }
  return null;
}

const times = (count: number, one: LiveSample) => Array.from({ length: count }, () => one);

test("a condition comes true when its whole window is filled, not before", () => {
  expect(firstReason(["error_rate > 80% for 5s"], times(40, sample({ ok: 1, refused: 9 })))).toEqual({
    at: 20,
    reason: "error_rate > 80% for 5s: 90% of 200 requests failed in the last 5 s",
  });
});

test("what the load generator could not send ends no run, what found no connection free does", () => {
  const starved = { ok: 5, unsent: 95 };
  const own = times(40, sample({ ...starved, unsentByGenerator: 95 }));
  expect(firstReason(["error_rate > 50% for 5s"], own)).toBeNull();
  expect(firstReason(["availability < 50% for 5s"], own)).toBeNull();
  expect(firstReason(["p90 > 100ms for 5s"], own)).toBeNull();
  expect(firstReason(["error_rate > 50% for 5s"], times(40, sample(starved)))?.at).toBe(20);
});

test("a share that is not all of them does not read as all", () => {
  const found = firstReason(["availability < 99.99% for 5s"], times(20, sample({ ok: 2499, reset: 1 })));
  expect(found?.reason).toBe(
    "availability < 99.99% for 5s: 99.96% of 50,000 requests were ok in the last 5 s",
  );
});

test("at the limit itself it is not more than the limit", () => {
  expect(firstReason(["error_rate > 80% for 2s"], times(40, sample({ ok: 2, reset: 8 })))).toBeNull();
});

test("the window slides: a bad stretch that is too short passes, one that is long enough is seen within 1 s", () => {
  const good = sample({ ok: 10 });
  const bad = sample({ timeout: 10 });
  const texts = ["error_rate > 80% for 5s"];
  expect(firstReason(texts, [...times(40, good), ...times(16, bad), ...times(40, good)])).toBeNull();
  const found = firstReason(texts, [...times(40, good), ...times(40, bad)]);
  // Over 80 % of a 5 s window is bad after 4 s and one sample; true within 1 s of that.
  expect(found?.at).toBeGreaterThan(40 + 16);
  expect(found?.at).toBeLessThanOrEqual(40 + 16 + 4);
});

test("samples that come late or early do not keep a condition from coming true", () => {
  const uneven = Array.from({ length: 40 }, (_, index) => sample({ reset: 10 }, [], index % 2 ? 310 : 190));
  const found = firstReason(["error_rate > 80% for 5s"], uneven);
  expect(found?.at).toBeGreaterThanOrEqual(19);
  expect(found?.at).toBeLessThanOrEqual(24);
});

test("a percentile counts failures as longer than anything", () => {
  const texts = ["p99 > 2s for 5s"];
  expect(firstReason(texts, times(40, sample({ ok: 100 }, [1])))).toBeNull();
  expect(firstReason(texts, times(40, sample({ ok: 100 }, [2])))?.reason).toBe(
    "p99 > 2s for 5s: 2% of 2,000 requests failed or took longer in the last 5 s",
  );
  expect(firstReason(texts, times(40, sample({ ok: 98, http_error: 2 }, [0])))?.at).toBe(20);
});

test("each latency condition reads its own count", () => {
  const texts = ["p50 > 1s for 1s", "error_rate > 50% for 1s", "p90 > 250ms for 1s"];
  expect(abortLimits(conditions(...texts))).toEqual([
    { request: null, limitUs: 1_000_000 },
    { request: null, limitUs: 250_000 },
  ]);
  expect(firstReason(texts, times(8, sample({ ok: 10 }, [5, 2, 99])))?.reason).toMatch(
    /^p90 > 250ms for 1s: 20%/,
  );
  expect(firstReason(texts, times(8, sample({ ok: 10 }, [6, 0, 99])))?.reason).toMatch(
    /^p50 > 1s for 1s: 60%/,
  );
});

test("a condition on one request reads the outcomes and the latency of that name alone", () => {
  const one = sample({ ok: 100, reset: 10 }, [30, 4], 250, {
    browse: { ok: 95 },
    checkout: { ok: 5, reset: 10 },
  });
  const texts = ["error_rate(checkout) > 60% for 1s"];
  expect(firstReason(texts, times(8, one))?.reason).toBe(
    "error_rate(checkout) > 60% for 1s: 66.7% of 60 requests failed in the last 1 s",
  );
  expect(firstReason(["error_rate(browse) > 0% for 1s"], times(8, one))).toBeNull();
  expect(firstReason(["throughput(checkout) < 21/s for 1s"], times(8, one))?.at).toBe(4);
  const slow = ["p50 > 1s for 1s", "p50(browse) > 1s for 1s", "p90(browse) > 1s for 1s"];
  expect(abortLimits(conditions(...slow))).toEqual([
    { request: null, limitUs: 1_000_000 },
    { request: "browse", limitUs: 1_000_000 },
  ]);
  // 40 of 110, 4 of 95: neither is half; 12 of 95 is a tenth.
  expect(firstReason(slow, times(8, one))).toBeNull();
  expect(firstReason(slow, times(8, { ...one, slow: [30, 12] }))?.reason).toMatch(/^p90\(browse\)/);
});

test("a request that fails among good ones ends a load by its name, whichever thread sends it", async () => {
  const server = createServer(({ url }, response) => {
    response.writeHead(url === "/checkout" ? 500 : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const texts = [
    "error_rate > 60% for 1s",
    "error_rate(browse) > 0% for 1s",
    "error_rate(checkout) > 90% for 1s",
  ];
  const monitor = new AbortMonitor(conditions(...texts));
  const reasons: string[] = [];
  const requests = [
    request({ name: "browse", weight: 1 }),
    request({ name: "checkout", path: "/checkout", weight: 1 }),
  ];
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const session = await startLoad({
    plan: loadPlan(`http://127.0.0.1:${address.port}`, openModel(100), {
      workers: 2,
      mix: { kind: "requests", requests },
    }),
    onLive: (sample) => reasons.push(monitor.feed(sample) ?? ""),
  });
  try {
    await session.begin({ id: "all", limits: [] });
    await expect
      .poll(() => reasons.find((reason) => reason !== ""), { timeout: 10_000 })
      .toMatch(/^error_rate\(checkout\) > 90% for 1s: 100% of [\d,]+ requests failed/);
  } finally {
    await session.stop();
    server.close();
  }
});

test("availability and throughput hold from below", () => {
  const half = times(20, sample({ ok: 5, unsent: 5 }));
  expect(firstReason(["availability < 60% for 2s"], half)?.at).toBe(8);
  expect(firstReason(["availability < 50% for 2s"], half)).toBeNull();
  expect(firstReason(["throughput < 21/s for 2s"], half)?.reason).toMatch(
    /: 20 good answers a second in the last 2 s$/,
  );
  expect(firstReason(["throughput < 20/s for 2s"], half)).toBeNull();
});

test("a time in which nothing ended says nothing about shares, and is no throughput", () => {
  const silence = times(20, sample({}));
  expect(firstReason(["error_rate > 0% for 2s", "p99 > 1ms for 2s"], silence)).toBeNull();
  expect(firstReason(["throughput < 1/s for 2s"], silence)?.at).toBe(8);
});

test("without conditions nothing ends the run", () => {
  expect(firstReason([], times(20, sample({ refused: 10 })))).toBeNull();
});

test("a sample that comes after a standstill of any length begins the windows anew", () => {
  const failing = sample({ refused: 10 });
  const standstill = (ms: number) => sample({ refused: 10 }, [], ms);
  const texts = ["error_rate > 80% for 1s"];
  for (const ms of [2_100, 5_000, 3_600_000]) {
    // What had waited for the end of the standstill ends in the sample after it, so that counts as little.
    const found = firstReason(texts, [...times(3, failing), standstill(ms), ...times(9, failing)]);
    expect(found?.at, `${ms} ms`).toBe(3 + 1 + 1 + 4);
    expect(firstReason(texts, times(20, standstill(ms)))).toBeNull();
  }
});

test("a sample that is late on a busy machine counts, also when it fills the whole window", () => {
  expect(firstReason(["error_rate > 80% for 1s"], [sample({ refused: 10 }, [], 1_700)])?.at).toBe(1);
});

test("what failed while the way to the system did ends no run, up to 30 s; what fails afterwards does", () => {
  const failing = sample({ reset: 10 });
  const firstOf = (spoilt: (nth: number) => boolean) => {
    const monitor = new AbortMonitor(conditions("error_rate > 50% for 5s"));
    for (let nth = 1; nth <= 400; nth++) if (monitor.feed(failing, spoilt(nth)) !== null) return nth;
    return null;
  };
  expect(firstOf(() => false)).toBe(20);
  // 8 s, then the sample in which their last failures end, then a window.
  expect(firstOf((nth) => nth <= 32)).toBe(32 + 1 + 20);
  // 30 s of them, in the same way.
  expect(firstOf(() => true)).toBe(120 + 1 + 20);
  // A way that fails again and again, and not always: 30 s from its first failure, the fourth sample.
  expect(firstOf((nth) => nth % 4 === 0)).toBe(120 + 1 + 20);
  // One that has recovered in between.
  expect(firstOf((nth) => nth <= 100 || (nth > 140 && nth < 150))).toBe(100 + 1 + 20);
});
