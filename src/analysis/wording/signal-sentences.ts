/** What is said of signals. */

import type { SignalTrouble } from "../../slo/signal-trouble.js";
import type { SloOperator } from "../../slo/slo.js";
import { formatCount, formatNumber, formatRatio, formatSeconds } from "../../support/format.js";
import { countOf } from "./wording.js";

export function countedSentence(
  signal: string,
  { bad, total, budget }: { readonly bad: number; readonly total: number; readonly budget: number },
): string {
  const may = `${budget === 0 ? "none" : formatRatio(budget)} may be`;
  if (bad === 0) return `None of ${formatCount(total)} that "${signal}" counted were bad; ${may}`;
  const share = formatRatio(bad / Math.max(total, 1));
  return `${formatCount(bad)} of ${formatCount(total)} that "${signal}" counted (${share}) were bad; ${may}`;
}

export function sampleSentence(of: {
  readonly signal: string;
  /** "the highest of the samples" */
  readonly what: string;
  readonly value: number;
  readonly operator: SloOperator;
  readonly target: number;
  readonly samples: number;
}): string {
  const { signal, what, value, operator, target, samples } = of;
  const promised = { "<": "less than", "<=": "at most", ">": "more than", ">=": "at least" }[operator];
  return (
    `${what.charAt(0).toUpperCase()}${what.slice(1)} of "${signal}" was ${formatNumber(value)} ` +
    `(${countOf(samples, "sample")}); ${promised} ${formatNumber(target)} promised`
  );
}

/** Why nothing can be said of a phase. */
export function troubleSentence(signal: string, { id, facts }: SignalTrouble): string {
  const text = (key: string) => String(facts[key] ?? "");
  const seconds = (key: string) => formatSeconds(Number(facts[key] ?? 0));
  const of = facts.key === undefined ? "" : ` of \`${text("key")}\``;
  switch (id) {
    case "no_answer":
      return `"${signal}" could not be read${silence(facts)}: ${text("reason")}.`;
    case "command_failed":
      return `"${signal}" could not be read${silence(facts)}: ${text("reason")}${printed(facts)}.`;
    case "nothing_printed":
      return `"${signal}" was no number: its command printed nothing.`;
    case "refused_query":
      return `"${signal}" could not be read, as its server says: ${text("reason")}.`;
    case "no_interval":
      return `How often "${signal}" is sampled is not known: write \`every:\` at the signal.`;
    case "no_series":
      return `"${signal}" is not there: nothing was found for ${text("query")}${of}.${hintForNone(facts)}`;
    case "no_rule":
      return `The server has no rule for an alert "${text("alert")}".`;
    case "several_series":
      return `"${signal}" is not one number: ${text("series")} series were found for ${text("query")}${of}. ${hintForSeveral(facts)}`;
    case "not_a_number":
      return `"${signal}" was no number${facts.atS === undefined ? "" : ` in second ${text("atS")}`}, but ${text("value")}${of}.`;
    case "series_gone":
      return `Of ${text("before")} series of ${text("selector")}, ${text("after")} were left in second ${text("atS")}: what the others would have told is not known.`;
    case "gap":
      return `"${signal}" has no sample for ${seconds("lengthS")}, from second ${Math.max(0, Math.round(Number(facts.fromS ?? 0)))} on${whoseTime(facts)}.`;
    case "clock":
      return clockSentence(signal, Number(facts.aheadS ?? 0));
  }
}

function silence(facts: SignalTrouble["facts"]): string {
  if (facts.lengthS === undefined) return "";
  const from = Math.max(0, Math.round(Number(facts.fromS ?? 0)));
  return ` for ${formatSeconds(Number(facts.lengthS))}, from second ${from} on`;
}

/** Why a gap is one, as far as that is known. */
function whoseTime({ why, answerS, lateS }: SignalTrouble["facts"]): string {
  if (answerS !== undefined) return `: one answer took ${formatSeconds(Number(answerS))}`;
  if (lateS !== undefined)
    return `: faultline itself asked ${formatSeconds(Number(lateS))} late, as this machine was busy`;
  switch (why) {
    case "not_scraped":
      return ": Prometheus itself has no scrape of that time: it had just started, was late, or its target was taken from it";
    case "target_silent":
      return ": the target did not answer the scrapes of that time";
    case "not_exposed":
      return ": the target was scraped all the while, and the query found nothing";
    default:
      return "";
  }
}

function printed({ output }: SignalTrouble["facts"]): string {
  return output === undefined ? "" : `, after it had printed "${output}"`;
}

function clockSentence(signal: string, aheadS: number): string {
  const which = aheadS > 0 ? "ahead of" : "behind";
  return `The clock of the server of "${signal}" is ${formatSeconds(Math.abs(aheadS))} ${which} this machine's, so its samples cannot be told by phase.`;
}

function isPromQl(facts: SignalTrouble["facts"]): boolean {
  return facts.source === "prometheus";
}

function hintForNone(facts: SignalTrouble["facts"]): string {
  return isPromQl(facts) ? " If nothing may have been counted yet, end the query with `or vector(0)`." : "";
}

function hintForSeveral(facts: SignalTrouble["facts"]): string {
  return isPromQl(facts) ? "Write sum(…) or max(…) around it." : "Name one of them by its labels.";
}
