import type { GateItem } from "./gate.js";
import { adviceFor, reasonOf } from "./gate-in-words.js";
import type { SkippedLine } from "./read-ledger.js";

export const GATE_FORMAT_VERSION = 1;

/** The answer for programs. The other fields have what `reason` and `advice` say, as data. */
export function gateJson(
  answer: {
    readonly verdict: "pass" | "fail" | "inconclusive";
    readonly items: readonly GateItem[];
    readonly ledger: string;
    readonly runs: number | null;
    readonly skipped: readonly SkippedLine[];
  },
  exitCode: number,
): object {
  const { verdict, items, ledger, runs, skipped } = answer;
  return {
    formatVersion: GATE_FORMAT_VERSION,
    verdict,
    exitCode,
    ledger,
    runs,
    skippedLines: skipped,
    items: items.map(itemJson),
  };
}

function itemJson(item: GateItem): object {
  const { status, dependency, fault, request, scenario, verdict, evidence, ageMs, maxAgeMs, changes } = item;
  const { number: line = null, line: run = null } = evidence?.from ?? {};
  return {
    status,
    dependency,
    fault,
    request,
    scenario,
    verdict,
    reason: reasonOf(item),
    advice: adviceFor(item),
    startedAt: run?.startedAt ?? null,
    ageS: seconds(ageMs),
    maxAgeS: seconds(maxAgeMs),
    commit: run?.commit ?? null,
    folder: run?.folder ?? null,
    line,
    changes,
    required: item.requirement?.place ?? null,
  };
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms / 1000);
}
