import type { Verdict } from "../analysis/document/report.js";
import { worst } from "../analysis/document/verdict.js";
import type { Change } from "./changes.js";
import { type Evidence, isFault, isScenario, newestEvidence, verdictOn } from "./evidence.js";
import type { PlacedLine } from "./read-ledger.js";
import type { Requirement } from "./requirements.js";

/** From worst to least. All but `held` stand in the way. */
export const GATE_STATUSES = ["broken", "undecided", "missing", "changed", "old", "future", "held"] as const;
export type GateStatus = (typeof GATE_STATUSES)[number];

/** What the ledger knows of one required thing. */
export interface GateItem {
  readonly status: GateStatus;
  readonly dependency: string | null;
  readonly fault: string | null;
  readonly request: string | null;
  /** null: evidence is missing, whatever the scenario. */
  readonly scenario: string | null;
  readonly verdict: Verdict | null;
  readonly evidence: Evidence | null;
  readonly ageMs: number | null;
  readonly maxAgeMs: number | null;
  /** Changes since the evidence. Empty when nobody asked for them. */
  readonly changes: readonly Change[];
  readonly requirement: Requirement | null;
}

export interface GateQuestion {
  /** null: everything that the ledger knows. */
  readonly requirements: readonly Requirement[] | null;
  /** null: any age does. */
  readonly maxAgeMs: number | null;
  readonly nowMs: number;
  /** @returns what has changed since a run; nothing when nobody asked. */
  readonly changesSince: (from: PlacedLine) => readonly Change[];
}

/** The clocks of two machines differ by less than this. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * Answers for each required thing whether it has evidence that holds. The worst comes first. When several scenarios
 * have the same thing, all of them must hold.
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

/** When the injection was not proven, none of its SLOs is evidence. */
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

/** A broken promise stays broken, however old: nothing has shown that it holds again. */
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

/** pass: everything required holds. fail: something is broken. inconclusive: anything else, and an empty list. */
export function gateVerdict(items: readonly GateItem[]): "pass" | "fail" | "inconclusive" {
  if (items.some(({ status }) => status === "broken")) return "fail";
  return items.length > 0 && items.every(({ status }) => status === "held") ? "pass" : "inconclusive";
}
