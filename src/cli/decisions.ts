import { type Decidability, decidability } from "../analysis/decidability.js";
import type { RunPlan } from "../plan/run-plan.js";

/** What a plan cannot decide, one warning each: said before the run, not after it. */
export function undecidableSlos(plan: RunPlan): string[] {
  return decidability(plan)
    .filter(({ answer }) => answer === "undecidable")
    .map((line) => `${where(line)}: ${line.sentence}`);
}

/** For --dry-run: what the plan can decide and what it cannot. */
export function decisionsText(plan: RunPlan): string {
  const lines = decidability(plan);
  if (lines.length === 0) return "";
  const rows = lines.map((line) => `  ${MARK[line.answer]} ${where(line)}\n      ${line.sentence}`);
  return `\nWhat this plan can decide\n${rows.join("\n")}\n`;
}

const MARK: Readonly<Record<Decidability["answer"], string>> = {
  decidable: "✓",
  unknown: "?",
  undecidable: "!",
  impossible: "✗",
};

function where({ slo, phase, faults }: Decidability): string {
  if (phase === "baseline") return `${slo} in the baseline`;
  const names =
    faults.length > 3 ? `${faults.slice(0, 3).join(", ")} and ${faults.length - 3} more` : faults.join(", ");
  return phase === "fault" ? `${slo} during ${names}` : `${slo} after ${names}`;
}
