import { expect, test } from "vitest";
import type { SignalReads, SignalSpec } from "../../../src/plan/signals/signal-spec.js";
import { PrometheusSource } from "../../../src/signals/prometheus/prometheus-source.js";
import type { ReadSignal } from "../../../src/signals/signal-source.js";
import { monotonicMs } from "../../../src/support/clock.js";
import { type Evaluate, prometheusDouble } from "../../helpers/prometheus-double.js";
import { SURROUNDINGS } from "../../helpers/signal-surroundings.js";

const VALUE: SignalReads = { of: "values", value: "max(queue)" };
const COUNTS: SignalReads = {
  of: "counts",
  bad: "sum(rate(bad_total[2s]))",
  total: "sum(rate(all_total[2s]))",
};
const never = new AbortController().signal;

function open(url: string, reads: SignalReads, more: Partial<SignalSpec> = {}): PrometheusSource {
  const source = { kind: "prometheus" as const, url, headers: { authorization: "Bearer t" }, tls: null };
  return new PrometheusSource(
    { name: "s", source, reads, everyMs: 1_000, timeoutMs: 2_000, ...more },
    source,
    SURROUNDINGS.quote,
  );
}

/** What a healthy server says of a phase that is over, `Evaluate` aside. */
const usual: Evaluate = (query, atS) => {
  if (query.startsWith("count(")) return [{ value: 3 }];
  if (query.startsWith("max(timestamp(")) return [{ value: atS - 0.4 }];
  if (query.startsWith("max(resets(")) return [{ value: 0 }];
  return [{ value: query.includes("bad") ? 1 : 10 }];
};

/** A phase of twenty seconds that ended ten seconds ago, so that nothing is waited for. */
async function readPhase(
  url: string,
  reads: SignalReads,
  more: Partial<SignalSpec> = {},
): Promise<ReadSignal> {
  const untilMs = monotonicMs() - 10_000;
  return await open(url, reads, more).between(untilMs - 20_000, untilMs, never);
}

/** Seconds of the phase that `readPhase` reads. */
const secondOf = (atS: number) => atS - (Date.now() / 1000 - 30);

test("a phase is read in steps of the scrape interval, without samples that tell of the time before it", async () => {
  const server = await prometheusDouble(usual);
  const values = await readPhase(server.url, VALUE, { everyMs: null });
  expect(values).toMatchObject({ everyMs: 1_000, restarts: 0, troubles: [] });
  expect(values.samples.length).toBe(20);
  const counts = await readPhase(server.url, COUNTS);
  // A rate over 2 s belongs to the phase from its second second on.
  expect(counts.samples.length).toBe(19);
  expect(counts.samples[0]).toMatchObject({ bad: 1, total: 10 });
  expect(counts.troubles).toEqual([]);
  expect(server.headers()).toMatchObject({ authorization: "Bearer t" });
});

test("the newest is what its queries give now; what is not one number is not known", async () => {
  const server = await prometheusDouble(usual);
  expect(await open(server.url, VALUE).now(never)).toMatchObject({ value: 10 });
  expect(await open(server.url, COUNTS).now(never)).toMatchObject({ bad: 1, total: 10 });
  for (const values of [[], [{ value: 1 }, { value: 2, labels: { a: "b" } }], [{ value: Number.NaN }]]) {
    const other = await prometheusDouble(() => values);
    expect(await open(other.url, VALUE).now(never)).toBe(null);
  }
});

test("the scrape interval is that of the series' own targets, the longest of several", async () => {
  const targets = [
    { job: "shop", instance: "a", every: "5s" },
    { job: "shop", instance: "b", every: "1s" },
    { job: "other", instance: "a", every: "1m" },
  ];
  const server = await prometheusDouble(
    () => [
      { labels: { job: "shop", instance: "a" }, value: 1 },
      { labels: { job: "shop", instance: "b" }, value: 1 },
    ],
    { targets },
  );
  const source = open(server.url, VALUE, { everyMs: null });
  expect(await source.everyMs(never)).toBe(5_000);
});

test("what no target tells is asked of the user", async () => {
  const server = await prometheusDouble(() => [], { targets: [] });
  const read = await readPhase(server.url, VALUE, { everyMs: null });
  expect(read.troubles).toEqual([{ id: "no_interval", facts: {} }]);
});

test.each([
  ["no series", [], "no_series", { key: "value", query: "max(queue)" }],
  [
    "two series",
    [
      { labels: { i: "1" }, value: 1 },
      { labels: { i: "2" }, value: 1 },
    ],
    "several_series",
    { series: 2 },
  ],
  ["NaN", [{ value: Number.NaN }], "not_a_number", { value: "NaN" }],
  ["an infinite value", [{ value: Number.POSITIVE_INFINITY }], "not_a_number", { value: "Infinity" }],
] as const)("%s where one is expected", async (_, values, id, facts) => {
  const server = await prometheusDouble((query, atS) =>
    query === "max(queue)" ? values : usual(query, atS),
  );
  const read = await readPhase(server.url, VALUE);
  expect(read.troubles[0]).toMatchObject({ id, facts });
  expect(read.samples).toEqual([]);
});

test("a scrape gap, whether the server shows nothing or the last value over and over", async () => {
  const isAway = (atS: number) => secondOf(atS) > 6 && secondOf(atS) < 16;
  const absent = await prometheusDouble((query, atS) =>
    query === "max(queue)" && isAway(atS) ? [] : usual(query, atS),
  );
  const stale = await prometheusDouble((query, atS) =>
    query.startsWith("max(timestamp(") && isAway(atS)
      ? [{ value: atS - (secondOf(atS) - 6) }]
      : usual(query, atS),
  );
  for (const { url } of [absent, stale]) {
    const { troubles } = await readPhase(url, VALUE);
    expect(troubles).toMatchObject([{ id: "gap" }]);
    expect(Number(troubles[0]?.facts.lengthS)).toBeGreaterThan(7);
    expect(Number(troubles[0]?.facts.lengthS)).toBeLessThan(12);
    expect(Number(troubles[0]?.facts.fromS)).toBeGreaterThan(4);
    expect(Number(troubles[0]?.facts.fromS)).toBeLessThan(8);
  }
});

/** A double of twenty seconds in which the series is away from second 6 to 16, and these scrapes noted. */
const awayWith = (up: (atS: number) => readonly { readonly value: number }[]) =>
  prometheusDouble((query, atS) => {
    const isAway = secondOf(atS) > 6 && secondOf(atS) < 16;
    if (query.startsWith("up{")) return isAway ? up(atS) : [{ value: 1 }];
    if (query.startsWith("count by")) return [{ labels: { job: "shop", instance: "a" }, value: 1 }];
    return query === "max(queue)" && isAway ? [] : usual(query, atS);
  });

test.each([
  ["the server's own", () => [], "not_scraped"],
  ["the target's", () => [{ value: 0 }], "target_silent"],
  ["nobody's", () => [{ value: 1 }], "not_exposed"],
])("whose time is missing in a gap: %s", async (_, up, why) => {
  const { url } = await awayWith(up);
  const { troubles } = await readPhase(url, VALUE);
  expect(troubles).toMatchObject([{ id: "gap", facts: { why } }]);
});

test("a target whose first scrape came in mid-phase: the server had not looked before", async () => {
  const isLate = (atS: number) => secondOf(atS) < 4;
  const server = await prometheusDouble((query, atS) => {
    if (query.startsWith("up{")) return isLate(atS) ? [] : [{ value: 1 }];
    if (query.startsWith("count by")) return [{ labels: { job: "shop", instance: "a" }, value: 1 }];
    return query === "max(queue)" && isLate(atS) ? [] : usual(query, atS);
  });
  const { troubles } = await readPhase(server.url, VALUE);
  expect(troubles).toMatchObject([{ id: "gap", facts: { why: "not_scraped" } }]);
});

test("a gap of series that no target of the server gave says nothing of whose time it was", async () => {
  const isAway = (atS: number) => secondOf(atS) > 6 && secondOf(atS) < 16;
  const server = await prometheusDouble((query, atS) => {
    if (query.startsWith("up{")) return [];
    if (query.startsWith("count by")) return [{ labels: { source: "pushed" }, value: 1 }];
    return query === "max(queue)" && isAway(atS) ? [] : usual(query, atS);
  });
  const { troubles } = await readPhase(server.url, VALUE);
  expect(troubles).toMatchObject([{ id: "gap" }]);
  expect(troubles[0]?.facts).not.toHaveProperty("why");
});

test("one scrape that is missing is no gap", async () => {
  const server = await prometheusDouble((query, atS) =>
    query === "max(queue)" && Math.floor(secondOf(atS)) === 8 ? [] : usual(query, atS),
  );
  const read = await readPhase(server.url, VALUE);
  expect(read.troubles).toEqual([]);
  expect(read.samples.length).toBeLessThan(20);
});

test("an instance that disappears", async () => {
  const server = await prometheusDouble((query, atS) =>
    query.startsWith("count(") ? [{ value: secondOf(atS) > 10 ? 2 : 3 }] : usual(query, atS),
  );
  const { troubles } = await readPhase(server.url, COUNTS);
  expect(troubles).toMatchObject([
    { id: "series_gone", facts: { selector: "bad_total", before: 3, after: 2 } },
  ]);
});

test.each([3, -3])("a clock that is %d s off", async (aheadS) => {
  const server = await prometheusDouble(usual, { aheadS });
  const { troubles } = await readPhase(server.url, VALUE);
  expect(troubles).toMatchObject([{ id: "clock" }]);
  expect(Math.round(Number(troubles[0]?.facts.aheadS))).toBe(aheadS);
});

test("a counter that began anew is counted", async () => {
  const server = await prometheusDouble((query, atS) =>
    query.startsWith("max(resets(all_total") ? [{ value: 2 }] : usual(query, atS),
  );
  expect(await readPhase(server.url, COUNTS)).toMatchObject({ restarts: 2, troubles: [] });
});

test("a server that refuses says so in its own words, and one that is not there gives no answer", async () => {
  const refusing = await prometheusDouble((query) => (query === "max(queue)" ? null : []));
  const refused = await readPhase(refusing.url, VALUE);
  expect(refused.troubles).toEqual([{ id: "refused_query", facts: { reason: "bad_data: parse error" } }]);
  const away = await readPhase("http://127.0.0.1:1", VALUE);
  expect(away.troubles).toEqual([{ id: "no_answer", facts: { reason: "nothing listens there" } }]);
});

test("the last sample of a phase is waited for", async () => {
  const untilMs = monotonicMs() + 300;
  const shownFromS = Date.now() / 1000 + 1.5;
  const server = await prometheusDouble((query, atS) => {
    const isLate = atS > Date.now() / 1000 - 3 && Date.now() / 1000 < shownFromS;
    return query === "max(queue)" && isLate ? [] : usual(query, atS);
  });
  const source = open(server.url, VALUE);
  const read = await source.between(untilMs - 10_000, untilMs, never);
  expect(read.troubles).toEqual([]);
  expect(server.asked.filter((query) => query === "max(queue)").length).toBeGreaterThan(1);
});
