/** What a comparison comes to, from what became of each SLO and each check. */

import { EXIT } from "../../support/errors.js";
import type { Report } from "../document/report.js";
import type { ComparedCheck, ComparedSlo, RunComparison } from "./run-comparison.js";

interface Rows {
  readonly slos: readonly ComparedSlo[];
  readonly checks: readonly ComparedCheck[];
}

/** A check counts as an SLO does, and comes first: what was lost weighs more than what was slow. */
export function answerOf(
  before: Report,
  after: Report,
  { slos, checks }: Rows,
): Pick<RunComparison, "answer" | "exitCode" | "reason"> {
  const rows = [...checks.map(ofCheck), ...slos.map(ofSlo)];
  const those = (answer: ComparedSlo["answer"]) => rows.filter((row) => row.answer === answer);
  const regressed = those("regressed");
  const [worst] = regressed;
  if (worst) {
    const reason = `${listText("Regressed", regressed)}${worst.reason}`;
    return { answer: "regressed", exitCode: EXIT.sloBroken, reason };
  }
  if (before.verdict === "pass" && after.verdict === "fail") {
    const reason = `The earlier run passed and this one failed, by what cannot be compared: ${after.reason}`;
    return { answer: "regressed", exitCode: EXIT.sloBroken, reason };
  }
  const unjudged = [
    ...unjudgedParts(before, after),
    ...(after.verdict === "fail" && before.verdict !== "fail"
      ? [`the earlier run was ${before.verdict}, this one failed`]
      : []),
  ];
  const open = those("cannot_tell").length;
  if (open === rows.length || unjudged.length > 0) {
    const reason =
      unjudged.length > 0
        ? `It cannot be told whether anything regressed: ${unjudged.join("; ")}.`
        : "Nothing can be told from these two runs.";
    return { answer: "cannot_tell", exitCode: EXIT.undecided, reason };
  }
  const [fixed, improved] = [those("fixed"), those("improved")];
  const better = `${listText("Was broken, holds now", fixed)}${listText("Improved", improved)}`;
  const betterAnswer = fixed.length > 0 ? "fixed" : improved.length > 0 ? "improved" : null;
  const itself = isOneRun(before, after) ? " It is one and the same run." : "";
  const all = `${rows.length} ${checks.length === 0 ? "SLOs" : "SLOs and checks"}`;
  const rest =
    open > 0
      ? `${those("same").length} of ${all} are the same; of ${open} it cannot be told whether they regressed.`
      : `No regression in any of ${all}.`;
  return {
    answer: betterAnswer ?? (open > 0 ? "none_shown" : "same"),
    exitCode: EXIT.ok,
    reason: `${better}${rest}${itself}`,
  };
}

interface Row extends Pick<ComparedSlo, "answer" | "reason"> {
  /** '"p99 < 500ms" in "slow cache"', 'check "orders"'. */
  readonly name: string;
}

function ofSlo({ slo, fault, answer, reason }: ComparedSlo): Row {
  return { name: `"${slo}" in ${fault === null ? "the baseline" : `"${fault}"`}`, answer, reason };
}

function ofCheck({ check, answer, reason }: ComparedCheck): Row {
  return { name: `check "${check}"`, answer, reason };
}

/** 'Improved: "p99 < 500ms" in "slow cache" (and 2 more). ' @returns "" when there is nothing to list. */
function listText(what: string, rows: readonly Row[]): string {
  const [first] = rows;
  if (!first) return "";
  const more = rows.length > 1 ? ` (and ${rows.length - 1} more)` : "";
  return `${what}: ${first.name}${more}. `;
}

function isOneRun(before: Report, after: Report): boolean {
  return before.startedAt === after.startedAt && before.scenario.sha256 === after.scenario.sha256;
}

/** Parts that one of the runs lacks as a whole. The other parts must not speak for them. */
function unjudgedParts(before: Report, after: Report): string[] {
  return (["earlier", "later"] as const).flatMap((run) => {
    const { baseline, faults, checks = [] } = run === "earlier" ? before : after;
    const parts = [
      { name: "the baseline", verdict: baseline.verdict },
      ...faults.map(({ name, verdict }) => ({ name: `"${name}"`, verdict })),
      ...checks.map(({ name, verdict }) => ({ name: `check "${name}"`, verdict })),
    ];
    return parts.flatMap(({ name, verdict }) => {
      if (verdict !== "invalid" && verdict !== "not_run") return [];
      return [`${name} was ${verdict === "invalid" ? "invalid" : "not run"} in the ${run} run`];
    });
  });
}
