/** Two runs side by side, for the terminal. */

import { Chalk } from "chalk";
import type { ComparedSlo, ComparedValue, RunComparison } from "../../analysis/compare/run-comparison.js";
import { formatValue, NOTHING } from "../../support/format.js";
import { cut, fit, wrap } from "./layout.js";

const ANSWERS = {
  regressed: { sign: "✗", word: "regressed" },
  fixed: { sign: "✓", word: "holds now" },
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
    same: chalk.green,
    cannot_tell: chalk.yellow,
    none_shown: chalk.yellow,
  };
  const { sign, word } = ANSWERS[comparison.answer];
  const lines = [
    paint[comparison.answer].bold(`${sign} ${word.toUpperCase()}`),
    ...wrap(comparison.reason, columns - 2).map((line) => `  ${line}`),
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
      if (slo.answer !== "same")
        lines.push(...wrap(slo.reason, columns - 4).map((line) => `    ${chalk.dim(line)}`));
    }
  }
  return `${lines.join("\n")}\n`;
}

function value(of: ComparedValue | null, { unit }: ComparedSlo): string {
  if (of === null) return NOTHING;
  return `${of.censored ? "> " : ""}${formatValue(of.observed, unit)}`;
}
