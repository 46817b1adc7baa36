import type { ChalkInstance } from "chalk";
import type { FaultReport, Report } from "../../analysis/document/report.js";
import { trialsOf } from "../shown/shown-trials.js";
import type { Legend } from "./legend.js";
import { toneOf } from "./slo-table.js";

/** A search's trials, a line for each, from the mildest to the most severe. */
export function renderTrials(
  fault: FaultReport,
  report: Report,
  { chalk, legend }: { readonly chalk: ChalkInstance; readonly legend: Legend },
): string[] {
  const trials = trialsOf(fault, report);
  legend.add(trials.some(({ phase }) => phase.latencyMs.p99 === "inf"));
  const widthOf = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length));
  const [strength, p99, available] = [
    widthOf(trials.map((trial) => trial.strength)),
    widthOf(trials.map((trial) => trial.p99)),
    widthOf(trials.map((trial) => trial.available)),
  ];
  return trials.map((trial) => {
    const numbers = `p99 ${trial.p99.padStart(p99)}   available ${trial.available.padStart(available)}`;
    const verdict = toneOf(trial.words.tone, chalk)(`${trial.words.sign} ${trial.words.word}`);
    return `  ${trial.strength.padStart(strength)}   ${numbers}   ${verdict}`;
  });
}
