import { describe, expect, it } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { slosForRecord } from "../../../src/analysis/slo/slos-for-record.js";
import { targetLines } from "../../../src/live/watch/target-lines.js";
import { parseRecord } from "../../../src/measure/read-record.js";
import type { RunRecord } from "../../../src/measure/record.js";
import { htmlReporter } from "../../../src/report/html/html.js";
import { pageData } from "../../../src/report/html/page-data.js";
import { markdownReporter } from "../../../src/report/markdown/markdown.js";
import { buildRecord, type Condition, type RunSketch } from "../../helpers/record-builder.js";

const FAULT = "slow cache";
/** 2 s, as far as the histogram's three digits tell. */
const TIMEOUT_MS = expect.closeTo(2000, -1);

/** A fault of 40 s at 100 requests a second, with a recovery in which 1 in 100 fails quickly. */
function run(
  slo: string,
  fault: Condition,
  { recovery = {}, ...sketch }: Partial<RunSketch> & { readonly recovery?: Condition } = {},
): RunRecord {
  const record = buildRecord({
    slos: [slo],
    timeoutMs: 2000,
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: FAULT, seconds: 40, ...fault },
      { kind: "recovery", fault: FAULT, seconds: 40, ...recovery },
    ],
    ...sketch,
  });
  return parseRecord(JSON.stringify(record), "record.json");
}

function judged(record: RunRecord) {
  const [slo] = analyse(record).faults[0]?.slos ?? [];
  return slo;
}

describe("how long failures take, as a promise", () => {
  it("is kept by failures that come at once, and broken by those that take their time", () => {
    const quick = judged(run("failed.p90 < 300ms", { bad: { http_error: 0.4 }, failedAfterMs: 20 }));
    expect(quick).toMatchObject({ verdict: "pass", unit: "ms", target: 300, counts: { bad: 0 } });
    expect(quick?.observed).toBeGreaterThan(20);
    expect(quick?.observed).toBeLessThan(60);
    const [lower, upper] = quick?.interval ?? [];
    expect(lower).toBeLessThanOrEqual(Number(quick?.observed));
    expect(upper).toBeGreaterThanOrEqual(Number(quick?.observed));

    const slow = judged(run("failed.p99 < 300ms", { bad: { http_error: 0.2 }, failedAfterMs: 900 }));
    expect(slow?.verdict).toBe("fail");
    expect(slow?.reason).toMatch(/^All \d+ failed requests took 300 ms or longer to fail; 1% may\.$/);
  });

  it("says nothing of requests that are answered, however slow and however few", () => {
    const slow = run("failed.p50 < 300ms", {
      medianMs: 1500,
      spread: 0.05,
      bad: { reset: 0.3 },
      failedAfterMs: 10,
    });
    expect(judged(slow)?.verdict).toBe("pass");
  });

  it("is broken by timeouts as long as the promise", () => {
    const timeouts = { bad: { timeout: 0.3 }, failedAfterMs: 10 };
    expect(judged(run("failed.p90 < 2s", timeouts))).toMatchObject({
      verdict: "fail",
      observed: TIMEOUT_MS,
    });
  });

  it("holds where no request failed, and says so", () => {
    expect(judged(run("failed.p99 < 300ms", {}))).toMatchObject({
      verdict: "pass",
      observed: null,
      counts: { bad: 0, total: 0 },
      reason: "No request that was sent failed, so none took long to fail.",
    });
    // Nobody waited for the failure of a request that was never sent.
    expect(judged(run("failed.p99 < 300ms", { bad: { unsent: 0.1 } }))?.verdict).toBe("pass");
  });

  it("is undecided with few failures, which failed.max is not", () => {
    const few = { bad: { http_error: 0.01 }, failedAfterMs: 20 };
    const percentile = judged(run("failed.p99 < 300ms", few));
    expect(percentile?.verdict).toBe("inconclusive");
    expect(percentile?.reason).toMatch(
      /^failed\.p99 exists from 100 failed requests on, and there were \d+\.$/,
    );
    expect(judged(run("failed.max < 300ms", few))?.verdict).toBe("pass");
    expect(judged(run("failed.max < 30ms", { ...few, failedAfterMs: 29 }))?.verdict).toBe("fail");
    const some = judged(run("failed.p99 < 300ms", { bad: { http_error: 0.05 }, failedAfterMs: 20 }));
    expect(some?.reason).toMatch(/failed requests are needed to show it in 40 s: promise failed\.max/);
    const enough = { bad: { http_error: 0.01 }, failedAfterMs: 900 };
    expect(judged(run("failed.p99 < 300ms", enough))?.verdict).toBe("fail");
  });

  it("is not blamed on the system where the load generator was late, unless failures took longer than that explains", () => {
    const late = { bad: { http_error: 0.4 }, lagMs: 400 };
    expect(judged(run("failed.p99 < 300ms", { ...late, failedAfterMs: 600 }))?.verdict).toMatch(
      /^(inconclusive|invalid)$/,
    );
    expect(judged(run("failed.p99 < 300ms", { ...late, failedAfterMs: 1900, spread: 0.01 }))?.verdict).toBe(
      "fail",
    );
  });

  it("is of one request, and of the phases that are named", () => {
    const apart: Condition = {
      of: {
        browse: { bad: { http_error: 0.3 }, failedAfterMs: 900 },
        checkout: { bad: { http_error: 0.9 }, failedAfterMs: 20 },
      },
    };
    const requests = ["browse", "checkout"];
    expect(judged(run("failed.p90(checkout) < 300ms", apart, { requests }))?.verdict).toBe("pass");
    expect(judged(run("failed.p90(browse) < 300ms", apart, { requests }))?.verdict).toBe("fail");
    const recovery = { bad: { http_error: 0.3 }, failedAfterMs: 900 };
    const slo = "failed.p99 < 300ms in recovery";
    expect(judged(run(slo, {}, { recovery }))).toMatchObject({ phase: "recovery", verdict: "fail" });
  });

  it("is no reason to say that a system has not recovered", () => {
    const recovery = { bad: { http_error: 0.3 }, failedAfterMs: 900 };
    const record = run("failed.p99 < 300ms", {}, { recovery });
    expect(analyse(record).faults[0]?.verdict).toBe("pass");
  });

  it("cannot be judged on a record that does not know, nor by a limit that was not counted", () => {
    const older = run("failed.p99 < 300ms", { bad: { http_error: 0.2 } });
    expect(judged(older)).toMatchObject({
      verdict: "invalid",
      reason: "How many took 300 ms or longer to fail was not counted in this run.",
    });
    const record = run("failed.p99 < 300ms", { bad: { http_error: 0.2 }, failedAfterMs: 20 });
    expect(() => slosForRecord(["failed.p99 < 20ms"], record)).toThrow(
      /which failures took 20 ms or longer to fail was not counted/,
    );
    // Nothing came near it.
    expect(slosForRecord(["failed.p90 < 1s"], record)).toHaveLength(1);
  });

  it("contradicts no count of its own record", () => {
    const record = JSON.parse(
      JSON.stringify(run("failed.p99 < 300ms", { bad: { http_error: 0.2 }, failedAfterMs: 20 })),
    );
    record.phases[1].all.timeToFailure.slow[0].due[3] = 1000;
    expect(() => parseRecord(JSON.stringify(record), "record.json")).toThrow(
      /in second 3, more failures took/,
    );
    record.phases[1].all.timeToFailure.slow[0].due[3] = 0;
    delete record.phases[1].all.timeToFailure.byOutcome.http_error;
    expect(() => parseRecord(JSON.stringify(record), "record.json")).toThrow(/"timeToFailure" holds 0/);
  });
});

describe("a promise on failures", () => {
  it("is no part of the score, and no line in a chart of answers", () => {
    const record = run("failed.p99 < 300ms", { bad: { http_error: 0.4 }, failedAfterMs: 900 });
    const report = analyse(record);
    expect(report.score).toBeNull();
    expect(pageData(report, record).latencyLines).toEqual([]);
    expect(targetLines(record.slos, "ms", [])).toEqual([]);
  });
});

describe("how long failures took, in reports", () => {
  const record = run("availability >= 99%", {
    bad: { http_error: 0.2, timeout: 0.05 },
    failedAfterMs: 30,
  });

  it("stands beside what failed, in the finding and in the numbers of the phase", () => {
    const report = analyse(record);
    const [fault] = report.faults;
    const at = fault?.findingIds?.indexOf("failures") ?? -1;
    expect(fault?.findings[at]).toMatch(/They took p50 3\d(\.\d+)? ms, p99 2 s to fail\.$/);
    expect(fault?.findingFacts?.[at]).toMatchObject({ failedAfterMaxMs: TIMEOUT_MS });
    const phase = report.phases.find(({ kind }) => kind === "fault");
    expect(phase?.timeToFailure).toMatchObject({
      requests: phase!.requests.http_error + phase!.requests.timeout,
      ms: { max: TIMEOUT_MS },
      byOutcome: { timeout: { requests: phase!.requests.timeout, p50: TIMEOUT_MS, max: TIMEOUT_MS } },
    });
    expect(report.phases.find(({ kind }) => kind === "baseline")?.timeToFailure).toBeUndefined();
    const files = { record, report, baseUrl: null };
    expect(markdownReporter.render(files)).toMatch(/\| failed after, p50 \| p99 of these \|\n/);
    expect(htmlReporter.render(files)).toContain("failed after, p50");
  });

  it("are called slow only where half of them take far longer than an answer usually does", () => {
    const found = (condition: Condition) =>
      analyse(run("availability >= 99%", condition)).faults[0]?.findingIds?.includes("slow_failures");
    expect(found({ bad: { http_error: 0.2 }, failedAfterMs: 900 })).toBe(true);
    expect(found({ bad: { http_error: 0.2 }, failedAfterMs: 100 })).toBe(false);
    expect(found({ bad: { http_error: 0.002 }, failedAfterMs: 900 })).toBe(false);
    // That the service has no timeout of its own is said already.
    expect(found({ bad: { timeout: 1 }, failedAfterMs: 900 })).toBe(false);
  });
});
