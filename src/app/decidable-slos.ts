import { isDeepStrictEqual } from "node:util";
import { type Decidability, decidability } from "../analysis/decidability.js";
import type { PlaceOfSlo } from "../plan/check-and-plan.js";
import type { RunPlan } from "../plan/run-plan.js";
import { type Diagnostic, Diagnostics } from "../scenario/diagnostics/diagnostic.js";
import type { Span } from "../scenario/text/source.js";
import { metricOf } from "../slo/metrics/index.js";
import { formatMs } from "../support/format.js";

export interface SloDiagnostics {
  readonly diagnostics: readonly Diagnostic[];
  /** Complaints that were left out after the first hundred. Warnings come before errors. */
  readonly dropped: number;
}

/**
 * What is wrong with a plan's SLOs, said before the run at the place where each is written. An SLO that the plan cannot
 * even measure is an error. One that it can never pass is a warning.
 */
export function sloDiagnostics(plan: RunPlan, placeOf: PlaceOfSlo): SloDiagnostics {
  const diagnostics = new Diagnostics();
  for (const { span, answer, text, phases } of complaints(plan, placeOf)) {
    const message = `${text} (${phases.join("; ")})`;
    if (answer === "impossible") diagnostics.error("slo", span, message);
    else diagnostics.warning("undecidable", span, message);
  }
  warnOfTimeout(plan, placeOf, diagnostics);
  return { diagnostics: diagnostics.list(plan.secrets), dropped: diagnostics.dropped };
}

/** An answer that is later than the timeout is a failure. So a limit above the timeout never decides. */
function warnOfTimeout({ slos, load }: RunPlan, placeOf: PlaceOfSlo, diagnostics: Diagnostics): void {
  for (const slo of slos) {
    const { among, limitUs: limitOf } = metricOf(slo.metric);
    const limitUs = limitOf(slo);
    const span = placeOf(slo);
    // A journey has as many timeouts as requests.
    if (limitUs === null || limitUs <= load.timeoutMs * 1000 || !span || slo.timed) continue;
    const timeout = formatMs(load.timeoutMs);
    diagnostics.warning(
      "suspicious",
      span,
      `${slo.text}: the timeout of ${timeout} comes first, so no ${among === "failed" ? "failure" : "answer"} can be this late`,
      `A request without an answer after ${timeout} fails. Promise less than that, or raise load.timeout.`,
    );
  }
}

interface Complaint extends Pick<Decidability, "answer" | "id" | "facts" | "text" | "requests"> {
  readonly span: Span;
  /** The phases where the same is said about the same SLO. */
  readonly phases: readonly string[];
}

function complaints(plan: RunPlan, placeOf: PlaceOfSlo): readonly Complaint[] {
  const found: Complaint[] = [];
  for (const line of decidability(plan)) {
    const { slo, slos, answer, id, facts, text, requests } = line;
    if (answer !== "impossible" && answer !== "undecidable") continue;
    for (const span of slos.map(placeOf)) {
      if (!span) throw new Error(`no place is known for the SLO ${slo}`);
      const index = found.findIndex((one) => isSamePlace(one.span, span) && isSaidBy(one, line));
      const same = found[index];
      if (!same) found.push({ span, answer, id, facts, text, requests, phases: [phaseText(line)] });
      else {
        const phases = same.phases.includes(phaseText(line))
          ? same.phases
          : [...same.phases, phaseText(line)];
        // What is enough for the phase with the fewest requests is enough for all of them.
        const hardest = (requests ?? 0) < (same.requests ?? 0) ? { id, facts, text, requests } : {};
        found[index] = { ...same, ...hardest, phases };
      }
    }
  }
  return found;
}

/** An SLO that cannot be measured gets one complaint, whatever is missing in which phase. */
function isSaidBy(complaint: Complaint, { answer, id, facts }: Decidability): boolean {
  if (complaint.answer === "impossible" && answer === "impossible") return true;
  return complaint.id === id && isDeepStrictEqual(complaint.facts, facts);
}

/** For --dry-run: what the plan can decide and what it cannot. */
export function decisionsText(plan: RunPlan): string {
  const lines = decidability(plan);
  if (lines.length === 0) return "";
  const rows = lines.map(
    (line) => `  ${MARK[line.answer]} ${line.slo} ${phaseText(line)}\n      ${line.sentence}`,
  );
  return `\nWhat this plan can decide\n${rows.join("\n")}\n`;
}

const MARK: Readonly<Record<Decidability["answer"], string>> = {
  decidable: "✓",
  unknown: "?",
  undecidable: "!",
  impossible: "✗",
};

/** An alias is another span at the place of its anchor. */
function isSamePlace(a: Span, b: Span): boolean {
  return a.source === b.source && a.start === b.start && a.end === b.end;
}

/** "in the baseline", "during slow cache", "after slow cache, cache cut off and 2 more" */
function phaseText({ phase, faults }: Decidability): string {
  if (phase === "baseline") return "in the baseline";
  const names =
    faults.length > 3 ? `${faults.slice(0, 3).join(", ")} and ${faults.length - 3} more` : faults.join(", ");
  return `${phase === "fault" ? "during" : "after"} ${names}`;
}
