/** The verdict of a run, its exit code, and why. */

import { topReason } from "../measure/outcome.js";
import type { RunRecord } from "../measure/record.js";
import type { Slo } from "../slo/slo.js";
import { ERRORS, EXIT } from "../support/errors.js";
import { type Conclusion, withChecks } from "./checks/conclude-checks.js";
import type { CheckReport, FaultReport, Reason, Report, RunVerdict, SloResult } from "./document/report.js";
import { excess, tellingResult, useOfLimit } from "./document/telling-result.js";
import { worst } from "./document/verdict.js";
import { faultAtEnd } from "./fault/fault-at-end.js";
import { serviceDeath } from "./fault/service-death.js";
import { idleCloses } from "./findings/idle-closes.js";
import { mostlyNewStatus, redirectAdvice } from "./findings/statuses.js";
import { refusedUpstreams } from "./findings/upstreams.js";
import { mayBeSlowness, saturatedMachine } from "./measurement/saturation.js";
import { reason } from "./reasons/reasons.js";
import { whyBroken } from "./reasons/why-broken.js";
import { mostlyDegraded } from "./wording/degraded.js";
import { changeOf } from "./wording/what-became.js";

export function conclude(
  record: RunRecord,
  slos: readonly Slo[],
  baseline: Report["baseline"],
  faults: readonly FaultReport[],
  checks: readonly CheckReport[] = [],
): Conclusion {
  const { ending } = record;
  switch (ending.kind) {
    case "interrupted":
      return {
        verdict: "aborted",
        exitCode: EXIT.interrupted,
        because: [reason("interrupted", { why: ending.reason, ...whenIn(ending.atS, faults) })],
      };
    case "aborted":
      return {
        verdict: "aborted",
        exitCode: EXIT.sloBroken,
        because: [
          reason("aborted", { why: ending.reason, ...whenIn(ending.atS, faults) }),
          ...whyBeforeFaults(record, faults),
        ],
      };
    case "failed": {
      const death = serviceDeath(record);
      if (death === null) {
        const facts = { code: ending.code, message: ending.reason };
        const because = [reason("could_not_run", facts)];
        return { verdict: "invalid", exitCode: exitCodeOf(ending.code), because };
      }
      const where = reason("in_fault", { fault: death.fault });
      return { verdict: "fail", exitCode: EXIT.sloBroken, because: [where, death.because] };
    }
    case "completed": {
      const ofSlos = concludeCompleted(record, slos, baseline, faults);
      return checks.length === 0 ? ofSlos : withChecks(ofSlos, checks);
    }
  }
}

/** The fault that was in place at the end. */
function whenIn(atS: number, faults: readonly FaultReport[]) {
  const found = faultAtEnd(faults, atS);
  return { fault: found?.name ?? null, intoS: found?.intoS ?? null };
}

/** Why requests failed in a run that ended before any fault. With a fault, the fault's own findings say it. */
function whyBeforeFaults({ phases }: RunRecord, faults: readonly FaultReport[]): readonly Reason[] {
  const last = phases.at(-1);
  const top =
    last && faults.every(({ injectedAtS }) => injectedAtS === null) ? topReason(last.reasons) : null;
  return top === null ? [] : [reason("failed_most_often_by", { failure: top })];
}

type BaselineFailures = (broken: SloResult) => readonly Reason[];

/** The most frequent reason for failures. Only where failures broke the SLO, not slowness. */
function baselineFailures({ phases }: RunRecord): BaselineFailures {
  const baseline = phases.find(({ kind }) => kind === "baseline");
  const top = baseline ? topReason(baseline.reasons) : null;
  if (!baseline || top === null) return () => [];
  const closes = idleCloses(baseline.reasons);
  const idle = closes === null ? [] : [closes];
  const failed = Object.values(baseline.reasons).reduce((all, each) => all + each, 0);
  const advice = redirectAdvice(baseline);
  return ({ counts, mostlyOf }) => {
    if (counts === null || failed < counts.bad / 2) return [];
    if (advice !== null) return [advice];
    // What is said of one request name already has the reason. Only what is new is added.
    return mostlyOf?.failedBy === top ? idle : [reason("failed_most_often_by", { failure: top }), ...idle];
  };
}

/** Names dependencies that are not there. */
function baselineUpstreams({ phases }: RunRecord): readonly Reason[] {
  const baseline = phases.find(({ kind }) => kind === "baseline");
  return baseline ? refusedUpstreams(baseline) : [];
}

function baselineMachine(record: RunRecord, broken: SloResult): readonly Reason[] {
  const baseline = record.phases.find(({ kind }) => kind === "baseline");
  const found = baseline && mayBeSlowness(broken, baseline) ? saturatedMachine(baseline, record) : null;
  return found === null ? [] : [found];
}

function exitCodeOf(code: string): number {
  // A record may be newer than this table.
  const known: Readonly<Record<string, { readonly exitCode: number }>> = ERRORS;
  return known[code]?.exitCode ?? EXIT.environment;
}

function concludeCompleted(
  record: RunRecord,
  slos: readonly Slo[],
  baseline: Report["baseline"],
  faults: readonly FaultReport[],
): Conclusion {
  if (slos.length === 0) return undecided("inconclusive", [reason("no_slo", {})]);
  const { timeoutMs } = record.load;
  const broken = tellingResult(baseline.slos, "fail");
  const how = broken
    ? [
        ...whyBroken(broken, timeoutMs),
        ...baselineFailures(record)(broken),
        ...baselineUpstreams(record),
        ...baselineMachine(record, broken),
      ]
    : [];
  if (broken && faults.length > 0) {
    const injected = faults.some(({ injectedAtS }) => injectedAtS !== null);
    const because = [reason("baseline_broken", { injected }), ...how];
    return { verdict: "invalid", exitCode: EXIT.environment, because };
  }
  const failed = faults.filter(({ verdict }) => verdict === "fail");
  const first = mostBroken(failed);
  if (first) {
    const counts = { broken: failed.length, of: faults.length };
    const more = failed.length > 1 ? [reason("faults_broke", counts)] : [];
    return {
      verdict: "fail",
      exitCode: EXIT.sloBroken,
      because: [inFault(first.name, faults), ...(first.because ?? []), ...more],
      reasonFaults: [first.name],
    };
  }
  if (broken) {
    return { verdict: "fail", exitCode: EXIT.sloBroken, because: [NO_FAULT, ...how] };
  }
  if (faults.length === 0 && baseline.slos.length === 0) {
    return undecided("inconclusive", [reason("nothing_judged", {})]);
  }
  const verdict = worst([baseline.verdict, ...faults.map((fault) => fault.verdict)]);
  if (verdict === "pass") {
    const because = faults.length === 0 ? heldUnderLoad(baseline, timeoutMs) : whatHeld(faults, timeoutMs);
    const reasonFaults = faults.filter(({ search }) => search !== null).map(({ name }) => name);
    return { verdict: "pass", exitCode: EXIT.ok, because, reasonFaults };
  }
  const [open] = faults.filter((fault) => fault.verdict === verdict);
  if (open && open.verdict !== "pass") {
    const kind = verdict === "invalid" ? "invalid" : "inconclusive";
    const because = [inFault(open.name, faults), ...(open.because ?? [])];
    return { ...undecided(kind, because), reasonFaults: [open.name] };
  }
  const ofSlo = baseline.slos.find((slo) => slo.verdict === verdict)?.because;
  const where = faults.length === 0 ? NO_FAULT : reason("in_baseline", {});
  const because = [where, ...(ofSlo ?? [reason("baseline_not_run", {})])];
  return undecided(verdict === "invalid" ? "invalid" : "inconclusive", because);
}

/** Begins the sentence on a load test. */
const NO_FAULT = reason("without_fault", {});

function heldUnderLoad({ slos }: Report["baseline"], timeoutMs: number): readonly Reason[] {
  const near = nearLimit(tellingResult(slos, "pass"), null, timeoutMs);
  return [reason("held_under_load", {}), ...near];
}

/** The margin of a pass: the held SLO that had the least room left. @returns [] when no SLO came near its limit. */
function nearest(faults: readonly FaultReport[], timeoutMs: number): readonly Reason[] {
  const all = faults.flatMap(({ name, slos }) => slos.map((slo) => ({ name, slo })));
  const slo = tellingResult(
    all.map(({ slo }) => slo),
    "pass",
  );
  return nearLimit(slo, all.find((one) => one.slo === slo)?.name ?? null, timeoutMs);
}

function nearLimit(slo: SloResult | undefined, fault: string | null, timeoutMs: number): readonly Reason[] {
  const change = slo && useOfLimit(slo) >= NEAR_LIMIT ? changeOf(slo, timeoutMs) : null;
  return change === null ? [] : [reason("nearest", { ...change, fault })];
}

/** An SLO that used less than this share of what it allows did not come near its limit. */
const NEAR_LIMIT = 0.1;

/** The fault whose SLO is farthest beyond its limit. The first one when several are equal. */
function mostBroken(failed: readonly FaultReport[]): FaultReport | undefined {
  const broken = (fault: FaultReport) => {
    const slo = tellingResult(fault.slos, "fail");
    return slo ? excess(slo) : 0;
  };
  return failed.reduce<FaultReport | undefined>(
    (most, fault) => (most && broken(most) >= broken(fault) ? most : fault),
    undefined,
  );
}

/** For a search: what it found. For SLOs that held: how near they came to their limits. */
function whatHeld(faults: readonly FaultReport[], timeoutMs: number): readonly Reason[] {
  const found = faults.flatMap(({ search, because = [] }) => (search === null ? [] : because));
  const held = faults.filter(({ search }) => search === null);
  if (held.length === 0) return found;
  const all = reason("held_in_faults", { faults: held.length });
  return [all, ...held.flatMap(mostlyOther), ...nearest(held, timeoutMs), ...found];
}

/** A pass is worth a look when most answers had another status than before, or were degraded. */
function mostlyOther({
  name,
  newStatuses = [],
  inReason = [],
  findingFacts = [],
}: FaultReport): readonly Reason[] {
  const status = inReason.includes("new_status") ? mostlyNewStatus(newStatuses, 0) : null;
  const share = mostlyDegraded(findingFacts);
  const mostly = status ?? (share === null ? null : reason("mostly_degraded", { share }));
  return mostly === null ? [] : [reason("in_fault", { fault: name }), mostly];
}

/** Begins what is said of one fault. With several faults it says how many were decided, unless all were. */
function inFault(fault: string, faults: readonly FaultReport[]): Reason {
  const decided = faults.filter(({ verdict }) => verdict === "pass" || verdict === "fail").length;
  return faults.length < 2 || decided === faults.length
    ? reason("in_fault", { fault })
    : reason("some_decided", { fault, decided, of: faults.length });
}

function undecided(
  verdict: Extract<RunVerdict, "inconclusive" | "invalid">,
  because: readonly Reason[],
): Conclusion {
  return { verdict, exitCode: EXIT.undecided, because };
}
