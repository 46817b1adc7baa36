import type { Verdict } from "../analysis/document/report.js";
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
    dependencies.map((dependency) => ({ ...shown, scenario, fault, dependency, from })),
  );
}

function ofLoadTest({ scenario, baseline, verdict }: LedgerLine, from: PlacedLine): Evidence {
  return {
    scenario: scenario.name,
    dependency: null,
    fault: null,
    kinds: [],
    // A stopped run has not shown that anything held.
    verdict: verdict === "aborted" && baseline === "pass" ? "inconclusive" : baseline,
    reason: "",
    requests: [],
    search: null,
    from,
  };
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

/** The verdict on one request name. @returns null when this run has no SLO on it. */
export function verdictOn({ requests }: Pick<Evidence, "requests">, request: string): Verdict | null {
  return requests.find((one) => one.request === request)?.verdict ?? null;
}
