import { expect, test } from "vitest";
import type { BothSides, Encounter } from "../../../src/analysis/patterns/pattern.js";
import { poolLeakPattern } from "../../../src/analysis/patterns/pool-leak.js";
import { poolQueuePattern } from "../../../src/analysis/patterns/pool-queue.js";
import { TimeHistogram } from "../../../src/measure/histogram.js";
import { RecordedTimes } from "../../../src/measure/recorded-times.js";
import { type Simulation, simulated } from "../../helpers/simulated-service.js";

const LATE = { delayMs: 500 };

/** How long the load's requests took from when they were sent, as the simulation has it. */
function queue(simulation: Partial<Simulation>) {
  return poolQueuePattern(simulated({ habits: {}, trouble: LATE, ...simulation }));
}

test("a service with a pool that is too small for slow answers waits for a connection", () => {
  // 8 connections, each taken for half a second, carry 16 of 40 requests a second.
  const { seen, facts, text } = queue({ habits: { pool: 8 } });
  expect(seen).toBe("yes");
  expect(facts).toMatchObject({ atOnce: 8, answerP50Ms: 500 });
  expect(Number(facts.requestsOfBefore)).toBeGreaterThan(0.3);
  expect(Number(facts.requestsOfBefore)).toBeLessThan(0.5);
  expect(Number(facts.fullShare)).toBeGreaterThan(0.9);
  expect(text).toMatch(
    /^Its requests wait for a connection: 8 were under way nearly all the time, and never more;/,
  );
  // Timers of a busy machine are late, and it hands a connection on a little later.
  for (const seed of [1, 2, 3]) expect(queue({ habits: { pool: 8 }, noiseMs: 10, seed }).seen).toBe("yes");
  expect(queue({ habits: { pool: 1 } }).facts).toMatchObject({ atOnce: 1 });
});

test("nobody is said to wait for a connection who opens as many as there are requests", () => {
  for (const trouble of [LATE, { delayMs: 2000 }, { status: 503 }, { delayMs: 500, share: 0.3 }]) {
    for (const noiseMs of [0, 10, 40]) {
      expect(queue({ trouble, noiseMs }).seen).not.toBe("yes");
      expect(queue({ trouble, noiseMs, habits: { timeoutMs: 300, retryAfterMs: [20, 20] } }).seen).not.toBe(
        "yes",
      );
      expect(
        queue({ trouble, noiseMs, habits: { timeoutMs: 300, breaker: { failures: 10, resetMs: 2000 } } })
          .seen,
      ).not.toBe("yes");
    }
  }
  expect(queue({}).seen).toBe("no");
});

test("a pool that is large enough makes nobody wait", () => {
  expect(queue({ habits: { pool: 40 } }).seen).toBe("no");
});

test("a service that stands still is not one that waits for a connection", () => {
  expect(queue({ stallMs: 1200 }).seen).not.toBe("yes");
  expect(queue({ stallMs: 1200, noiseMs: 40 }).seen).not.toBe("yes");
});

/** The recovery of a service whose connections stay open, with so many of its usual requests. */
function leaking(share: number, silent: number, waitMs: number): Encounter {
  const { recovery, fault, ...rest } = simulated({ habits: {}, trouble: { status: 503 } });
  if (!recovery) throw new Error("a recovery was simulated");
  const side = ({ client, upstream }: BothSides, requestsShare: number): BothSides => ({
    client: { ...client, all: { ...client.all, histograms: waited(client.all.histograms, waitMs) } },
    upstream: upstream.map((stretch) => ({
      ...stretch,
      seconds: {
        ...stretch.seconds,
        requests: stretch.seconds.requests.map((count) => Math.round(count * requestsShare)),
        open: stretch.seconds.open.map(() => silent + (requestsShare > 0 ? 1 : 0)),
      },
      exchanges:
        requestsShare > 0
          ? stretch.exchanges
          : { ...stretch.exchanges, endTenthMs: [], connection: [], status: [] },
    })),
  });
  const connections = ({ client, upstream }: BothSides): BothSides => ({
    client,
    upstream: upstream.map((stretch) => ({
      ...stretch,
      exchanges: { ...stretch.exchanges, connection: stretch.exchanges.connection.map((_, at) => at % 8) },
    })),
  });
  return { ...rest, fault: connections(fault), recovery: side(recovery, share) };
}

function waited<Times extends object>(
  histograms: Times,
  ms: number,
): Times & { dispatchLatency: RecordedTimes } {
  const times = new TimeHistogram();
  for (let request = 0; request < 400; request += 1) times.record(ms * 1000);
  return { ...histograms, dispatchLatency: new RecordedTimes(times.toSparse()) };
}

test("connections that stay open and carry nothing after the fault, while requests wait, never came back", () => {
  expect(poolLeakPattern(leaking(0, 8, 5000))).toMatchObject({
    seen: "yes",
    facts: { silentConnections: 8, open: 8, requestsOfExpected: 0 },
    text: expect.stringMatching(
      /^8 connections never came back after the fault: .* 0% .* or longer\. The service may also hang\.$/,
    ),
  });
  expect(poolLeakPattern(leaking(0.25, 6, 5000))).toMatchObject({
    seen: "yes",
    text: expect.stringMatching(/^6 connections never came back after the fault: .* 25% .* or longer\.$/),
  });
});

test("without connections that are silent, without a wait, or with most requests, none is said to be lost", () => {
  // A circuit breaker that stays open answers at once.
  expect(poolLeakPattern(leaking(0, 8, 5)).seen).toBe("unknown");
  expect(poolLeakPattern(leaking(0, 0, 5000)).seen).toBe("unknown");
  expect(poolLeakPattern(leaking(0.7, 8, 5000)).seen).toBe("unknown");
  // More than the service ever used.
  expect(poolLeakPattern(leaking(0, 30, 5000)).seen).toBe("unknown");
  // They may be spare.
  expect(poolLeakPattern(leaking(1, 8, 5)).seen).toBe("unknown");
  expect(poolLeakPattern(leaking(1, 0, 5)).seen).toBe("no");
  expect(poolLeakPattern({ ...leaking(0, 8, 5000), recovery: null }).seen).toBe("unknown");
});
