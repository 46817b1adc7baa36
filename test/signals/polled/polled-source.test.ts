import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { SignalReads, SignalSpec } from "../../../src/plan/signals/signal-spec.js";
import { increase } from "../../../src/signals/polled/look.js";
import type { ReadSignal, SignalSample } from "../../../src/signals/signal-source.js";
import { openSource } from "../../../src/signals/sources.js";
import { monotonicMs, sleep } from "../../../src/support/clock.js";
import { SURROUNDINGS } from "../../helpers/signal-surroundings.js";

const EVERY_MS = 200;

/** `answer`: what the n-th look gets, from 0. null: the connection breaks. A number: that status. */
async function read(
  kind: "metrics" | "http",
  reads: SignalReads,
  answer: (look: number) => string | number | null,
  looks = 12,
): Promise<ReadSignal & { readonly now: SignalSample | null }> {
  let looked = 0;
  const server = createServer((_, response) => {
    const text = answer(looked);
    looked += 1;
    if (text === null) response.destroy();
    else if (typeof text === "number") response.writeHead(text).end();
    else response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const source = { kind, url: `http://127.0.0.1:${port}/`, headers: {}, tls: null };
  const spec: SignalSpec = { name: "s", source, reads, everyMs: EVERY_MS, timeoutMs: 1_000 };
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const opened = await openSource(spec, SURROUNDINGS);
  const fromMs = monotonicMs();
  void opened.start(stop.signal);
  const patienceMs = monotonicMs() + 30_000;
  while (looked < looks && monotonicMs() < patienceMs) await sleep(20);
  // The last answer has to be read, too.
  await sleep(100);
  const found = await opened.between(fromMs - 1, monotonicMs(), stop.signal);
  return { ...found, now: await opened.now(stop.signal) };
}

/** A busy machine may stand still for longer than a gap. */
const besideStandstills = ({ troubles }: ReadSignal) => troubles.filter(({ id }) => id !== "gap");

const page = (ok: number, failed: number) =>
  `# TYPE orders_total counter\norders_total{code="200"} ${ok}\norders_total{code="500"} ${failed}\nqueue 7\n`;
const orders: SignalReads = { of: "counts", bad: 'orders_total{code="500"}', total: "orders_total" };

const total = ({ samples }: ReadSignal, key: "bad" | "total") =>
  samples.reduce(
    (sum, sample) => sum + (key in sample ? Number(Object.entries(sample).find(([k]) => k === key)?.[1]) : 0),
    0,
  );

test("counters of a page of metrics are told apart by their labels, and what they gained counts", async () => {
  const found = await read("metrics", orders, (look) => page(100 + 9 * look, 50 + look));
  const spans = found.samples.length;
  expect(spans).toBeGreaterThanOrEqual(10);
  expect(total(found, "bad")).toBe(spans);
  expect(total(found, "total")).toBe(10 * spans);
  expect(found).toMatchObject({ restarts: 0, everyMs: EVERY_MS });
});

test("a counter that begins anew in mid-phase counts from 0, and is said", async () => {
  const found = await read("metrics", orders, (look) =>
    look < 6 ? page(1_000 + look, 10) : page(look - 6, 0),
  );
  expect(found.restarts).toBe(1);
  expect(besideStandstills(found)).toEqual([]);
  expect(total(found, "total")).toBeLessThan(20);
});

test("increase: a series that is new began at 0, one that went away is a restart", () => {
  const before = new Map([
    ["a", 5],
    ["b", 7],
  ]);
  expect(
    increase(
      before,
      new Map([
        ["a", 6],
        ["b", 7],
        ["c", 2],
      ]),
    ),
  ).toEqual({ count: 3, isAnew: false });
  expect(increase(before, new Map([["a", 9]]))).toEqual({ count: 4, isAnew: true });
  expect(
    increase(
      before,
      new Map([
        ["a", 2],
        ["b", 7],
      ]),
    ),
  ).toEqual({ count: 2, isAnew: true });
});

test.each([
  ["a metric that is not there", "none_total", "no_series"],
  ["two series", "orders_total", "several_series"],
])("a value of %s", async (_, value, id) => {
  const found = await read("metrics", { of: "values", value }, () => page(1, 1), 3);
  expect(found.troubles).toMatchObject([{ id, facts: { key: "value", query: value } }]);
});

test("a selector without a series yet counts 0 where the page knows the metric; a metric that it does not know is none", async () => {
  const none = await read(
    "metrics",
    { ...orders, bad: 'orders_total{code="418"}' },
    (look) => page(look, 0),
    4,
  );
  expect(besideStandstills(none)).toEqual([]);
  expect(total(none, "bad")).toBe(0);
  const misspelt = await read("metrics", { ...orders, bad: "order_total" }, (look) => page(look, 0), 3);
  expect(misspelt.troubles).toMatchObject([{ id: "no_series", facts: { key: "bad", query: "order_total" } }]);
});

test("JSON paths name numbers; without one the whole answer is the number", async () => {
  const json = await read(
    "http",
    { of: "values", value: "$.queue.depth" },
    (look) => `{"queue":{"depth":${look}}}`,
    4,
  );
  expect(json.samples[0]).toMatchObject({ value: 0 });
  expect(besideStandstills(json)).toEqual([]);
  const plain = await read("http", { of: "values", value: "" }, () => " 12.5\n", 3);
  expect(plain.samples[0]).toMatchObject({ value: 12.5 });
});

test.each([
  ["$.depth", '{"queue":1}', "no_series"],
  ["$.depth", '{"depth":"many"}', "not_a_number"],
  ["$.depth", "<html>", "not_a_number"],
  ["", "many", "not_a_number"],
  ["", "", "not_a_number"],
])("%s in %s", async (value, answer, id) => {
  expect((await read("http", { of: "values", value }, () => answer, 2)).troubles).toMatchObject([{ id }]);
});

// A standstill of a busy machine makes a gap of one look that failed.
test("an endpoint that is away for a while leaves a gap with its reason; one look that failed does not", {
  retry: 2,
}, async () => {
  const value: SignalReads = { of: "values", value: "" };
  const once = await read("http", value, (look) => (look === 4 ? null : "1"), 9);
  expect(besideStandstills(once)).toEqual([]);
  const away = await read("http", value, (look) => (look > 3 && look < 12 ? 503 : "1"), 15);
  expect(away.troubles).toMatchObject([{ id: "no_answer", facts: { reason: "it answers with status 503" } }]);
});

test("the newest is that of the last look; after one that told nothing, nothing is known", async () => {
  const value: SignalReads = { of: "values", value: "queue" };
  // A busy machine looks late, so every look from the third one on says the same.
  const queue = await read("metrics", value, (look) => `queue ${Math.min(look, 2)}\n`, 5);
  expect(queue.now).toMatchObject({ value: 2 });
  const silent = await read("metrics", value, (look) => (look < 2 ? "queue 1\n" : 500), 5);
  expect(silent.samples.length).toBeGreaterThan(0);
  expect(silent.now).toBe(null);
});
