import { formatAge } from "../quantities/age.js";
import { oneLine, shellWord } from "../support/printable.js";
import type { Change } from "./changes.js";
import type { GateItem, GateStatus } from "./gate.js";

/** The word and the sign of each status, so that colour never tells it alone. */
export const GATE_WORDS = {
  broken: { sign: "✗", word: "broken", tone: "bad" },
  undecided: { sign: "?", word: "undecided", tone: "unsure" },
  missing: { sign: "!", word: "missing", tone: "unsure" },
  changed: { sign: "!", word: "older than a change", tone: "unsure" },
  old: { sign: "!", word: "too old", tone: "unsure" },
  future: { sign: "!", word: "from the future", tone: "unsure" },
  held: { sign: "✓", word: "holds", tone: "good" },
} as const satisfies Record<GateStatus, { sign: string; word: string; tone: "good" | "bad" | "unsure" }>;

/** "slow cache on cache", "checkout: slow cache on cache", "no fault" for a load test. */
export function subjectOf({ dependency, fault, request }: GateItem): string {
  if (fault === null || dependency === null) return "no fault (a load test)";
  return `${request === null ? "" : `${oneLine(request)}: `}${oneLine(fault)} on ${oneLine(dependency)}`;
}

/** Why it does not hold, in a sentence. When it holds: since when. */
export function reasonOf(item: GateItem): string {
  const { status, evidence, ageMs, maxAgeMs, changes, verdict } = item;
  const age = ageMs === null ? "" : formatAge(Math.max(0, ageMs));
  switch (status) {
    case "broken":
      return evidence?.reason || "An SLO was broken.";
    case "undecided":
      return evidence?.reason || `The newest run says ${verdict ?? "nothing"}.`;
    case "missing":
      return "No run in the ledger tells of it.";
    case "changed":
      return `${changes.map(changeText).join(", ")} since the run of ${age} ago.`;
    case "old":
      return `The newest run is ${age} old; at most ${formatAge(maxAgeMs ?? 0)} was asked for.`;
    case "future":
      return "The newest run bears a time that has not come yet: the clock of its machine was wrong.";
    case "held":
      return `Held ${age} ago.`;
  }
}

/** What to do about it. @returns null when there is nothing to do. */
export function adviceFor({ status, evidence, fault, scenario }: GateItem): string | null {
  const file = evidence?.from.line.scenario.file ?? null;
  const run = file === null ? null : `faultline run ${shellWord(file)}`;
  switch (status) {
    case "held":
      return null;
    case "missing":
      return scenario === null
        ? `Run a scenario that injects ${shellWord(fault ?? "")} there, and keep the ledger.`
        : `Run ${shellWord(scenario)} with this fault, and keep the ledger.`;
    case "broken":
      return `Mend it, then: ${run}`;
    case "undecided":
      return `What it would take stands in the report. Then: ${run}`;
    default:
      return `Run it again: ${run}`;
  }
}

function changeText({ file, kind }: Change): string {
  const what = { changed: "changed", gone: "is gone", new: "is new" }[kind];
  return `${oneLine(file)} ${what}`;
}

/** "2 broken, 1 missing; 5 hold" */
export function countsText(items: readonly GateItem[]): string {
  const count = (status: GateStatus) => items.filter((item) => item.status === status).length;
  const open = (["broken", "undecided", "missing", "changed", "old", "future"] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${GATE_WORDS[status].word}`);
  const held = count("held");
  const holds = `${held} ${held === 1 ? "holds" : "hold"}`;
  return open.length === 0 ? holds : `${open.join(", ")}; ${holds}`;
}
