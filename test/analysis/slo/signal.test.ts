import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { compareRuns } from "../../../src/analysis/compare/compare-runs.js";
import type { SloResult } from "../../../src/analysis/document/report.js";
import { baselineHealthy } from "../../../src/analysis/interim-judging.js";
import { slosForRecord } from "../../../src/analysis/slo/slos-for-record.js";
import { HEALTHY, recordWithSignals, type Told } from "../../helpers/signal-records.js";

const FAULT = "slow cache";

function judged(
  slo: string,
  fault: Told,
  { seconds = 60, baseline = fault, evidence = "interval" as "interval" | "observed" } = {},
): SloResult {
  const record = recordWithSignals(
    {
      ratePerS: 20,
      slos: [slo],
      phases: [
        { kind: "baseline", seconds },
        { kind: "fault", fault: FAULT, seconds },
      ],
    },
    { baseline: { s: baseline }, fault: { s: fault } },
  );
  const [result] = analyse(record, { evidence }).faults[0]?.slos ?? [];
  if (!result) throw new Error("nothing was judged");
  return result;
}

const counts = (bad: number, total: number): Told => ({ ...HEALTHY, counts: () => [bad, total] });
const values = (of: (sample: number) => number): Told => ({ ...HEALTHY, values: of });

test.each([
  [
    "signal(s) error_rate < 1%",
    counts(0, 100),
    "pass",
    'None of 6,000 that "s" counted were bad; 1% may be; in the long run',
  ],
  [
    "signal(s) error_rate < 1%",
    counts(3, 100),
    "fail",
    '180 of 6,000 that "s" counted (3%) were bad; 1% may be.',
  ],
  ["signal(s) availability >= 99%", counts(0, 100), "pass", "None of 6,000"],
  ["signal(s) availability >= 99%", counts(3, 100), "fail", "180 of 6,000"],
  ["signal(s) error_rate < 1%", counts(0, 2), "inconclusive", "in the long run it may be anything up to"],
  ["signal(s) error_rate < 1%", counts(0, 0), "inconclusive", "counted nothing in this phase"],
  ["signal(s) error_rate < 1%", counts(20, 10), "invalid", "counted more bad ones than all"],
  [
    "signal(s) max < 500",
    values((at) => at),
    "pass",
    'The highest of the samples of "s" was 59 (60 samples); less than 500 promised.',
  ],
  ["signal(s) max < 50", values((at) => at), "fail", "was 59"],
  ["signal(s) min > 0", values((at) => at), "fail", 'The lowest of the samples of "s" was 0'],
  ["signal(s) last <= 59", values((at) => at), "pass", 'The last sample of "s" was 59'],
  ["signal(s) mean < 20", values((at) => 10 + (at % 3)), "pass", 'The mean of the samples of "s" was 11'],
  [
    "signal(s) mean < 10.9",
    values((at) => 10 + (at % 3)),
    "inconclusive",
    "in the long run it may be anything",
  ],
  ["signal(s) mean < 5", values((at) => 10 + (at % 3)), "fail", "was 11"],
  ["signal(s) mean > 20", values((at) => 10 + (at % 3)), "fail", "more than 20 promised"],
] as const)("%s: %#", (slo, told, verdict, reason) => {
  const result = judged(slo, told);
  expect(result.reason).toContain(reason);
  expect(result.verdict).toBe(verdict);
});

test.each([
  ["no_answer", { reason: "nothing listens there" }, '"s" could not be read: nothing listens there.'],
  ["refused_query", { reason: "bad_data: parse error" }, "as its server says: bad_data: parse error."],
  ["no_interval", {}, 'How often "s" is sampled is not known'],
  ["no_series", { source: "prometheus", key: "bad", query: "q" }, "`or vector(0)`"],
  [
    "several_series",
    { source: "prometheus", key: "value", query: "q", series: 2 },
    "2 series were found for q of `value`",
  ],
  ["not_a_number", { key: "value", query: "q", atS: 4, value: "NaN" }, "was no number in second 4, but NaN"],
  [
    "series_gone",
    { selector: "a", before: 3, after: 2, atS: 9 },
    "Of 3 series of a, 2 were left in second 9",
  ],
  ["gap", { fromS: 5, lengthS: 30 }, '"s" has no sample for 30 s, from second 5 on.'],
  [
    "gap",
    { fromS: 5, lengthS: 3, why: "not_scraped" },
    "for 3 s, from second 5 on: Prometheus itself has no scrape of that time",
  ],
  [
    "gap",
    { fromS: 5, lengthS: 3, why: "target_silent" },
    "the target did not answer the scrapes of that time",
  ],
  ["gap", { fromS: 5, lengthS: 3, why: "not_exposed" }, "scraped all the while, and the query found nothing"],
  ["gap", { fromS: 5, lengthS: 3, answerS: 2.9 }, "from second 5 on: one answer took 2.9 s."],
  ["gap", { fromS: 5, lengthS: 3, lateS: 2.9 }, "faultline itself asked 2.9 s late"],
  [
    "command_failed",
    { reason: "the command exited with code 1", output: "no route", fromS: 5, lengthS: 3 },
    'could not be read for 3 s, from second 5 on: the command exited with code 1, after it had printed "no route".',
  ],
  ["nothing_printed", {}, '"s" was no number: its command printed nothing.'],
  ["clock", { aheadS: -3 }, "is 3 s behind this machine's"],
] as const)("%s is invalid with its own reason, whatever was seen", (id, facts, reason) => {
  const troubles = [{ id, facts }];
  for (const slo of ["signal(s) error_rate < 1%", "signal(s) mean < 5"]) {
    const told = slo.includes("rate") ? counts(0, 100) : values(() => 1);
    for (const evidence of ["interval", "observed"] as const) {
      const result = judged(slo, { ...told, troubles }, { baseline: told, evidence });
      expect(result).toMatchObject({ verdict: "invalid", observed: null });
      expect(result.reason).toContain(reason);
    }
  }
});

test("a sample beyond the limit breaks it although others are missing; a clock that is off leaves nothing", () => {
  const high = values((at) => (at === 7 ? 900 : 1));
  const gap = { id: "gap", facts: { fromS: 20, lengthS: 30 } } as const;
  const broken = judged("signal(s) max < 500", { ...high, troubles: [gap] }, { baseline: values(() => 1) });
  expect(broken.verdict).toBe("fail");
  expect(broken.reason).toMatch(/was 900 .* no sample for 30 s/);
  const clock = { id: "clock", facts: { aheadS: 3 } } as const;
  expect(judged("signal(s) max < 500", { ...high, troubles: [clock] }).verdict).toBe("invalid");
  expect(judged("signal(s) last < 500", { ...high, troubles: [gap] }).verdict).toBe("invalid");
});

test("a mean needs more samples than a share, which has seen all that was counted", () => {
  const rare = { ...values(() => 1), everyS: 5 };
  const short = judged("signal(s) mean < 5", rare, { seconds: 120 });
  expect(short.verdict).toBe("inconclusive");
  expect(short.reason).toContain("30 samples are needed, which takes 2 min 30 s: one comes every 5 s");
  expect(judged("signal(s) mean < 5", rare, { seconds: 180 }).verdict).toBe("pass");
  const counted = { ...counts(0, 20_000), everyS: 5 };
  expect(judged("signal(s) error_rate < 1%", counted, { seconds: 120 }).verdict).toBe("pass");
});

test("too few samples decide nothing but what was seen to break", () => {
  const few = { ...counts(0, 1_000), everyS: 15 };
  const result = judged("signal(s) error_rate < 1%", few);
  expect(result.verdict).toBe("inconclusive");
  expect(result.reason).toContain("10 samples are needed, which takes 2 min 30 s: one comes every 15 s");
  expect(judged("signal(s) error_rate < 1%", { ...counts(200, 1_000), everyS: 15 }).verdict).toBe("fail");
  expect(judged("signal(s) max < 5", { ...values(() => 1), everyS: 15 }).verdict).toBe("inconclusive");
  expect(judged("signal(s) max < 5", { ...values(() => 9), everyS: 15 }).verdict).toBe("fail");
  const short = judged("signal(s) error_rate < 1%", counts(0, 10_000), { seconds: 20 });
  expect(short.reason).toContain("a phase must last 30 s to pass");
});

test("what a counter had counted before it began anew counts as bad: a pass has to hold with it", () => {
  const told = counts(0, 100);
  expect(judged("signal(s) error_rate < 1%", { ...told, restarts: 1 }).verdict).toBe("inconclusive");
  expect(judged("signal(s) error_rate < 1%", { ...told, restarts: 1 }).reason).toContain(
    'a counter of "s" began anew once, and up to 100 that it had counted are not known',
  );
  expect(judged("signal(s) error_rate < 40%", { ...told, restarts: 1 }).verdict).toBe("pass");
});

test("targets relative to the baseline are worked out, and are none where the baseline could not be read", () => {
  const result = judged(
    "signal(s) mean < 2x baseline",
    values(() => 15),
    { baseline: values(() => 10) },
  );
  expect(result).toMatchObject({ verdict: "pass", target: 20, baseline: 10, observed: 15, unit: "number" });
  const gap = { id: "gap", facts: { fromS: 0, lengthS: 30 } } as const;
  const none = judged(
    "signal(s) mean < 2x baseline",
    values(() => 15),
    {
      baseline: { ...values(() => 10), troubles: [gap] },
    },
  );
  expect(none.verdict).toBe("invalid");
});

test("a signal that says nothing in the baseline lets no fault begin, and is not measured again", () => {
  const gone = { id: "no_series", facts: { source: "prometheus", key: "value", query: "q" } } as const;
  const record = recordWithSignals(
    { ratePerS: 20, slos: ["signal(s) max < 5"], phases: [{ kind: "baseline", seconds: 30 }] },
    { baseline: { s: { ...values(() => 1), troubles: [gone] } } },
  );
  const [baseline] = record.phases;
  if (!baseline) throw new Error("no baseline");
  const options = { evidence: "interval", model: "open", timeoutMs: 1_000, plannedPhases: [] } as const;
  expect(baselineHealthy(baseline, record.slos, options)).toMatchObject({
    healthy: false,
    isDisturbed: false,
  });
});

test("a service whose counters disagree with what callers saw is told so, in numbers", () => {
  const record = (signal: Told) =>
    recordWithSignals(
      {
        ratePerS: 20,
        slos: ["availability >= 99%"],
        phases: [
          { kind: "baseline", seconds: 40 },
          { kind: "fault", fault: FAULT, seconds: 40, bad: { timeout: 0.3 } },
        ],
      },
      { fault: { s: signal } },
    );
  const finding = (signal: Told) => {
    const [fault] = analyse(record(signal)).faults;
    return fault?.findings[(fault.findingIds ?? []).indexOf("signal_disagrees")] ?? null;
  };
  expect(finding(counts(0, 20))).toMatch(
    /^"s" disagrees with the load: it counted 0 of 800 as bad \(0%\), and callers saw \d+ of 800 fail \([23]\d.*%\)\. It counts as good what callers saw fail\.$/,
  );
  expect(finding(counts(6, 20))).toBeNull();
  // Something else than the load's requests.
  expect(finding(counts(0, 500))).toBeNull();
});

test("a saved run is judged again by its samples, not by a signal that was not read", () => {
  const record = recordWithSignals(
    { ratePerS: 20, slos: ["availability >= 99%"], phases: [{ kind: "baseline", seconds: 30 }] },
    { baseline: { s: values(() => 1) } },
  );
  expect(slosForRecord(["signal(s) max < 5"], record)).toHaveLength(1);
  expect(() => slosForRecord(["signal(t) max < 5"], record)).toThrow(/signal "t" was not read .*known are s/);
});

test("two runs with the same signal are compared by their verdicts and, for a share, by its intervals", () => {
  const report = (slo: string, signal: Told) =>
    analyse(
      recordWithSignals(
        { ratePerS: 20, slos: [slo], phases: [{ kind: "baseline", seconds: 60 }] },
        { baseline: { s: signal } },
      ),
    );
  const compared = (slo: string, before: Told, now: Told) =>
    compareRuns(report(slo, before), report(slo, now)).slos[0];
  expect(
    compared(
      "signal(s) max < 500",
      values(() => 10),
      values(() => 12),
    ),
  ).toMatchObject({
    answer: "cannot_tell",
    reason: "12 after 10; whether that is a change cannot be told from two runs.",
  });
  expect(compared("signal(s) error_rate < 10%", counts(1, 100), counts(5, 100))).toMatchObject({
    answer: "regressed",
  });
});
