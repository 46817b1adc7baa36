import { afterEach, expect, test } from "vitest";
import { startLoad } from "../../src/load/start-load.js";
import { RecordedTimes } from "../../src/measure/recorded-times.js";
import type { SegmentMeasurement } from "../../src/measure/segment-accumulator.js";
import { sleep } from "../../src/support/clock.js";
import { type HelperProcess, startHelper, startHelperWithFileLimit } from "../helpers/child-process.js";
import { ok, startHostileServer } from "../helpers/hostile-server.js";
import { closedModel, loadPlan, openModel, request, runLoad, sum, totals } from "../helpers/load-plans.js";

/**
 * Times against the target's own clock, one test at a time so that they do not disturb each other. A machine that is
 * busy with other things can make any of them late, hence the retries: what they show cannot come about by chance.
 */
const TIMING = { retry: 3, timeout: 40_000 };

const helpers: HelperProcess[] = [];

afterEach(() => {
  for (const { child } of helpers.splice(0)) child.kill("SIGKILL");
});

interface Entry {
  readonly path: string;
  readonly arrivedMs: number;
  readonly answeredMs: number;
}

interface Run {
  readonly measured: SegmentMeasurement;
  readonly seen: readonly Entry[];
  /** answered − due of each request, in ms, ascending; both from the monotonic clock of the machine. */
  readonly truthMs: readonly number[];
}

/** Evenly spaced requests that carry their number, so that each can be found at the target. */
async function run(
  delayMs: number,
  ratePerS: number,
  durationMs: number,
  meanwhile: (pid: number) => Promise<void> = async () => {},
  protocol: "http1" | "h2" = "http1",
): Promise<Run> {
  const target = startHelper("clocked-server.mjs", String(delayMs), protocol);
  helpers.push(target);
  const url = `http://127.0.0.1:${await target.nextLine()}`;
  const mix = { kind: "requests", requests: [request({ path: "/${seq}" })] } as const;
  const session = await startLoad({
    plan: loadPlan(url, openModel(ratePerS, 1000), {
      timeoutMs: 10_000,
      mix,
      protocol,
      pipelining: protocol === "h2" ? 100 : 1,
    }),
  });
  try {
    const { startedAtMs } = await session.begin({ id: "all", limits: [] });
    await Promise.all([sleep(durationMs), meanwhile(target.child.pid ?? 0)]);
    await session.end();
    const measured = await session.drain("all");
    target.child.stdin.write("report\n");
    const seen: Entry[] = JSON.parse(await target.nextLine());
    const dueMs = (path: string) => startedAtMs + ((Number(path.slice(1)) - 1) * 1000) / ratePerS;
    const truthMs = seen.map((entry) => entry.answeredMs - dueMs(entry.path)).sort((a, b) => a - b);
    return { measured, seen, truthMs };
  } finally {
    await session.stop();
  }
}

/** As a helper prints it: histograms are encoded. */
function measuredIn(line: string): SegmentMeasurement {
  const measured = JSON.parse(line);
  const { latency, dispatchLatency, lag } = measured.all.histograms;
  const histograms = {
    latency: RecordedTimes.decode(latency),
    dispatchLatency: RecordedTimes.decode(dispatchLatency),
    lag: RecordedTimes.decode(lag),
  };
  return { ...measured, all: { ...measured.all, histograms } };
}

function reportedMs(
  measured: SegmentMeasurement,
  percentile: number,
  histogram: "latency" | "dispatchLatency" | "lag" = "latency",
): number {
  return atPercentileMs(measured.all.histograms[histogram], percentile);
}

function atPercentileMs(times: RecordedTimes, percentile: number): number {
  return times.atRankUs(Math.max(1, Math.ceil((percentile / 100) * times.count))) / 1000;
}

function trueMs(truthMs: readonly number[], percentile: number): number {
  return truthMs[Math.ceil((percentile / 100) * truthMs.length) - 1] ?? Number.NaN;
}

const VERSIONS = [["http1"], ["h2"]] as const;

// Streams that share a connection wait for it together, and no less.
test.each(VERSIONS)(
  "a freeze of 3 s in 8 s at 200 requests a second gives a p90 of about 2.2 s over %s",
  TIMING,
  async (protocol) => {
    const freeze = async (pid: number) => {
      await sleep(2500);
      process.kill(pid, "SIGSTOP");
      await sleep(3000);
      process.kill(pid, "SIGCONT");
    };
    const { measured, seen, truthMs } = await run(0, 200, 8000, freeze, protocol);
    const counts = totals(measured.all);
    expect(counts.scheduled).toBeGreaterThanOrEqual(1600);
    expect(counts.ok).toBe(counts.scheduled);
    expect(seen).toHaveLength(counts.scheduled);
    // 600 of 1,600 requests were due in the freeze and waited for 3 s … 0 s: the slowest 160 waited for 2.2 s and more.
    expect(reportedMs(measured, 90)).toBeGreaterThan(2000);
    expect(reportedMs(measured, 90)).toBeLessThan(3000);
    // None of it is the generator's.
    expect(reportedMs(measured, 90, "dispatchLatency")).toBeGreaterThan(2000);
    for (const percentile of [50, 75, 90, 99]) {
      const truth = trueMs(truthMs, percentile);
      expect(reportedMs(measured, percentile)).toBeGreaterThanOrEqual(truth);
      // 3 digits, and reading several hundred answers that all came when the freeze was over.
      expect(reportedMs(measured, percentile)).toBeLessThan(truth * 1.001 + 150);
    }
  },
);

test("latency of a target that takes 20 ms is what the target's own clock says", TIMING, async () => {
  const { measured, truthMs } = await run(20, 100, 2000);
  expect(truthMs).toHaveLength(totals(measured.all).ok);
  for (const percentile of [50, 90]) {
    const truth = trueMs(truthMs, percentile);
    expect(reportedMs(measured, percentile)).toBeGreaterThanOrEqual(truth);
    // 3 digits, the way back, and waking up to read.
    expect(reportedMs(measured, percentile)).toBeLessThan(truth * 1.001 + 3);
  }
  expect(reportedMs(measured, 50)).toBeGreaterThan(19.9);
});

test("what it takes to look into answers is the generator's lag, in both models", TIMING, async () => {
  // Some 10 ms to parse, and more than that to find the last value.
  const json = JSON.stringify({ list: Array.from({ length: 60_000 }, (_, i) => ({ i })), last: true });
  const server = await startHostileServer({ onRequest: (socket) => socket.write(ok(json)) });
  const step = {
    ...request({ expect: { status: [200], headers: {}, body: null, json: { "$.last": true } } }),
    capture: [],
    thinkTimeMs: 0,
  };
  const journey = { name: "two", weight: 1, steps: [step, { ...step, name: "next" }] };
  const mix = { kind: "journeys", journeys: [journey] } as const;
  try {
    for (const model of [closedModel(1), openModel(10)]) {
      const measured = await runLoad(loadPlan(server.url, model, { mix }), 1500);
      const counts = totals(measured.all);
      expect(counts.ok).toBe(counts.scheduled);
      const next = measured.requests.find((series) => series.request === "next");
      const p50Ms = (name: "latency" | "dispatchLatency" | "lag") =>
        next ? atPercentileMs(next.histograms[name], 50) : Number.NaN;
      // It was due when the answer before it was there, and left when that had been looked into.
      expect(p50Ms("lag")).toBeGreaterThan(4);
      expect(p50Ms("latency") - p50Ms("dispatchLatency")).toBeGreaterThan(4);
    }
  } finally {
    await server.down();
  }
});

test("requests leave spread over the second, not in one burst", TIMING, async () => {
  const { measured, seen } = await run(0, 200, 3000);
  expect(seen).toHaveLength(totals(measured.all).ok);
  const from = seen[0]?.arrivedMs ?? 0;
  const slots = new Array<number>(30).fill(0);
  for (const { arrivedMs } of seen) {
    const slot = Math.floor((arrivedMs - from) / 100);
    if (slot < slots.length) slots[slot]!++;
  }
  // 20 in each, when nothing disturbs. Sending a second's requests at once leaves 27 of 30 slots empty.
  expect(slots.filter((count) => count === 0).length).toBeLessThan(10);
  expect(slots.filter((count) => count >= 10 && count <= 30).length).toBeGreaterThan(15);
  // A timer that looks every 10 ms what is due would be 5 ms late in the middle; undisturbed it is 0.3 ms at most.
  expect(reportedMs(measured, 50, "lag")).toBeLessThan(3);
});

test(
  "when the generator itself stands still, the lag shows it and what came too late is its own fault",
  TIMING,
  async () => {
    const server = await startHostileServer({ onRequest: (socket) => socket.write(ok()) });
    const helper = startHelper("frozen-load.mjs", server.url, "200", "500", "3000");
    helpers.push(helper);
    expect(await helper.nextLine()).toBe("started");
    await sleep(800);
    process.kill(helper.child.pid!, "SIGSTOP");
    await sleep(1500);
    process.kill(helper.child.pid!, "SIGCONT");
    const measured = measuredIn(await helper.nextLine());
    await server.down();
    const counts = totals(measured.all);
    const { scheduled, ...outcomes } = counts;
    expect(sum(Object.values(outcomes))).toBe(scheduled);
    // 1.5 s at 200/s stood still; those due in the first second of it were past their deadline afterwards.
    expect(sum(measured.all.unsentByGenerator)).toBeGreaterThan(120);
    expect(sum(measured.all.unsentByGenerator)).toBeLessThan(300);
    // A few more may find no connection free in the rush that follows.
    expect(counts.unsent - sum(measured.all.unsentByGenerator)).toBeLessThan(40);
    expect(Math.max(...measured.all.lagP99Ms.map((lag) => lag ?? 0))).toBeGreaterThan(200);
    expect(server.requests).toBeGreaterThanOrEqual(counts.ok);
    expect(server.requests).toBeLessThanOrEqual(scheduled - counts.unsent);
  },
);

test(
  "what waits for a connection because the generator stood still before is the generator's lag",
  TIMING,
  async () => {
    // Two connections of 6 ms make 333/s at most: what 200/s piled up in 0.7 s is gone about a second later.
    const server = await startHostileServer({
      onRequest: (socket) => setTimeout(() => socket.write(ok()), 6),
    });
    const helper = startHelper("frozen-load.mjs", server.url, "200", "5000", "3000", "2");
    helpers.push(helper);
    expect(await helper.nextLine()).toBe("started");
    await sleep(800);
    process.kill(helper.child.pid!, "SIGSTOP");
    await sleep(700);
    process.kill(helper.child.pid!, "SIGCONT");
    const measured = measuredIn(await helper.nextLine());
    await server.down();
    const { ok: good, scheduled } = totals(measured.all);
    expect(good).toBe(scheduled);
    // A quarter of the requests was due while it stood still, as many or more waited behind those.
    expect(reportedMs(measured, 75)).toBeGreaterThan(200);
    expect(reportedMs(measured, 75, "lag")).toBeGreaterThan(200);
    // Less than half of that is the system's, however busy the machine.
    expect(reportedMs(measured, 75, "dispatchLatency")).toBeLessThan(reportedMs(measured, 75) / 2);
  },
);

test("what lay unread while the generator stood still is the generator's lag", TIMING, async () => {
  const server = await startHostileServer({
    onRequest: (socket) => setTimeout(() => socket.write(ok()), 300),
  });
  const helper = startHelper("frozen-load.mjs", server.url, "100", "5000", "2500");
  helpers.push(helper);
  expect(await helper.nextLine()).toBe("started");
  await sleep(1000);
  process.kill(helper.child.pid!, "SIGSTOP");
  await sleep(600);
  process.kill(helper.child.pid!, "SIGCONT");
  const measured = measuredIn(await helper.nextLine());
  await server.down();
  // 30 of 250 were under way and answered in the 600 ms, 60 were due in them.
  expect(reportedMs(measured, 80)).toBeGreaterThan(400);
  expect(reportedMs(measured, 80, "dispatchLatency")).toBeLessThan(reportedMs(measured, 80));
});

test("running out of file descriptors is the generator's own fault", TIMING, async () => {
  // Never answers, so that each request needs a connection of its own.
  const server = await startHostileServer({ onRequest: () => {} });
  const helper = startHelperWithFileLimit(80, "frozen-load.mjs", server.url, "100", "2000", "1500");
  helpers.push(helper);
  expect(await helper.nextLine()).toBe("started");
  const measured = measuredIn(await helper.nextLine());
  await server.down();
  const counts = totals(measured.all);
  expect(counts.timeout + counts.unsent).toBe(counts.scheduled);
  expect(measured.reasons["unsent: EMFILE"]).toBeGreaterThan(20);
  expect(sum(measured.all.unsentByGenerator)).toBe(measured.reasons["unsent: EMFILE"]);
});
