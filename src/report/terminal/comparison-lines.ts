/** Two runs side by side, for the terminal. */

import { Chalk } from "chalk";
import type {
  ComparedRun,
  ComparedSlo,
  ComparedValue,
  RunComparison,
  Undecided,
} from "../../analysis/compare/run-comparison.js";
import type { Verdict } from "../../analysis/document/verdict.js";
import { formatValue, NOTHING } from "../../support/format.js";
import { VERDICT_WORDS } from "../shown/verdict-words.js";
import { cut, fit, wrap } from "./layout.js";

const ANSWERS = {
  regressed: { sign: "✗", word: "regressed" },
  fixed: { sign: "✓", word: "holds now" },
  improved: { sign: "✓", word: "improved" },
  same: { sign: "✓", word: "same" },
  cannot_tell: { sign: "?", word: "cannot tell" },
  none_shown: { sign: "?", word: "no regression shown" },
} as const satisfies Record<RunComparison["answer"], { sign: string; word: string }>;

export function renderComparison(
  comparison: RunComparison,
  { columns, color }: { readonly columns: number; readonly color: boolean },
): string {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const paint = {
    regressed: chalk.red,
    fixed: chalk.green,
    improved: chalk.green,
    same: chalk.green,
    cannot_tell: chalk.yellow,
    none_shown: chalk.yellow,
  };
  const { sign, word } = ANSWERS[comparison.answer];
  const lines = [
    paint[comparison.answer].bold(`${sign} ${word.toUpperCase()}`),
    ...wrap(comparison.reason, columns - 2).map((line) => `  ${line}`),
    `  ${wholeText(comparison.before)} → ${wholeText(comparison.after)}`,
  ];
  for (const [title, list] of [
    ["Not the same test:", comparison.mismatches],
    ["Also different:", comparison.notes],
  ] as const) {
    if (list.length > 0)
      lines.push("", title, ...list.flatMap((text) => wrap(text, columns - 2).map((line) => `  ${line}`)));
  }
  const groups = new Map<string | null, ComparedSlo[]>();
  for (const slo of comparison.slos) groups.set(slo.fault, [...(groups.get(slo.fault) ?? []), slo]);
  for (const [fault, slos] of groups) {
    lines.push("", chalk.bold(cut(fault ?? "baseline", columns)));
    for (const slo of slos) {
      const { sign, word } = ANSWERS[slo.answer];
      const values = `${value(slo.old, slo)} → ${value(slo.new, slo)}`;
      const name = slo.phase === "recovery" && slo.unit !== "s" ? `${slo.slo} (recovery)` : slo.slo;
      const width = Math.max(16, columns - 44);
      const left = `  ${fit(`${fit(name, width)} ${values}`, columns - 16)}`;
      lines.push(`${left} ${paint[slo.answer](`${sign} ${word}`)}`);
      if (slo.answer !== "same" && slo.answer !== "cannot_tell")
        lines.push(...wrap(slo.reason, columns - 4).map((line) => `    ${chalk.dim(line)}`));
    }
  }
  if (comparison.checks.length > 0) lines.push("", chalk.bold("checks"));
  for (const { check, answer, reason, ...verdicts } of comparison.checks) {
    const { sign, word } = ANSWERS[answer];
    const values = `${verdictText(verdicts.old)} → ${verdictText(verdicts.new)}`;
    const left = `  ${fit(`${fit(check, Math.max(16, columns - 44))} ${values}`, columns - 16)}`;
    lines.push(`${left} ${paint[answer](`${sign} ${word}`)}`);
    if (answer !== "same" && answer !== "cannot_tell")
      lines.push(...wrap(reason, columns - 4).map((line) => `    ${chalk.dim(line)}`));
  }
  lines.push(...undecidedLines(comparison, columns).map((line) => chalk.dim(line)));
  return `${lines.join("\n")}\n`;
}

/** "fail, score 49". */
function wholeText({ verdict, score }: ComparedRun): string {
  return `${VERDICT_WORDS[verdict].word}${score === null ? "" : `, score ${score}`}`;
}

const WHY: Readonly<Record<Undecided, string>> = {
  too_few: "too few requests to exclude that it is worse; longer phases or a higher rate tell more",
  few_seconds: "worse, but in so few seconds that it can be chance",
  one_timing: "one recovery each is too few",
  no_numbers: "one of the runs has no numbers for it",
  one_run: "only one of the runs has it",
  not_judged: "one of the runs did not judge it",
  broken_in_both: "broken in both runs; how much worse it is cannot be told",
};

/** Each cause once, with everything that it leaves open. */
function undecidedLines({ slos, checks }: RunComparison, columns: number): string[] {
  const open = [
    ...checks.map((one) => ({ ...one, name: `check "${one.check}"` })),
    ...slos.map((one) => ({ ...one, name: `${one.fault ?? "baseline"}, ${one.slo}` })),
  ].filter(({ answer }) => answer === "cannot_tell");
  if (open.length === 0) return [];
  const causes = [...new Set(open.map(({ undecided = "no_numbers" }) => undecided))];
  return [
    "",
    "What cannot be told, and why",
    ...causes.flatMap((cause) => {
      const because = open.filter(({ undecided = "no_numbers" }) => undecided === cause);
      // When a fault was not shown to touch anything, all its rows say the same.
      return [
        ...wrap(WHY[cause], columns - 2).map((line) => `  ${line}`),
        ...withOneReason(because).flatMap((rows) => {
          const names = rows.map(({ name }) => name).join("; ");
          return wrap(`${names}: ${rows[0]?.reason ?? ""}`, columns - 4).map((line) => `    ${line}`);
        }),
      ];
    }),
  ];
}

function verdictText(verdict: Verdict | null): string {
  return verdict === null ? NOTHING : VERDICT_WORDS[verdict].word;
}

function value(of: ComparedValue | null, { unit }: ComparedSlo): string {
  if (of === null) return NOTHING;
  return `${of.censored ? "> " : ""}${formatValue(of.observed, unit)}`;
}

/** Groups rows with the same reason. */
function withOneReason<Row extends Pick<ComparedSlo, "because">>(
  rows: readonly Row[],
): readonly (readonly Row[])[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(row.because);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()];
}
