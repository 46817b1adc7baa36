/** The tables of docs/reasons.md. */

import type { NoteFacts, ProofNoteKind } from "../../faults/proof-note.js";
import { checkReasons } from "./check-reasons.js";
import { DECISIONS } from "./decisions.js";
import { faultReasons } from "./fault-reasons.js";
import { measuredReasons } from "./measured-reasons.js";
import { otherMetricsReasons } from "./other-metrics-reasons.js";
import type { ReasonFacts, ReasonKind } from "./reason-kind.js";
import { runReasons } from "./run-reasons.js";
import { searchReasons } from "./search-reasons.js";
import { shareReasons } from "./share-reasons.js";
import { signalReasons } from "./signal-reasons.js";
import { timingReasons } from "./timing-reasons.js";

const GROUPS: readonly (readonly [
  title: string,
  kinds: Readonly<Record<string, ReasonKind<ReasonFacts>>>,
])[] = [
  ["Of a run", runReasons],
  ["Of a fault and its SLOs", faultReasons],
  ["Of a search for the breaking point", searchReasons],
  ["Of promises on a share of requests", shareReasons],
  ["Of rates, of what crosses a proxy, and of the time until work is stored", otherMetricsReasons],
  ["Of signals and alerts", signalReasons],
  ["Of recovery and detection", timingReasons],
  ["Of a measurement that decides nothing, or was disturbed", measuredReasons],
  ["Of checks", checkReasons],
  ["Before a run: what a plan can decide", DECISIONS],
];

type Kinds = Readonly<
  Record<string, ProofNoteKind<NoteFacts> & Partial<Pick<ReasonKind<ReasonFacts>, "joint" | "end">>>
>;

/** @param proofs what proofs of each driver of faults say, by the driver's name. */
export function reasonReference(proofs: Readonly<Record<string, Kinds>>): string {
  const ofProofs = Object.entries(proofs).map(
    ([driver, kinds]) => [`Of the proof of a fault: \`${driver}\``, kinds] as const,
  );
  return [...GROUPS, ...ofProofs].map(([title, kinds]) => groupOf(title, kinds)).join("");
}

function groupOf(title: string, kinds: Kinds): string {
  const rows = Object.entries(kinds).map(([id, { sample, text, joint = " ", end = "" }]) => {
    const sentence = `${joint === " " ? "" : `…${joint}`}${text(sample)}${end}`;
    const facts = Object.keys(sample).length === 0 ? "" : `\`${JSON.stringify(sample)}\``;
    return `| \`${id}\` | ${facts} | ${sentence} |`;
  });
  return ["", `## ${title}`, "", "| id | facts, for example | sentence |", "|---|---|---|", ...rows, ""].join(
    "\n",
  );
}
