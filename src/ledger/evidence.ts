import type { Verdict } from "../analysis/document/report.js";
import { worst } from "../analysis/document/verdict.js";
import { type Weight, weightsOn } from "./checks-shown.js";
import type { FaultShown, LedgerLine } from "./ledger-line.js";
import type { PlacedLine } from "./read-ledger.js";

/** What one fault on one dependency has shown in the newest run that has it. */
export interface Evidence {
  readonly scenario: string;
  /** null: a load test, which injects nothing. */
  readonly dependency: string | null;
  readonly fault: string | null;
  readonly kinds: readonly string[];
  readonly verdict: Verdict;
  readonly reason: string;
  readonly requests: FaultShown["requests"];
  /** What checks of its run take from it. */
  readonly weights: readonly Weight[];
  readonly search: FaultShown["search"];
  readonly from: PlacedLine;
}

/**
 * The newest evidence for each scenario, fault and dependency. A run that did not reach a fault says nothing of it. A
 * fault that a later run of the whole scenario lacks is left out: it was taken from the scenario.
 * @param lines oldest first.
 */
export function newestEvidence(lines: readonly PlacedLine[]): readonly Evidence[] {
  const newest = new Map<string, Evidence>();
  const keyOf = ({ scenario, dependency, fault }: Evidence) => JSON.stringify([scenario, dependency, fault]);
  for (const from of lines) {
    const told = evidenceIn(from);
    if (from.line.whole) {
      const still = new Set(told.map(keyOf));
      for (const [key, { scenario }] of newest) {
        if (scenario === from.line.scenario.name && !still.has(key)) newest.delete(key);
      }
    }
    for (const evidence of told) if (evidence.verdict !== "not_run") newest.set(keyOf(evidence), evidence);
  }
  return [...newest.values()];
}

function evidenceIn(from: PlacedLine): readonly Evidence[] {
  const { line } = from;
  const scenario = line.scenario.name;
  if (line.faults.length === 0) return line.whole ? [ofLoadTest(line, from)] : [];
  return line.faults.flatMap(({ name: fault, dependencies, ...shown }) =>
    dependencies.map((dependency) =>
      weighed({ ...shown, scenario, fault, dependency, from, weights: weightsOn(fault, line) }),
    ),
  );
}

function ofLoadTest(line: LedgerLine, from: PlacedLine): Evidence {
  return weighed({
    scenario: line.scenario.name,
    dependency: null,
    fault: null,
    kinds: [],
    // A stopped run has not shown that anything held.
    verdict: line.verdict === "aborted" && line.baseline === "pass" ? "inconclusive" : line.baseline,
    reason: "",
    requests: [],
    weights: weightsOn(null, line),
    search: null,
    from,
  });
}

/** What held by its SLOs is no evidence when a check of its run says otherwise. */
function weighed(evidence: Evidence): Evidence {
  // What was not run has shown nothing, and what was run before still counts.
  if (evidence.verdict === "not_run") return evidence;
  const verdict = worst([evidence.verdict, ...evidence.weights.map((weight) => weight.verdict)]);
  const because = evidence.weights.find((weight) => weight.verdict === verdict);
  return verdict === evidence.verdict || because === undefined
    ? evidence
    : { ...evidence, verdict, reason: because.reason };
}

/** Whether a person's name for a fault means this one: its name or its kind. */
export function isFault({ fault, kinds }: Pick<Evidence, "fault" | "kinds">, name: string): boolean {
  return fault === name || kinds.includes(name);
}

/** The same for a scenario: its name or its file. */
export function isScenario({ from }: Pick<Evidence, "from">, name: string): boolean {
  const { scenario } = from.line;
  return scenario.name === name || scenario.file === name;
}

/**
 * The verdict on one request name: of its SLOs, and of checks on its ids or on no request.
 * @returns null when this run has no SLO on it.
 */
export function verdictOn(
  { requests, weights }: Pick<Evidence, "requests" | "weights">,
  request: string,
): Verdict | null {
  const own = requests.find((one) => one.request === request)?.verdict ?? null;
  if (own === null) return null;
  const weighing = weights.filter((weight) => weight.request === null || weight.request === request);
  return worst([own, ...weighing.map(({ verdict }) => verdict)]);
}
