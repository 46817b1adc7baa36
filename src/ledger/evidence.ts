import type { Verdict } from "../analysis/document/report.js";
import type { FaultShown, LedgerLine } from "./ledger-line.js";
import type { PlacedLine } from "./read-ledger.js";

/** What the newest run that tells of it has shown of one fault on one dependency. */
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
 * The newest evidence for each scenario, fault and dependency. A run that did not get to a fault says nothing of it. What
 * a later run of the whole scenario has no more is left out: it was taken from the scenario.
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
    // One that was stopped has not shown that anything held.
    verdict: verdict === "aborted" && baseline === "pass" ? "inconclusive" : baseline,
    reason: "",
    requests: [],
    search: null,
    from,
  };
}

/** Whether a name that a person wrote is that of the fault, or of its kind. */
export function isFault({ fault, kinds }: Pick<Evidence, "fault" | "kinds">, name: string): boolean {
  return fault === name || kinds.includes(name);
}

/** The same of a scenario: by its name, or by its file. */
export function isScenario({ from }: Pick<Evidence, "from">, name: string): boolean {
  const { scenario } = from.line;
  return scenario.name === name || scenario.file === name;
}

/** The verdict on one request name; null: this run has no SLO on it. */
export function verdictOn({ requests }: Pick<Evidence, "requests">, request: string): Verdict | null {
  return requests.find((one) => one.request === request)?.verdict ?? null;
}
