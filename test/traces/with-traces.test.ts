import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { criticalPath } from "../../src/traces/findings/slowest.js";
import type { TracedSpan } from "../../src/traces/span.js";
import { tracesOf } from "../../src/traces/trace.js";
import { withTraces } from "../../src/traces/with-traces.js";
import { buildRecord } from "../helpers/record-builder.js";

const START_MS = Date.parse("2026-03-01T12:00:00.000Z");
const record = buildRecord({
  startedAt: "2026-03-01T12:00:00.000Z",
  phases: [
    { kind: "baseline", seconds: 30 },
    { kind: "fault", fault: "slow inventory", seconds: 30 },
    { kind: "recovery", fault: "slow inventory", seconds: 10 },
  ],
});

let number = 0;
interface Part extends Pick<TracedSpan, "service" | "name"> {
  /** From the begin of the trace, in ms. */
  readonly from: number;
  readonly to: number;
  readonly kind?: TracedSpan["kind"];
  readonly parts?: readonly Part[];
}

/** A trace that begins `atS` seconds after the run. */
function trace(atS: number, root: Part): TracedSpan[] {
  const traceId = `trace-${number++}`;
  const spans: TracedSpan[] = [];
  const add = ({ parts = [], from, to, kind = "server", ...named }: Part, parentId: string | null) => {
    const spanId = `span-${number++}`;
    const atMs = START_MS + atS * 1000;
    spans.push({
      ...named,
      kind,
      traceId,
      spanId,
      parentId,
      isError: false,
      startMs: atMs + from,
      endMs: atMs + to,
    });
    for (const part of parts) add(part, spanId);
  };
  add(root, null);
  return spans;
}

/** The shop asks the inventory, which takes so long, so many times. The shop gives up after `patienceMs`. */
function order(
  atS: number,
  { tries, inventoryMs, patienceMs }: { tries: number; inventoryMs: number; patienceMs: number },
) {
  const waitedMs = Math.min(inventoryMs, patienceMs);
  return trace(atS, {
    service: "shop",
    name: "GET /orders",
    from: 0,
    to: 4 + tries * (waitedMs + 1),
    parts: Array.from({ length: tries }, (_, index): Part => {
      const from = 2 + index * (waitedMs + 1);
      const call = { service: "shop", name: "GET", kind: "client" as const, from, to: from + waitedMs };
      return {
        ...call,
        parts: [{ service: "inventory", name: "GET /stock", from: from + 0.5, to: from + inventoryMs - 0.5 }],
      };
    }),
  });
}

const good = Array.from({ length: 40 }, (_, at) =>
  order(at * 0.7, { tries: 1, inventoryMs: 3, patienceMs: 300 }),
).flat();
const slow = Array.from({ length: 40 }, (_, at) =>
  order(30 + at * 0.7, { tries: 3, inventoryMs: 900, patienceMs: 300 }),
).flat();

function toldOf(spans: readonly TracedSpan[], of = record) {
  const [fault] = withTraces(analyse(of), of.phases, spans).faults;
  const ids = fault?.findingIds ?? [];
  return Object.fromEntries(
    ids.map((id, at) => [id, { text: fault?.findings[at], facts: fault?.findingFacts?.[at] }]),
  );
}

test("which work grew, what was tried again, what went on for nobody, and where the slowest request's time went", () => {
  const told = toldOf([...good, ...slow]);
  expect(told.span_grew?.text).toBe(
    'In traces, "GET /stock" of inventory grew most: its own time went from 2 ms to 899 ms (medians of 40 and 120 spans).',
  );
  expect(told.span_grew?.facts).toEqual({
    spans: [{ span: '"GET /stock" of inventory', baselineOwnP50Ms: 2, faultOwnP50Ms: 899 }],
  });
  expect(told.span_repeated?.text).toBe(
    'In traces, "GET /orders" of shop did "GET" of shop 1 → 3 times each (40 seen under the fault): it tries again.',
  );
  expect(told.span_for_nobody?.text).toBe(
    'In traces, "GET /stock" of inventory went on after its caller had given up, in 120 of 120 (100%): callers gave up after 300 ms, the work took 899 ms (medians).',
  );
  expect(told.slowest_trace?.text).toMatch(
    /^The slowest traced request took 907 ms \(trace trace-\d+\): [^:]*899 ms in "GET \/stock" of inventory\.$/,
  );
  expect(told.traces?.text).toBe("40 of 3,000 requests have a trace (1.3%). The others may differ.");
});

test("what failed by itself is named, not those above it that failed because of it", () => {
  const failing = slow.map((span) => ({
    ...span,
    isError: span.service === "inventory" || span.name === "GET /orders",
  }));
  expect(toldOf([...good, ...failing]).span_failed?.text).toBe(
    'In traces, "GET /stock" of inventory failed by itself, without failed work below it, in 120 of 120 (100%; never in the baseline).',
  );
  expect(toldOf([...good, ...slow])).not.toHaveProperty("span_failed");
});

test("spans that stand in several files count once, and more traces than requests are said", () => {
  expect(toldOf([...good, ...good, ...slow, ...slow]).span_repeated?.facts).toMatchObject({ faultCalls: 3 });
  const many = Array.from({ length: 80 }, () =>
    slow.map((span) => ({ ...span, traceId: `${span.traceId}-${number++}` })),
  )
    .flat()
    .map((span) => ({ ...span, parentId: null }));
  expect(toldOf(many).traces?.text).toMatch(
    /traces began while 3,000 requests were due: others than the load's are among them/,
  );
});

test("where nothing changed, nothing is said to have grown, been repeated or been left alone", () => {
  const same = Array.from({ length: 40 }, (_, at) =>
    order(30 + at * 0.7, { tries: 1, inventoryMs: 3, patienceMs: 300 }),
  ).flat();
  const told = toldOf([...good, ...same]);
  expect(Object.keys(told)).toEqual(expect.arrayContaining(["slowest_trace", "traces"]));
  for (const id of ["span_grew", "span_repeated", "span_for_nobody"]) expect(told).not.toHaveProperty(id);
});

test("of a fault that met no request nothing is blamed on it", () => {
  const unproven = {
    ...record,
    faults: record.faults.map((fault) => ({
      ...fault,
      proof: fault.proof && { ...fault.proof, proven: false },
    })),
  };
  const told = toldOf([...good, ...slow], unproven);
  expect(told).not.toHaveProperty("span_grew");
  expect(told).toHaveProperty("slowest_trace");
});

test("spans of another time, and spans without their parent, are said", () => {
  const other = good.map((span) => ({
    ...span,
    startMs: span.startMs - 3_600_000,
    endMs: span.endMs - 3_600_000,
  }));
  expect(toldOf(other).traces?.text).toMatch(
    /^No trace began under this fault, which began at 2026-03-01T12:00:30\.000Z; the spans are from 2026-03-01T11:00:00\.000Z to/,
  );
  const torn = slow.filter(({ kind }) => kind !== "client");
  expect(toldOf([...good, ...torn]).traces?.text).toContain(
    "Of 120 spans the file lacks the parent: who called them is not known.",
  );
});

test("the critical path adds up to the length of the trace, and counts what ran side by side once", () => {
  const [first] = tracesOf(
    trace(0, {
      service: "a",
      name: "root",
      from: 0,
      to: 100,
      parts: [
        { service: "b", name: "short", from: 10, to: 40 },
        { service: "c", name: "long", from: 10, to: 70 },
        { service: "d", name: "last", from: 75, to: 95 },
        { service: "e", name: "log", kind: "message", from: 5, to: 400 },
      ],
    }),
  );
  if (!first) throw new Error("no trace");
  expect(criticalPath(first)).toEqual([
    { title: '"root" of a', ms: 20 },
    { title: '"last" of d', ms: 20 },
    { title: '"long" of c', ms: 60 },
  ]);
  expect(first.ownMs(first.root)).toBe(20);
});

test("a clock that is a little behind takes nothing away from the path, and a circle of parents ends", () => {
  const span = { traceId: "t", service: "a", kind: "internal", isError: false } as const;
  const [skewed] = tracesOf([
    { ...span, kind: "client", spanId: "1", parentId: null, name: "call", startMs: 1000, endMs: 4000 },
    { ...span, kind: "server", spanId: "2", parentId: "1", name: "work", startMs: 999, endMs: 3998 },
  ]);
  expect(skewed && criticalPath(skewed)).toEqual([
    { title: '"call" of a', ms: 2 },
    { title: '"work" of a', ms: 2998 },
  ]);
  const [circle] = tracesOf([
    { ...span, spanId: "1", parentId: "2", name: "one", startMs: 0, endMs: 10 },
    { ...span, spanId: "2", parentId: "1", name: "two", startMs: 0, endMs: 10 },
  ]);
  expect(circle && criticalPath(circle).reduce((sum, { ms }) => sum + ms, 0)).toBe(10);
});

test("spans of the load's own requests are no part of the system, and what they called lacks no parent", () => {
  const withLoad = [good, slow].map((spans) =>
    spans.map((span) => {
      const traceId = Buffer.from(span.traceId.padStart(16)).toString("hex");
      return { ...span, traceId, parentId: span.parentId ?? traceId.slice(16) };
    }),
  );
  // The load tells of its slow requests alone: one of the baseline, and many under the fault.
  const own = [...(withLoad[0] ?? []).slice(0, 1), ...(withLoad[1] ?? [])]
    .filter(({ traceId, parentId }) => parentId === traceId.slice(16))
    .map((span) => ({
      ...span,
      spanId: span.traceId.slice(16),
      parentId: null,
      service: "faultline",
      name: "order",
      kind: "client" as const,
      endMs: span.endMs + 500,
    }));
  expect(own.length).toBeGreaterThan(30);
  const texts = (spans: readonly TracedSpan[]) =>
    Object.entries(toldOf(spans)).map(([id, { text }]) => [id, text?.replace(/trace [\w-]+/, "trace")]);
  expect(texts([...withLoad.flat(), ...own])).toEqual(texts([...good, ...slow]));
});
