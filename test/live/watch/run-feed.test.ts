import { expect, test } from "vitest";
import type { LiveStatus } from "../../../src/live/watch/live-model.js";
import { RunFeed } from "../../../src/live/watch/run-feed.js";
import { TimeHistogram } from "../../../src/measure/histogram.js";
import { perOutcome } from "../../../src/measure/outcome.js";
import type { RunRecord } from "../../../src/measure/record.js";
import type { LiveNumbers, PhaseStart, SignalNow } from "../../../src/measure/run-in-progress.js";
import { monotonicMs } from "../../../src/support/clock.js";
import { buildRecord } from "../../helpers/record-builder.js";

const RECORD = buildRecord({
  ratePerS: 100,
  slos: ["availability >= 99%", "p99 < 400ms", "p99(browse) < 1s", "recovery < 10s"],
  phases: [
    { kind: "baseline", seconds: 60 },
    { kind: "fault", fault: "slow cache", seconds: 60, bad: { timeout: 0.3 } },
    { kind: "recovery", fault: "slow cache", seconds: 60 },
    { kind: "fault", fault: "cache cut off", seconds: 60 },
    { kind: "recovery", fault: "cache cut off", seconds: 60 },
  ],
});

/** As far as the run was when phase number `begun` began. */
function recordAt(begun: number): RunRecord {
  const phases = RECORD.phases.slice(0, begun);
  const names = new Set(phases.filter(({ kind }) => kind === "fault").map(({ fault }) => fault));
  return { ...RECORD, phases, faults: RECORD.faults.filter(({ name }) => names.has(name)) };
}

function phaseStart(number: number): PhaseStart {
  const { id, kind, fault, durationS } = RECORD.phases[number]!;
  return { id, kind, fault, trial: null, plannedMs: durationS * 1000 };
}

/** A feed whose run has begun its phase of this number, with all before. */
function feedAt(last: number, signals: readonly SignalNow[] = []) {
  const feed = new RunFeed(1, "Shop");
  let begun = 0;
  const notes: string[] = [];
  feed.begun({
    recordSoFar: () => recordAt(begun),
    signalsNow: async () => signals,
    note: (text) => void notes.push(text),
  });
  for (; begun <= last; begun++) {
    const phase = phaseStart(begun);
    const { startS } = RECORD.phases[begun]!;
    if (phase.kind === "fault") feed.event({ atS: startS, kind: "inject", text: `${phase.fault}: slower` });
    if (phase.kind === "recovery") feed.event({ atS: startS, kind: "remove", text: String(phase.fault) });
    feed.phase(phase);
  }
  const status = (): LiveStatus => feed.whole([]).status;
  return { feed, status };
}

function sample(counts: { readonly ok: number; readonly timeout?: number }, latencyMs = 20): LiveNumbers {
  const latency = new TimeHistogram();
  for (let n = 0; n < counts.ok; n++) latency.record(latencyMs * 1000);
  const outcomes = { ...perOutcome(() => 0), ...counts };
  return { atMs: monotonicMs(), intervalMs: 250, outcomes, p99Ms: latencyMs, latency: latency.toSparse() };
}

test("four samples are one second: rates by outcome, and quantiles that failures count in", () => {
  const { feed } = feedAt(0);
  feed.live(sample({ ok: 20 }));
  feed.live(sample({ ok: 20 }));
  feed.live(sample({ ok: 20, timeout: 20 }, 50));
  expect(feed.next([]).seconds).toEqual([]);
  feed.live(sample({ ok: 20 }));
  const [second, ...others] = feed.next([]).seconds;
  expect(others).toEqual([]);
  expect(second).toMatchObject({ widthS: 1, perS: { ok: 80, timeout: 20, reset: 0 } });
  const [p50, p90, p99, max] = second!.latencyMs;
  expect(p50).toBeCloseTo(20, 0);
  expect([p90, p99, max]).toEqual([-1, -1, -1]);
  expect(feed.next([]).seconds).toEqual([]);
  expect(feed.whole([]).seconds).toEqual([second]);
});

test("one who comes between two ticks is told what the last tick told, and gets the rest with the next", () => {
  const { feed } = feedAt(0);
  feed.event({ atS: 1, kind: "note", text: "told" });
  feed.next([]);
  feed.event({ atS: 2, kind: "note", text: "not yet told" });
  expect(feed.whole([]).events.map(({ text }) => text)).toEqual(["told"]);
  expect(feed.next([]).events.map(({ text }) => text)).toEqual(["not yet told"]);
});

test("what is in place is known from its injection to its removal, then the recovery's clock runs", () => {
  const { feed, status } = feedAt(1);
  expect(status()).toMatchObject({
    phase: { kind: "fault", fault: "slow cache" },
    injected: { text: "slow cache: slower", sinceS: RECORD.phases[1]!.startS },
    recoveringSinceS: null,
    windows: [{ index: 1, fault: "slow cache", toS: null }],
  });
  feed.event({ atS: 99, kind: "inject", text: "slow cache: slower still" });
  expect(status().injected).toEqual({ text: "slow cache: slower still", sinceS: RECORD.phases[1]!.startS });
  feed.event({ atS: 120, kind: "remove", text: "slow cache" });
  expect(status()).toMatchObject({ injected: null, recoveringSinceS: 120, windows: [{ toS: 120 }] });
});

test("a verdict is told as soon as nothing can change it", () => {
  const known = (last: number) =>
    feedAt(last)
      .status()
      .verdicts.map(({ fault, verdict }) => [fault, verdict]);
  expect(known(0)).toEqual([]);
  expect(known(1)).toEqual([[null, "pass"]]);
  // Broken is broken, however it recovers.
  expect(known(2)).toEqual([
    [null, "pass"],
    ["slow cache", "fail"],
  ]);
  // This one held, and may still fail by its recovery.
  expect(known(4)).toEqual([
    [null, "pass"],
    ["slow cache", "fail"],
    ["cache cut off", null],
  ]);
  const { slos } = feedAt(4).status().verdicts[2]!;
  const byText = new Map(slos.map(({ expect: text, verdict }) => [text, verdict]));
  expect(byText.get("availability >= 99%")).toBe("pass");
  expect(byText.get("recovery < 10s")).toBeNull();
});

test("the budget that is used is that of the phase, for promises on all requests", () => {
  const { feed, status } = feedAt(1);
  feed.live(sample({ ok: 98, timeout: 2 }));
  feed.live(sample({ ok: 100 }, 600));
  expect(status().budgets).toEqual([
    {
      slo: "availability >= 99%",
      allowedShare: expect.closeTo(0.01),
      badShare: 0.01,
      used: expect.closeTo(1),
    },
    { slo: "p99 < 400ms", allowedShare: expect.closeTo(0.01), badShare: 0.51, used: expect.closeTo(51) },
  ]);
  expect(status().latencyLines).toEqual([{ label: "p99 < 400ms", value: 400, fromS: null, toS: null }]);
});

test("a run that is over has nothing in place any more, and takes no notes", () => {
  const { feed, status } = feedAt(1);
  expect(feed.inProgress).not.toBeNull();
  feed.over();
  expect(feed.inProgress).toBeNull();
  expect(status()).toMatchObject({ isOver: true, injected: null, phase: null, budgets: [] });
  expect(status().windows[0]?.toS).not.toBeNull();
});

test("a day of seconds is not kept, the last two hours are", () => {
  const { feed } = feedAt(0);
  for (let n = 0; n < 8_000 * 4; n++) feed.live({ ...sample({ ok: 1 }), intervalMs: 250 });
  feed.next([]);
  expect(feed.whole([]).seconds).toHaveLength(7_200);
});

test("signals are told as they are now, while a phase goes on", async () => {
  const signals: readonly SignalNow[] = [
    { name: "queue", shows: { kind: "value", value: 1234 } },
    { name: "orders", shows: { kind: "share", bad: 4, total: 100 } },
    { name: "idle", shows: { kind: "share", bad: 0, total: 0 } },
    { name: "OrdersFail", shows: { kind: "state", state: "firing" } },
    { name: "mails", shows: null },
  ];
  const { feed, status } = feedAt(1, signals);
  expect(status().signals).toEqual([]);
  feed.askSignals();
  await expect.poll(() => status().signals.length).toBe(5);
  expect(status().signals.map(({ text }) => text)).toEqual([
    "1,234",
    "4% bad",
    "none counted",
    "firing",
    "not known",
  ]);
  feed.over();
  expect(status().signals).toEqual([]);
});
