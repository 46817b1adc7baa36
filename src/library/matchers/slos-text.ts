import type { Report, SloResult } from "../../analysis/document/report.js";
import { sloRow } from "../../report/shown/slo-row.js";
import { VERDICT_WORDS } from "../../report/shown/verdict-words.js";
import { oneLine } from "../../support/printable.js";

const HEADS: Readonly<Record<Report["verdict"], string>> = {
  pass: "all SLOs held",
  fail: "SLOs broke",
  inconclusive: "the run cannot tell whether the SLOs hold",
  invalid: "the measurement cannot be trusted, so nothing is known of the SLOs",
  aborted: "the run ended early, so nothing is known of the SLOs",
};

/** What a test prints when its expectation of the SLOs is not met: the verdict, why, and each SLO that did not hold. */
export function slosText(report: Report, isNot: boolean): string {
  const expected = isNot ? "expected an SLO to break" : "expected all SLOs to hold";
  const head = `${expected}, but ${HEADS[report.verdict]}: ${report.scenario.name}`;
  const details = [...slosOf(report), ...findingsOf(report)].map((line) => `  ${oneLine(line)}`);
  return [oneLine(head), oneLine(report.reason), ...details].join("\n");
}

function slosOf({ baseline, faults }: Report): string[] {
  const places = [
    { name: "baseline", slos: baseline.slos },
    ...faults.map(({ name, slos }) => ({ name, slos })),
  ];
  return places.flatMap(({ name, slos }) =>
    slos
      .filter(({ verdict }) => verdict !== "pass" && verdict !== "not_run")
      .map((slo) => `${VERDICT_WORDS[slo.verdict].word} ${slo.expect} in ${name}: ${numbers(slo)}`),
  );
}

function numbers(slo: SloResult): string {
  const { observed, target } = sloRow(slo);
  return `observed ${observed}, target ${target}. ${slo.reason}`;
}

/** For each failed fault the finding that says most. */
function findingsOf({ faults }: Report): string[] {
  return faults.flatMap(({ name, verdict, findings: [most] }) =>
    verdict === "fail" && most !== undefined ? [`${name}: ${most}`] : [],
  );
}
