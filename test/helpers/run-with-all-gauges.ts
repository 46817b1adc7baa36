import { analyse } from "../../src/analysis/analyse.js";
import type { Report } from "../../src/analysis/document/report.js";
import { RecordedTimes } from "../../src/measure/recorded-times.js";
import type { ToldItem } from "../../src/telemetry/told.js";
import { buildRecord } from "./record-builder.js";
import { toldRun } from "./told-samples.js";

const NAME = "every order is stored once";
const none = { count: 0, sent: [], examples: [] };

/** A run that has something for each gauge of faultline.prom: failures, fallbacks, and a check of ids. */
export function runWithAllGauges(): { readonly report: Report; readonly told: readonly ToldItem[] } {
  const record = buildRecord({
    ratePerS: 100,
    slos: ["availability >= 50%", "p50 < 400ms"],
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "slow worker", seconds: 40, bad: { refused: 0.2 }, failedAfterMs: 20 },
      { kind: "recovery", fault: "slow worker", seconds: 40 },
    ],
  });
  const degraded = new RecordedTimes({ cells: [2512], counts: [40] });
  const report = analyse({
    ...record,
    unjudged: { ...record.unjudged, outcomes: { ...record.unjudged.outcomes, ok: 1 }, redirects: 1 },
    phases: record.phases.map((phase) => ({
      ...phase,
      all: {
        ...phase.all,
        degraded: phase.all.outcomes.ok.map(() => 1),
        redirects: phase.all.outcomes.ok.map(() => 1),
        histograms: { ...phase.all.histograms, degraded },
      },
      timed: [{ ...phase.all, request: "saga" }],
      completions: [
        {
          check: NAME,
          request: "order",
          seconds: phase.all.scheduled.map(() => ({ fromMs: [200], toMs: [400], count: [100] })),
        },
      ],
    })),
    checks: [
      {
        name: NAME,
        asks: "psql -tA",
        expect: "order: lost 0",
        when: ["end"],
        withinS: 10,
        asked: [
          { when: "end", phase: null, fault: null, asked: 1, held: 1, broken: 0, unasked: 0, attempts: 2 },
        ],
        ids: {
          request: "order",
          id: "${uuid}",
          most: { lost: 0, duplicated: null, unexpected: null },
          ...{ acknowledged: 12_000, refused: 0, unknown: 0, withoutId: 0, stored: 12_000 },
          ...{ thereBefore: 0, neverSent: 0 },
          ...{ lost: none, duplicated: none, unexpected: none, recovered: none },
        },
        looks: { everyS: 0.2, count: 580, failed: 0, widestS: 1.2, longestS: 0.31, totalS: 6 },
      },
    ],
  });
  return { report, told: toldRun(report) };
}
