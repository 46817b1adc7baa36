/** The verdict of a run, its exit code, and one sentence that says why. */

import { topReason } from "../measure/outcome.js";
import type { RunRecord } from "../measure/record.js";
import type { Slo } from "../slo/slo.js";
import { ERRORS, EXIT } from "../support/errors.js";
import { type Conclusion, withChecks } from "./checks/conclude-checks.js";
import type { CheckReport, FaultReport, Report, RunVerdict, SloResult } from "./document/report.js";
import { excess, tellingResult, useOfLimit } from "./document/telling-result.js";
import { worst } from "./document/verdict.js";
import { faultAtEnd } from "./fault/fault-at-end.js";
import { serviceDeath } from "./fault/service-death.js";
import { idleCloses } from "./findings/idle-closes.js";
import { mostlyNewStatus, redirectAdvice } from "./findings/statuses.js";
import { refusedUpstreams } from "./findings/upstreams.js";
import { mayBeSlowness, saturatedMachine } from "./measurement/saturation.js";
import { mostlyDegraded } from "./wording/degraded.js";
import { whatBecame, whatBroke } from "./wording/what-became.js";
import { sentence } from "./wording/wording.js";

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
        reason: `Interrupted${whenIn(ending.atS, faults)}: ${sentence(ending.reason)}`,
      };
    case "aborted":
      return {
        verdict: "aborted",
        exitCode: EXIT.sloBroken,
        reason: `The run was aborted${whenIn(ending.atS, faults)}: ${sentence(ending.reason)}${whyBeforeFaults(record, faults)}`,
      };
    case "failed": {
      const death = serviceDeath(record);
      return death === null
        ? { verdict: "invalid", exitCode: exitCodeOf(ending.code), reason: ending.reason }
        : { verdict: "fail", exitCode: EXIT.sloBroken, reason: `In "${death.fault}": ${death.reason}` };
    }
    case "completed": {
      const ofSlos = concludeCompleted(record, slos, baseline, faults);
      return checks.length === 0 ? ofSlos : withChecks(ofSlos, checks);
    }
  }
}

/** " 2.1 s into "cache cut off"": the fault that was in place at the end. @returns "" when there was none. */
function whenIn(atS: number, faults: readonly FaultReport[]): string {
  const fault = faultAtEnd(faults, atS);
  if (fault === null) return "";
  return fault.into === null
    ? ` in the recovery from "${fault.name}"`
    : ` ${fault.into} into "${fault.name}"`;
}

/** Why requests failed in a run that ended before any fault. With a fault, the fault's own findings say it. */
function whyBeforeFaults({ phases }: RunRecord, faults: readonly FaultReport[]): string {
  const last = phases.at(-1);
  const top =
    last && faults.every(({ injectedAtS }) => injectedAtS === null) ? topReason(last.reasons) : null;
  return top === null ? "" : ` Requests failed most often by "${top}".`;
}

type BaselineFailures = (broken: SloResult) => string;

/** The most frequent reason for failures, to add to the sentence. Only where failures broke the SLO, not slowness. */
function baselineFailures({ phases }: RunRecord): BaselineFailures {
  const baseline = phases.find(({ kind }) => kind === "baseline");
  const top = baseline ? topReason(baseline.reasons) : null;
  if (!baseline || top === null) return () => "";
  const closes = idleCloses(baseline.reasons);
  const idle = closes === null ? "" : ` ${closes}`;
  const failed = Object.values(baseline.reasons).reduce((all, each) => all + each, 0);
  const advice = redirectAdvice(baseline);
  return ({ counts, mostlyOf }) => {
    if (counts === null || failed < counts.bad / 2) return "";
    if (advice !== null) return ` ${advice}`;
    // The sentence on one request name already has the reason. Only what is new is added.
    return mostlyOf?.failedBy === top ? idle : ` Requests failed most often by "${top}".${idle}`;
  };
}

/** Names dependencies that are not there. */
function baselineUpstreams({ phases }: RunRecord): string {
  const baseline = phases.find(({ kind }) => kind === "baseline");
  const refused = baseline ? refusedUpstreams(baseline) : null;
  return refused === null ? "" : ` ${refused}`;
}

function baselineMachine(record: RunRecord, broken: SloResult): string {
  const baseline = record.phases.find(({ kind }) => kind === "baseline");
  const found = baseline && mayBeSlowness(broken, baseline) ? saturatedMachine(baseline, record) : null;
  return found === null ? "" : ` ${found}`;
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
  if (slos.length === 0) return undecided("inconclusive", "There is no SLO, so nothing was promised.");
  const { timeoutMs } = record.load;
  const broken = tellingResult(baseline.slos, "fail");
  const how = broken
    ? `${whatBroke(broken, timeoutMs)}${baselineFailures(record)(broken)}${baselineUpstreams(record)}${baselineMachine(record, broken)}`
    : "";
  if (broken && faults.length > 0) {
    const so = faults.some(({ injectedAtS }) => injectedAtS !== null)
      ? "nothing can be said of faults"
      : "no fault was injected";
    const reason = `The baseline itself does not hold, so ${so}: ${how}`;
    return { verdict: "invalid", exitCode: EXIT.environment, reason };
  }
  const failed = faults.filter(({ verdict }) => verdict === "fail");
  const first = mostBroken(failed);
  if (first) {
    const more = failed.length > 1 ? ` ${someOf(failed.length, faults.length)} faults broke SLOs.` : "";
    return {
      verdict: "fail",
      exitCode: EXIT.sloBroken,
      reason: `${inFault(first.name, faults)}: ${first.reason}${more}`,
      reasonFaults: [first.name],
    };
  }
  if (broken) {
    return { verdict: "fail", exitCode: EXIT.sloBroken, reason: `${NO_FAULT} ${how}` };
  }
  if (faults.length === 0 && baseline.slos.length === 0) {
    return undecided(
      "inconclusive",
      "No SLO is about the load alone, and no fault was planned: nothing was judged.",
    );
  }
  const verdict = worst([baseline.verdict, ...faults.map((fault) => fault.verdict)]);
  if (verdict === "pass") {
    const reason = faults.length === 0 ? heldUnderLoad(baseline, timeoutMs) : whatHeld(faults, timeoutMs);
    const reasonFaults = faults.filter(({ search }) => search !== null).map(({ name }) => name);
    return { verdict: "pass", exitCode: EXIT.ok, reason, reasonFaults };
  }
  const [open] = faults.filter((fault) => fault.verdict === verdict);
  if (open && open.verdict !== "pass") {
    const kind = verdict === "invalid" ? "invalid" : "inconclusive";
    const reason = `${inFault(open.name, faults)}: ${open.reason}`;
    return { ...undecided(kind, reason), reasonFaults: [open.name] };
  }
  const reason = baseline.slos.find((slo) => slo.verdict === verdict)?.reason ?? "It was not run.";
  const where = faults.length === 0 ? NO_FAULT : "In the baseline:";
  return undecided(verdict === "invalid" ? "invalid" : "inconclusive", `${where} ${reason}`);
}

/** Begins the sentence on a load test. */
const NO_FAULT = "Without a fault:";

function heldUnderLoad({ slos }: Report["baseline"], timeoutMs: number): string {
  const slo = tellingResult(slos, "pass");
  const change = slo && useOfLimit(slo) >= NEAR_LIMIT ? whatBecame(slo, timeoutMs) : null;
  const near = change === null ? "" : ` Nearest to its limit: ${change}.`;
  return `Every SLO held under this load, without any fault.${near}`;
}

/** The margin of a pass: the held SLO that had the least room left. @returns "" when no SLO came near its limit. */
function nearest(faults: readonly FaultReport[], timeoutMs: number): string {
  const all = faults.flatMap(({ name, slos }) => slos.map((slo) => ({ name, slo })));
  const slo = tellingResult(
    all.map(({ slo }) => slo),
    "pass",
  );
  const fault = all.find((one) => one.slo === slo)?.name;
  const change = slo && useOfLimit(slo) >= NEAR_LIMIT ? whatBecame(slo, timeoutMs) : null;
  return change === null ? "" : ` Nearest to its limit, in "${fault}": ${change}.`;
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
function whatHeld(faults: readonly FaultReport[], timeoutMs: number): string {
  const found = faults.flatMap(({ search, reason }) => (search === null ? [] : [reason])).join(" ");
  const held = faults.filter(({ search }) => search === null);
  if (held.length === 0) return found;
  const where =
    held.length === 1 ? "the one fault" : held.length === 2 ? "both faults" : `all ${held.length} faults`;
  const answers = held.flatMap(mostlyOther).join("");
  return `Every SLO held in ${where}.${answers}${nearest(held, timeoutMs)}${found && ` ${found}`}`;
}

/** A pass is worth a look when most answers had another status than before, or were degraded. */
function mostlyOther({ name, newStatuses = [], inReason = [], findingFacts = [] }: FaultReport): string[] {
  const status = inReason.includes("new_status") ? mostlyNewStatus(newStatuses, 0) : null;
  const mostly = status ?? mostlyDegraded(findingFacts);
  return mostly === null ? [] : [` In "${name}": ${mostly}`];
}

/** Begins the sentence on one fault. With several faults it says how many were decided, unless all were. */
function inFault(name: string, faults: readonly FaultReport[]): string {
  const decided = faults.filter(({ verdict }) => verdict === "pass" || verdict === "fail").length;
  if (faults.length < 2 || decided === faults.length) return `In "${name}"`;
  return `${decided} of ${faults.length} faults decided; in "${name}"`;
}

function someOf(count: number, all: number): string {
  if (count < all) return `${count} of ${all}`;
  return all === 2 ? "Both" : `All ${all}`;
}

function undecided(verdict: Extract<RunVerdict, "inconclusive" | "invalid">, reason: string): Conclusion {
  return { verdict, exitCode: EXIT.undecided, reason };
}
