import { expect, test } from "vitest";
import { PhaseCompletions } from "../../../src/analysis/measurement/phase-completions.js";
import { PhaseView } from "../../../src/analysis/measurement/phase-view.js";
import { judgeSlo } from "../../../src/analysis/slo/judge.js";
import { resolveAgainst } from "../../../src/analysis/slo/targets.js";
import type { CompletedSecond } from "../../../src/measure/checks/completions-record.js";
import { parseSlo } from "../../../src/slo/parse.js";
import { buildRecord } from "../../helpers/record-builder.js";

type Group = readonly [fromMs: number, toMs: number, count: number];

function second(groups: readonly Group[], others: Partial<CompletedSecond> = {}): CompletedSecond {
  return {
    fromMs: groups.map(([from]) => from),
    toMs: groups.map(([, to]) => to),
    count: groups.map(([, , count]) => count),
    ...others,
  };
}

const each = (seconds: number, one: CompletedSecond) => Array.from({ length: seconds }, () => one);

function viewOf(kind: "baseline" | "fault", seconds: readonly CompletedSecond[]): PhaseView {
  const fault = kind === "fault" ? { fault: "slow worker" } : {};
  const record = buildRecord({
    ratePerS: 100,
    slos: [],
    phases: [{ kind, seconds: seconds.length, ...fault }],
  });
  const [phase] = record.phases;
  if (!phase) throw new Error("no phase");
  return new PhaseView({
    ...phase,
    completions: [{ check: "stored once", request: "checkout", seconds: [...seconds] }],
  });
}

function judged(
  text: string,
  during: readonly CompletedSecond[],
  before: readonly CompletedSecond[] = each(40, second([[100, 200, 100]])),
  evidence: "interval" | "observed" = "interval",
) {
  const parsed = parseSlo(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const baseline = viewOf("baseline", before);
  const [slo] = resolveAgainst([parsed.slo], baseline);
  if (!slo) throw new Error("no SLO");
  return judgeSlo(
    { slo, phase: "fault", view: viewOf("fault", during), baseline, after: null, invalid: null },
    { evidence, verdicts: 1, model: "open", timeoutMs: 5000 },
  );
}

test("what was surely too slow fails, and what was surely soon enough passes", () => {
  const slow = judged("completion(checkout) p95 < 1s", each(40, second([[1200, 1600, 100]])));
  expect(slow).toMatchObject({ verdict: "fail", observed: 1600, baseline: 200, target: 1000 });
  expect(slow.reason).toBe(
    "4,000 of 4,000 acknowledged took longer than 1 s to be stored, or never were; 5% may; p95 is 1.2 s to 1.6 s.",
  );
  const soon = judged("completion(checkout) p95 < 1s", each(40, second([[300, 800, 100]])));
  expect(soon).toMatchObject({ verdict: "pass", observed: 800 });
});

test("where the limit lies between two looks the verdict is left open, whatever is seen most", () => {
  const between = judged("completion(checkout) p95 < 1s", each(40, second([[400, 1400, 100]])));
  expect(between.verdict).toBe("inconclusive");
  expect(between.reason).toContain("the looks at the store were too far apart to tell");
  expect(judged("completion(checkout) max < 1s", each(5, second([[400, 1400, 9]]))).verdict).toBe(
    "inconclusive",
  );
  expect(
    judged("completion(checkout) p95 < 1s", each(40, second([[400, 1400, 100]])), undefined, "observed")
      .verdict,
  ).toBe("inconclusive");
});

test("what was never there took longer than anything", () => {
  const lossy = judged("completion(checkout) p90 < 60s", each(40, second([[0, 100, 80]], { never: 20 })));
  expect(lossy).toMatchObject({ verdict: "fail", observed: "inf" });
  const few = each(40, second([[0, 100, 99]], { never: 1 }));
  expect(judged("completion(checkout) p90 < 60s", few).verdict).toBe("pass");
  expect(judged("completion(checkout) max < 60s", few)).toMatchObject({ verdict: "fail", observed: "inf" });
});

test("a relative target is held against both bounds of the baseline", () => {
  const text = "completion(checkout) p95 < 2x baseline";
  const before = each(40, second([[300, 400, 100]]));
  expect(judged(text, each(40, second([[400, 500, 100]])), before).verdict).toBe("pass");
  expect(judged(text, each(40, second([[900, 1000, 100]])), before)).toMatchObject({
    verdict: "fail",
    target: 800,
  });
  expect(judged(text, each(40, second([[700, 750, 100]])), before).verdict).toBe("inconclusive");
  expect(judged(text, each(40, second([[400, 500, 100]])), each(40, second([]))).verdict).toBe("invalid");
});

test("short phases and few requests can fail, and cannot pass", () => {
  expect(judged("completion(checkout) p95 < 1s", each(10, second([[0, 100, 100]])))).toMatchObject({
    verdict: "inconclusive",
    reason: expect.stringContaining("at least 30 s"),
  });
  expect(judged("completion(checkout) p95 < 1s", each(40, second([[0, 100, 1]])))).toMatchObject({
    verdict: "inconclusive",
    reason: expect.stringContaining("acknowledged requests are needed"),
  });
  expect(judged("completion(checkout) p95 < 1s", each(10, second([[1500, 2000, 100]]))).verdict).toBe("fail");
});

test("without looks, or without a word of the check, nothing passes", () => {
  expect(judged("completion(other) p95 < 1s", each(40, second([[0, 100, 100]])))).toMatchObject({
    verdict: "invalid",
    observed: null,
  });
  expect(judged("completion(checkout) p95 < 1s", each(40, second([]))).verdict).toBe("inconclusive");
  expect(judged("completion(stored once) p95 < 1s", each(40, second([[0, 100, 100]]))).verdict).toBe("pass");
});

test("an id that was under way when the next fault went in is bad for a pass, unless it was there in time all the same", () => {
  const completions = new PhaseCompletions({
    check: "stored once",
    request: "checkout",
    seconds: [
      second([[100, 200, 8]], { underWayMs: [50, 3000], underWayToMs: [300, 9000], underWay: [4, 2] }),
    ],
  });
  expect(completions.series(1000, "at_most")).toEqual({ due: [14], bad: [2] });
  expect(completions.series(250, "at_most")).toEqual({ due: [14], bad: [6] });
  expect(completions.series(20, "at_least")).toEqual({ due: [14], bad: [14] });
  expect(completions.quantile(0.8, "at_most")).toBe(300);
  expect(completions.quantile(0.9, "at_most")).toBe(9000);
  expect(completions.quantile(0.9, "at_least")).toBe(3000);
  expect([completions.undecided(1000), completions.undecided(4000), completions.undecided(100)]).toEqual([
    0, 2, 4,
  ]);
  expect(completions).toMatchObject({ acknowledged: 14, never: 0 });
});

test("a promise does not pass on those that were quick, and nothing is called never that was under way", () => {
  const cut = { underWayMs: [3000], underWayToMs: [12_000], underWay: [50] };
  const half = judged("completion(checkout) p95 < 9s", each(40, second([[300, 340, 50]], cut)));
  expect(half).toMatchObject({ verdict: "inconclusive", observed: 12_000 });
  expect(half.reason).toContain("2,000 were still under way when the next fault went in");
  expect(half.reason).not.toContain("is never");
  // Older records do not know when those were there.
  const older = { underWayMs: [3000], underWay: [50] };
  const all = judged("completion(checkout) p95 < 9s", each(40, second([], older)));
  expect(all).toMatchObject({ verdict: "inconclusive", observed: null });
  expect(all.reason).toContain("p95 is over 3 s");
  expect(all.reason).not.toContain("No request");
  // What was there in time in spite of the next fault is good.
  const soon = { underWayMs: [3000], underWayToMs: [4000], underWay: [50] };
  expect(judged("completion(checkout) p95 < 9s", each(40, second([[300, 340, 50]], soon))).verdict).toBe(
    "pass",
  );
});
