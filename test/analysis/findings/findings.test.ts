import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import type { FaultReport } from "../../../src/analysis/document/report.js";
import { proxyTarget } from "../../../src/faults/proof.js";
import { describeProof } from "../../../src/report/shown/fault-in-words.js";
import { buildRecord, type PhaseSketch, type RunSketch } from "../../helpers/record-builder.js";

const FAULT = "cache cut off";
const NOT_PROVEN = {
  strength: "none",
  proven: false,
  explanation: "nothing crossed the proxy",
  targets: [],
} as const;

function faultOf(during: Partial<PhaseSketch>, more: Partial<RunSketch> = {}): FaultReport {
  const report = analyse(
    buildRecord({
      slos: ["availability >= 99%", "p99 < 400ms", "recovery < 5s"],
      requests: ["browse", "checkout"],
      phases: [
        { kind: "baseline", seconds: 40 },
        { kind: "fault", fault: FAULT, seconds: 40, ...during },
        { kind: "recovery", fault: FAULT, seconds: 40 },
      ],
      ...more,
    }),
  );
  return report.faults[0]!;
}

test("of a fault that nothing met no effect is told: no change of latency, recovery, budget or comparison", () => {
  const slower = faultOf({ medianMs: 60 }, { faults: [{ name: FAULT, proof: NOT_PROVEN }] });
  expect(slower.findingIds).toEqual(["not_proven"]);
  expect(slower).toMatchObject({
    verdict: "invalid",
    comparison: [],
    errorBudget: null,
    recovery: { seconds: null },
    detection: { seconds: null },
  });
  // That requests failed is worth knowing all the same.
  const failing = faultOf({ bad: { timeout: 0.5 } }, { faults: [{ name: FAULT, proof: NOT_PROVEN }] });
  expect(failing.findingIds).toEqual(["not_proven", "failures"]);
});

test("a run that ended under a fault does not say that the fault was not proven: nobody asked", () => {
  const ending = { kind: "aborted", reason: "error_rate > 80% for 5s", atS: 55 } as const;
  const fault = faultOf({ bad: { refused: 1 } }, { faults: [{ name: FAULT, proof: null }], ending });
  expect(fault.injection).toMatchObject({ proven: false, asked: false });
  expect(describeProof(fault)).not.toContain("not proven");
  expect(describeProof(fault)).toContain("its proof not asked for");
  // What was seen until then is told.
  expect(fault.findingIds).toContain("failures");
});

test("requests that all waited until the load gave up speak of a missing timeout in the service", () => {
  const all = faultOf({ bad: { timeout: 1 } });
  const finding = (fault: FaultReport) =>
    fault.findings[fault.findingIds?.indexOf("no_client_timeout") ?? -1] ?? null;
  expect(finding(all)).toMatch(/^Every request waited the whole timeout of 1 s: .*timeout of its own/);
  const one = faultOf({ of: { checkout: { bad: { timeout: 1 } } } });
  expect(finding(one)).toMatch(/^Every request of "checkout" waited the whole timeout/);
  expect(finding(faultOf({ bad: { timeout: 0.5 } }))).toBeNull();
  // The load goes through the proxy itself: it was the load that waited.
  const before = (listen: string) => {
    const traffic = { listen, upstream: "127.0.0.1:1", baseline: null, fault: null };
    const targets = [proxyTarget({ proxy: "front", toxics: [], isEnabled: true, traffic })];
    const proof = { strength: "observed", proven: true, explanation: "front: as told", targets } as const;
    return faultOf({ bad: { timeout: 1 } }, { faults: [{ name: FAULT, proof }] });
  };
  expect(finding(before("127.0.0.1:3001"))).not.toBeNull();
  expect(finding(before("127.0.0.1:3000"))).toBeNull();
});

test("a finding shows how a bad answer began, of the most frequent reason that has one to read", () => {
  const fault = faultOf({
    bad: { http_error: 0.5 },
    reasons: { "status 502": 900, "status 503": 800, "status 500": 300 },
    samples: [
      { reason: "status 500", request: "browse", status: 500, body: "oops" },
      { reason: "status 502", request: "browse", status: 502, body: "" },
      { reason: "status 503", request: "checkout", status: 503, body: '{"error":"no stock"}' },
    ],
  });
  expect(fault.findings).toContain('An answer to "checkout" with status 503 began: {"error":"no stock"}');
});

test("a run that failed by few requests scores no better than one that passed may look bad", () => {
  const score = (bad: number, evidence: "interval" | "observed" = "interval") =>
    analyse(
      buildRecord({
        ratePerS: 300,
        evidence,
        slos: ["availability >= 99%"],
        phases: [
          { kind: "baseline", seconds: 40 },
          { kind: "fault", fault: FAULT, seconds: 40, bad: { http_error: bad } },
          { kind: "recovery", fault: FAULT, seconds: 40 },
        ],
      }),
    );
  const failed = score(0.08);
  expect(failed.verdict).toBe("fail");
  expect(failed.score?.value).toBe(49);
  const passed = score(0);
  expect(passed.verdict).toBe("pass");
  expect(passed.score?.value).toBe(100);
  for (const { score: shown } of [failed, passed]) {
    expect(shown?.explanation).toContain("about answers as callers saw them");
  }
});

test("a fault that waited for its requests says how long it was in place, and how long it was planned", () => {
  const plain = buildRecord({
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: FAULT, seconds: 40 },
      { kind: "recovery", fault: FAULT, seconds: 40 },
    ],
  });
  const removedLater = (byS: number): FaultReport => {
    const faults = plain.faults.map((each) => ({ ...each, removedAtS: each.removedAtS! + byS }));
    return analyse({ ...plain, faults }).faults[0]!;
  };
  const late = removedLater(4.2);
  expect(late.heldLonger).toEqual({ plannedS: 40, heldS: 44.2 });
  expect(late.findings[late.findingIds?.indexOf("held_longer") ?? -1]).toMatch(
    /in place for 44\.2 s instead of 40 s/,
  );
  // Any change takes a moment.
  expect(removedLater(0.9).findingIds).not.toContain("held_longer");
  expect(removedLater(0.9).heldLonger).toBeUndefined();
});

test("what a finding says stands beside it as data", () => {
  const fault = faultOf({ bad: { timeout: 1 } });
  const factsOf = (id: string) => fault.findingFacts?.[fault.findingIds?.indexOf(id) ?? -1];
  expect(fault.findingFacts).toHaveLength(fault.findings.length);
  const requests = factsOf("failures")?.requests;
  expect(factsOf("failures")).toMatchObject({
    failed: requests,
    outcomes: { timeout: requests },
    isNew: false,
  });
  expect(factsOf("latency")).toMatchObject({ quantile: 0.99, duringMs: "inf", countedFrom: "due" });
  expect(factsOf("no_client_timeout")).toMatchObject({ requests: ["browse", "checkout"] });
});

test("what a first try saw that was measured again is told, and first of all where it was worse", () => {
  const first = (recoveryFailed: number) => ({
    fault: { scheduled: 400, failed: 3, durationS: 4 },
    recovery: { scheduled: 1760, failed: recoveryFailed, durationS: 44 },
  });
  const worse = faultOf({}, { faults: [{ name: FAULT, firstTry: first(1220) }] });
  expect(worse.findingIds?.[0]).toBe("measured_twice");
  expect(worse.findings[0]).toBe(
    "Measured twice, as the load generator was late. In the first try 3 of 400 requests failed while the fault was on, and 1,220 of 1,760 requests failed in the 44 s after it. The verdicts are those of the second try.",
  );
  expect(worse.findingIds).not.toContain("absorbed");
  const alike = faultOf({}, { faults: [{ name: FAULT, firstTry: first(2) }] });
  expect(alike.findingIds).toEqual(["measured_twice", "absorbed"]);
  expect(faultOf({}).findingIds).toEqual(["absorbed"]);
});

test("callers noticed something where any more failed than before, be they ever so few", () => {
  const few = { bad: { http_error: 0.0005 } };
  const during = faultOf(few);
  expect(during.findingIds).toContain("failures");
  expect(during.findingIds).not.toContain("absorbed");
});
