import type { Verdict } from "../analysis/document/report.js";
import { worst } from "../analysis/document/verdict.js";
import type { Change } from "./changes.js";
import { type Evidence, isFault, isScenario, newestEvidence, verdictOn } from "./evidence.js";
import type { PlacedLine } from "./read-ledger.js";
import type { Requirement } from "./requirements.js";

/** What stands in the way, from worst to least; `held` does not. */
export const GATE_STATUSES = ["broken", "undecided", "missing", "changed", "old", "future", "held"] as const;
export type GateStatus = (typeof GATE_STATUSES)[number];

/** What the ledger knows of one thing that was asked for. */
export interface GateItem {
  readonly status: GateStatus;
  readonly dependency: string | null;
  readonly fault: string | null;
  readonly request: string | null;
  /** null: missing, whatever the scenario. */
  readonly scenario: string | null;
  readonly verdict: Verdict | null;
  readonly evidence: Evidence | null;
  readonly ageMs: number | null;
  readonly maxAgeMs: number | null;
  /** Since the evidence; empty where nobody asked. */
  readonly changes: readonly Change[];
  readonly requirement: Requirement | null;
}

export interface GateQuestion {
  /** null: whatever the ledger tells of. */
  readonly requirements: readonly Requirement[] | null;
  /** null: any age does. */
  readonly maxAgeMs: number | null;
  readonly nowMs: number;
  /** @returns what has changed since a run; nothing where nobody asked. */
  readonly changesSince: (from: PlacedLine) => readonly Change[];
}

/** Clocks of two machines are not that far apart. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * Answers for each thing that was asked for whether it has evidence that holds, the worst first. Of several scenarios that
 * tell of the same, all must hold.
 */
export function judgeGate(lines: readonly PlacedLine[], question: GateQuestion): readonly GateItem[] {
  const evidence = newestEvidence(lines);
  const { requirements } = question;
  const items = requirements
    ? requirements.flatMap((requirement) => itemsFor(requirement, evidence, question))
    : evidence.map((one) => itemOf(one, one.verdict, null, question));
  return [...items].sort((a, b) => GATE_STATUSES.indexOf(a.status) - GATE_STATUSES.indexOf(b.status));
}

function itemsFor(
  requirement: Requirement,
  evidence: readonly Evidence[],
  question: GateQuestion,
): readonly GateItem[] {
  const { dependency, fault, scenario, request } = requirement;
  const telling = evidence.flatMap((one) => {
    if (one.dependency !== dependency || !isFault(one, fault)) return [];
    if (scenario !== null && !isScenario(one, scenario)) return [];
    const verdict = request === null ? one.verdict : onRequest(one, request);
    return verdict === null ? [] : [itemOf(one, verdict, requirement, question)];
  });
  if (telling.length > 0) return telling;
  return [
    {
      status: "missing",
      dependency,
      fault,
      request,
      scenario,
      verdict: null,
      evidence: null,
      ageMs: null,
      maxAgeMs: null,
      changes: [],
      requirement,
    },
  ];
}

/** Where the injection was not proven, no SLO of it is evidence. */
function onRequest(evidence: Evidence, request: string): Verdict | null {
  const own = verdictOn(evidence, request);
  if (own === null) return null;
  return evidence.verdict === "invalid" ? worst([own, "invalid"]) : own;
}

function itemOf(
  evidence: Evidence,
  verdict: Verdict,
  requirement: Requirement | null,
  { maxAgeMs: limitForAll, nowMs, changesSince }: GateQuestion,
): GateItem {
  const maxAgeMs = requirement?.maxAgeMs ?? limitForAll;
  const ageMs = nowMs - Date.parse(evidence.from.line.startedAt);
  const changes = changesSince(evidence.from);
  return {
    status: statusOf(verdict, ageMs, maxAgeMs, changes),
    dependency: evidence.dependency,
    fault: evidence.fault,
    request: requirement?.request ?? null,
    scenario: evidence.scenario,
    verdict,
    evidence,
    ageMs,
    maxAgeMs,
    changes,
    requirement,
  };
}

/** A promise that was broken stays so, however old: nothing has shown that it holds again. */
function statusOf(
  verdict: Verdict,
  ageMs: number,
  maxAgeMs: number | null,
  changes: readonly Change[],
): GateStatus {
  if (verdict === "fail") return "broken";
  if (verdict !== "pass") return "undecided";
  if (changes.length > 0) return "changed";
  if (ageMs < -CLOCK_SKEW_MS) return "future";
  return maxAgeMs !== null && ageMs > maxAgeMs ? "old" : "held";
}

/** pass: all that was asked for holds; fail: something is broken; else inconclusive. Of nothing nothing is known. */
export function gateVerdict(items: readonly GateItem[]): "pass" | "fail" | "inconclusive" {
  if (items.some(({ status }) => status === "broken")) return "fail";
  return items.length > 0 && items.every(({ status }) => status === "held") ? "pass" : "inconclusive";
}
