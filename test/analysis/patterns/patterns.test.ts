import { describe, expect, test } from "vitest";
import { circuitBreakerPattern } from "../../../src/analysis/patterns/circuit-breaker.js";
import type { BothSides, Encounter } from "../../../src/analysis/patterns/pattern.js";
import { patternsOf } from "../../../src/analysis/patterns/patterns.js";
import { type Habits, type Simulation, simulated } from "../../helpers/simulated-service.js";

const found = (simulation: Simulation) =>
  Object.fromEntries(patternsOf(simulated(simulation)).map((pattern) => [pattern.id, pattern]));

const switches = [false, true];
const COMBINATIONS = switches.flatMap((hasTimeout) =>
  switches.flatMap((tries) =>
    switches.flatMap((hasBreaker) =>
      switches.map((hasFallback) => ({ hasTimeout, tries, hasBreaker, hasFallback })),
    ),
  ),
);

function habitsOf({ hasTimeout, tries, hasBreaker, hasFallback }: (typeof COMBINATIONS)[number]): Habits {
  return {
    timeoutMs: hasTimeout ? 300 : null,
    retryAfterMs: tries ? [20, 20] : [],
    breaker: hasBreaker ? { failures: 10, resetMs: 2_000 } : null,
    hasFallback,
  };
}

describe.each(COMBINATIONS)(
  "timeout $hasTimeout, retries $tries, breaker $hasBreaker, fallback $hasFallback",
  (on) => {
    test.each([1, 2, 3, 4, 5])("errors, drawn with %i", (seed) => {
      const noiseMs = seed * 2;
      const seen = found({ habits: habitsOf(on), trouble: { status: 503 }, seed, noiseMs });
      expect(seen.retries?.seen, seen.retries?.text).toBe(on.tries ? "yes" : "no");
      expect(seen.circuit_breaker?.seen, seen.circuit_breaker?.text).toBe(on.hasBreaker ? "yes" : "no");
      expect(seen.fallback?.seen, seen.fallback?.text).toBe(on.hasFallback ? "yes" : "no");
    });

    test.each([1, 2, 3, 4, 5])("slow answers, drawn with %i", (seed) => {
      const noiseMs = seed * 2;
      const seen = found({ habits: habitsOf(on), trouble: { delayMs: 2_000 }, seed, noiseMs });
      expect(seen.timeout?.seen, seen.timeout?.text).toBe(on.hasTimeout ? "yes" : "no");
      // Slowness is a failure only to those who give up.
      for (const [id, isOn] of [
        ["retries", on.tries],
        ["circuit_breaker", on.hasBreaker],
        ["fallback", on.hasFallback],
      ] as const) {
        if (!isOn || !on.hasTimeout) expect(seen[id]?.seen, seen[id]?.text).not.toBe("yes");
        else expect(seen[id]?.seen, seen[id]?.text).toBe("yes");
      }
    });
  },
);

test("the time of a timeout, the number of retries, their waits and what they lack are told", () => {
  const seen = found({
    habits: { timeoutMs: 250, retryAfterMs: [100, 200, 400], breaker: null, hasFallback: false },
    trouble: { delayMs: 2_000 },
    noiseMs: 2,
  });
  expect(seen.timeout?.facts).toMatchObject({ timeoutMs: expect.closeTo(252, -1) });
  expect(seen.retries?.facts).toMatchObject({ retries: 3, backsOff: true, hasJitter: false });
  expect(seen.retries?.text).toContain("tried again up to 3 times");
  expect(seen.retries?.text).toContain("(it backs off)");
  expect(seen.retries?.text).toContain("POST /reserve has no Idempotency-Key");
});

test("few retries among many failures are told with their numbers, and a share between says that it is one", () => {
  const trouble = { status: 503 };
  const few = found({ habits: { retryAfterMs: [20], retryShare: 0.02 }, trouble }).retries;
  expect(few).toMatchObject({ seen: "no", facts: { failed: 600, requests: expect.any(Number) } });
  expect(few?.text).toBe(
    `600 requests failed, and hardly any was tried again (${few?.facts.requests} of 600).`,
  );
  expect(few?.facts.requests).toBeGreaterThan(0);
  expect(found({ habits: {}, trouble }).retries?.text).toBe("600 requests failed, and none was tried again.");
  const some = found({ habits: { retryAfterMs: [20], retryShare: 0.15 }, trouble }).retries;
  expect(some?.seen).toBe("unknown");
  expect(some?.text).toMatch(/too many for a service that does not try again, and too small a share/);
  const rare = found({ habits: { retryAfterMs: [20] }, trouble: { ...trouble, share: 0.003 } }).retries;
  expect(rare?.seen).toBe("unknown");
  expect(rare?.text).toMatch(/^\d requests? to it failed, and \d (was|were) tried again: too few to tell\.$/);
});

test("a route without an Idempotency-Key is named where it is the only one", () => {
  const unsafe = (routes: readonly string[]) =>
    found({ habits: { retryAfterMs: [20] }, trouble: { status: 503 }, routes }).retries?.text;
  expect(unsafe(["POST /reserve", "GET /stock"])).toContain("POST /reserve has no Idempotency-Key");
  const two = unsafe(["POST /reserve", "POST /charges"]);
  expect(two).toContain("Requests of 2 routes have no Idempotency-Key");
  expect(two).not.toContain("POST");
});

test("requests that were given up, but too few of them, are counted in good grammar", () => {
  const given = (share: number) =>
    found({ habits: { timeoutMs: 300 }, trouble: { delayMs: 2_000, share } }).timeout;
  expect([0.0015, 0.003].map((share) => given(share)?.text)).toEqual([
    "Only 1 request to it was given up: too few to say after what time.",
    "Only 4 requests to it were given up: too few to say after what time.",
  ]);
});

test.each([
  ["that their ends followed at once", (at: number) => (at % 6 === 0 ? 205 : 9), "after times that differ"],
  ["that nothing was left of their times", () => 4, "given up as soon as they were seen"],
])("no timeout is told from requests that were seen so late %s", (_, tenthMs, said) => {
  const encounter = simulated({ habits: { timeoutMs: 300 }, trouble: { delayMs: 2_000 } });
  const late = (sides: BothSides): BothSides => ({
    ...sides,
    upstream: sides.upstream.map((traffic) => {
      const tookTenthMs = traffic.exchanges.tookTenthMs.map((_, at) => tenthMs(at));
      return { ...traffic, exchanges: { ...traffic.exchanges, tookTenthMs } };
    }),
  });
  const seen = patternsOf({ ...encounter, fault: late(encounter.fault) }).find(({ id }) => id === "timeout");
  expect(seen).toMatchObject({ seen: "unknown", text: expect.stringContaining(said) });
});

test("waits that are drawn by chance are jitter, and an idempotency key needs no warning", () => {
  const seen = found({
    habits: { retryAfterMs: [100, 100], jitter: 1, hasIdempotencyKey: true },
    trouble: { status: 500 },
  });
  expect(seen.retries?.facts).toMatchObject({ hasJitter: true, unsafe: 0 });
  expect(seen.retries?.text).not.toContain("Idempotency");
});

test("retries that come before Retry-After has passed are told, and later ones are not", () => {
  const sooner = { habits: { retryAfterMs: [50] }, trouble: { status: 429 }, retryAfterS: 1 };
  expect(found(sooner).retries?.text).toContain("does not wait as long as Retry-After says (1 s)");
  const later = { ...sooner, habits: { retryAfterMs: [1_100] } };
  expect(found(later).retries?.text).not.toContain("Retry-After");
});

test("requests that look alike: more of them are retries, and whether there are none is not known", () => {
  const alike = { trouble: { status: 503 }, areAlike: true };
  expect(found({ ...alike, habits: { retryAfterMs: [20, 20] } }).retries).toMatchObject({ seen: "yes" });
  expect(found({ ...alike, habits: {} }).retries).toMatchObject({ seen: "unknown" });
});

test("a breaker tells when it opened, how often it tried again and when it closed", () => {
  const breaker = found({
    habits: { breaker: { failures: 10, resetMs: 2_000 } },
    trouble: { status: 503 },
  }).circuit_breaker;
  const { facts = {}, text = "" } = breaker ?? {};
  expect(facts).toMatchObject({ openedAfterS: expect.closeTo(0.3, 0), probeEveryS: expect.closeTo(2, 0) });
  expect(facts).toHaveProperty("closedAfterS", expect.closeTo(1, 0));
  expect(text).toMatch(/^It stopped asking .* a circuit breaker opened\. It tried again every 2.* s\./);
});

test.each([300, 600, 1_000])(
  "a service that stands still for %i ms again and again has opened no breaker",
  (stallMs) => {
    for (const retryAfterMs of [[], [20, 20]]) {
      const seen = found({ habits: { retryAfterMs }, trouble: { status: 503 }, stallMs });
      expect(seen.circuit_breaker?.seen, seen.circuit_breaker?.text).not.toBe("yes");
    }
  },
);

test("a pause in which the load waits is a standstill, and one in which it is answered at once a breaker", () => {
  const encounter = simulated({
    habits: { breaker: { failures: 10, resetMs: 2_000 } },
    trouble: { status: 503 },
  });
  const waiting = (ms: number): Encounter => {
    const { client } = encounter.fault;
    const p50 = client.all.scheduled.map(() => ms);
    const { timeToFailure } = client.all;
    if (!timeToFailure) throw new Error("requests failed");
    const all = { ...client.all, timeToFailure: { ...timeToFailure, ms: { ...timeToFailure.ms, p50 } } };
    return { ...encounter, fault: { ...encounter.fault, client: { ...client, all } } };
  };
  expect(circuitBreakerPattern(waiting(5)).seen).toBe("yes");
  expect(circuitBreakerPattern(waiting(900)).seen).toBe("unknown");
});

test("a service that waits for its dependency has opened no breaker", () => {
  const seen = found({ habits: { timeoutMs: null }, trouble: { delayMs: 9_000 } });
  expect(seen.circuit_breaker?.seen).not.toBe("yes");
  expect(seen.retries?.seen).not.toBe("yes");
  expect(seen.fallback?.seen).not.toBe("yes");
});

test("a fault that hardly failed anything shows nothing", () => {
  const seen = found({ habits: { retryAfterMs: [20] }, trouble: {} });
  for (const id of ["timeout", "retries", "circuit_breaker", "fallback"]) {
    expect(seen[id]?.seen, seen[id]?.text).toBe("unknown");
  }
});

describe("requests of two names, of which one never asks the dependency and the other asks it twice", () => {
  /** Beside each request of the simulation stands one of another name, of which `bad` in a second fail. */
  const besideOthers = (encounter: Encounter, bad: number): Encounter => {
    const beside = ({ client, upstream }: BothSides): BothSides => {
      const { all } = client;
      const double = (counts: readonly number[]) => counts.map((count) => 2 * count);
      const good = all.scheduled.map((due) => due - bad);
      const none = all.scheduled.map(() => 0);
      const failed = none.map(() => bad);
      const others = {
        ...all,
        outcomes: { ok: good, http_error: failed, timeout: none, refused: none, reset: none, unsent: none },
      };
      const sum = (a: readonly number[], b: readonly number[]) => a.map((count, at) => count + (b[at] ?? 0));
      return {
        client: {
          ...client,
          requests: [
            { ...all, request: "order" },
            { ...others, request: "login" },
          ],
          all: {
            ...all,
            scheduled: double(all.scheduled),
            outcomes: {
              ...all.outcomes,
              ok: sum(all.outcomes.ok, good),
              http_error: sum(all.outcomes.http_error, failed),
            },
          },
        },
        upstream: [...upstream, ...upstream],
      };
    };
    return { ...encounter, baseline: beside(encounter.baseline), fault: beside(encounter.fault) };
  };
  const fallbackOf = (encounter: Encounter) => patternsOf(encounter).find(({ id }) => id === "fallback");
  const failing = simulated({ habits: {}, trouble: { status: 503 } });

  test("are no fallback where all of one name fail and none of the other", () => {
    expect(fallbackOf(besideOthers(failing, 0))).toMatchObject({
      seen: "unknown",
      text: expect.stringContaining("All requests of some names failed, and hardly any of the others"),
    });
  });

  test("are one where both are answered well without the dependency", () => {
    const falling = simulated({ habits: { hasFallback: true }, trouble: { status: 503 } });
    expect(fallbackOf(besideOthers(falling, 0))?.seen).toBe("yes");
  });

  test("are one where some of a name are answered well", () => {
    expect(fallbackOf(besideOthers(failing, 10))?.seen).toBe("yes");
  });
});

describe("answers that say that they are a fallback", () => {
  /** Each `every`th good answer of the fault says it. */
  const saying = (simulation: Simulation, every: number) => {
    const encounter = simulated(simulation);
    const degraded = (counts: readonly number[]) => counts.map((ok) => Math.floor(ok / every));
    const told = (side: BothSides, counts: (ok: readonly number[]) => readonly number[]): BothSides => ({
      ...side,
      client: { ...side.client, all: { ...side.client.all, degraded: counts(side.client.all.outcomes.ok) } },
    });
    return {
      ...encounter,
      baseline: told(encounter.baseline, (ok) => ok.map(() => 0)),
      fault: told(encounter.fault, degraded),
    };
  };
  const fallbackOf = (encounter: Encounter) => patternsOf(encounter).find(({ id }) => id === "fallback");

  test("leave no doubt, however few they are", () => {
    const few = { habits: { hasFallback: true }, trouble: { status: 503, share: 0.1 } };
    expect(found(few).fallback?.seen).toBe("unknown");
    expect(fallbackOf(saying(few, 10))).toMatchObject({
      seen: "yes",
      facts: { degraded: expect.any(Number), degradedShareBefore: 0, unserved: expect.any(Number) },
      text: expect.stringMatching(/^The service falls back: .* got a degraded answer, none in the baseline/),
    });
  });

  test("are no work of a dependency that served all it was asked", () => {
    expect(fallbackOf(saying({ habits: {}, trouble: { delayMs: 1 } }, 2))?.seen).toBe("unknown");
  });

  test("are not needed where good answers came without the dependency", () => {
    const all = { habits: { hasFallback: true }, trouble: { status: 503 } };
    expect(fallbackOf(saying(all, 1e9))?.seen).toBe("yes");
    expect(fallbackOf(saying({ habits: {}, trouble: { status: 503 } }, 1e9))?.seen).toBe("no");
  });
});

test("what crossed between the baseline and the fault is no part of what the baseline asked", () => {
  const encounter = simulated({
    habits: habitsOf({ hasTimeout: true, tries: true, hasBreaker: false, hasFallback: false }),
    trouble: { status: 503 },
  });
  const { client, upstream } = encounter.baseline;
  const [first] = upstream;
  if (!first) throw new Error("nothing crossed");
  // A stretch of three seconds behind the phase, as busy as the phase.
  const seconds = Object.fromEntries(
    Object.entries(first.seconds).map(([key, counts]) => [key, counts.slice(0, 3)]),
  );
  const between = {
    ...first,
    startS: client.startS + client.durationS,
    seconds: { ...first.seconds, ...seconds },
  };
  const perRequest = (baseline: BothSides) =>
    patternsOf({ ...encounter, baseline }).find(({ id }) => id === "retries")?.facts.perRequestBefore;
  expect(perRequest({ client, upstream })).toBe(1);
  expect(perRequest({ client, upstream: [...upstream, between] })).toBe(1);
});
