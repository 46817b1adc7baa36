/** What can be known of an SLO before a run: the id of each answer, its facts, and the sentence that is made of them. */

import { countOf } from "../../support/count-of.js";
import { formatCount, formatRate, formatSeconds } from "../../support/format.js";
import { type LoadRemedy, loadRemedyText } from "../wording/load-remedy.js";
import { neededText } from "../wording/wording.js";
import { type ReasonFacts, type ReasonKind, says } from "./reason-kind.js";

type OfSlo = { readonly slo: string };

const SLO: OfSlo = { slo: "p99 < 500ms" };
const REMEDY: LoadRemedy = {
  byRate: { ratePerS: 690, forS: null },
  byTime: { seconds: 75, ratePerS: 200 },
};

export const DECISIONS = {
  window_beyond_phase: says<OfSlo & { readonly windowS: number; readonly phaseS: number }>(
    { slo: "availability >= 99% for 60s", windowS: 60, phaseS: 30 },
    ({ slo, windowS, phaseS }) =>
      `${slo} needs a window of ${windowS} s, and the phase lasts ${formatSeconds(phaseS)}; use a shorter window or a longer phase`,
  ),
  request_never_due: says<
    OfSlo & {
      readonly request: string | null;
      /** Its name has no weight. Else the rate is too small. */
      readonly lacksWeight: boolean;
    }
  >({ slo: "p99(checkout) < 500ms", request: "checkout", lacksWeight: true }, (facts) => {
    const { slo, request, lacksWeight } = facts;
    const which = request === null ? "no request" : `no request named "${request}"`;
    const remedy = lacksWeight ? "give it a weight above 0" : "raise the rate";
    return `${slo} cannot be measured: ${which} is due; ${remedy}`;
  }),
  too_few_to_measure: says<
    OfSlo & {
      readonly requests: number;
      readonly phaseS: number;
      readonly metric: string;
      readonly least: number;
      readonly remedy: LoadRemedy;
    }
  >(
    { ...SLO, requests: 30, phaseS: 30, metric: "p99", least: 100, remedy: REMEDY },
    ({ slo, requests, phaseS, metric, least, remedy }) =>
      `${slo} cannot be measured with ${formatCount(requests)} requests in ${formatSeconds(phaseS)}: ` +
      `${metric} exists from ${neededText(least)} on (below that it is max); use ${loadRemedyText(remedy)}`,
  ),
  as_observed: says<OfSlo>(
    SLO,
    ({ slo }) => `${slo}: judged by what is observed; nothing is claimed beyond the run`,
  ),
  a_fact: says<OfSlo & { readonly what: string }>(
    { slo: "max < 2s", what: "the slowest request of the phase" },
    ({ slo, what }) => `${slo}: ${what} is what it is`,
  ),
  not_known_before: says<
    OfSlo & {
      /** - target: it is known only after the baseline. - zero_target: the same, and it is 0 if the baseline has no error. */
      readonly why: "failures" | "dependency" | "closed_model" | "target" | "zero_target" | "monitoring";
    }
  >({ ...SLO, why: "target" }, ({ slo, why }) => {
    const because = {
      failures: "how many requests fail is the system's doing",
      dependency: "how much a dependency gets is the system's doing",
      closed_model: "the number of requests is the system's doing in the closed model",
      target: "its target is known only after the baseline",
      zero_target: "its target is known only after the baseline, and is 0 if the baseline has no error",
      monitoring: "it is the monitoring's doing",
    }[why];
    return `${slo}: cannot be told before the run; ${because}`;
  }),
  phase_too_short: says<
    OfSlo & {
      readonly leastS: number;
      readonly phaseS: number;
      /** null: a longer phase is all that helps. */
      readonly remedy: LoadRemedy | null;
    }
  >({ ...SLO, leastS: 30, phaseS: 12, remedy: REMEDY }, ({ slo, leastS, phaseS, remedy }) => {
    const use = remedy === null ? "" : `; use ${loadRemedyText(remedy)}`;
    return `${slo} cannot pass: a phase must last at least ${leastS} s to pass, and this one lasts ${formatSeconds(phaseS)}${use}`;
  }),
  rate_below_target: says<OfSlo & { readonly duePerS: number }>(
    { slo: "throughput >= 180/s", duePerS: 100 },
    ({ slo, duePerS }) =>
      `${slo} cannot pass: the load asks for ${formatRate(duePerS)}; raise load.rate above the target`,
  ),
  nothing_may_fail: says<OfSlo>(
    { slo: "availability >= 100%" },
    ({ slo }) =>
      `${slo} cannot pass: no number of requests can show that none ever fails; allow a small share`,
  ),
  system_decides_number: says<
    OfSlo & {
      readonly least: number;
      readonly phaseS: number;
      readonly leastPerS: number;
    }
  >(
    { ...SLO, least: 20_598, phaseS: 30, leastPerS: 686.6 },
    ({ slo, least, phaseS, leastPerS }) =>
      `${slo} needs ${neededText(least)} requests in ${formatSeconds(phaseS)} (${formatRate(leastPerS)}) to pass; ` +
      "with `connections:` the system decides how many there are",
  ),
  too_few_to_pass: says<
    OfSlo & {
      readonly requests: number;
      readonly phaseS: number;
      readonly least: number;
      readonly remedy: LoadRemedy;
    }
  >(
    { ...SLO, requests: 6000, phaseS: 30, least: 20_598, remedy: REMEDY },
    ({ slo, requests, phaseS, least, remedy }) =>
      `${slo} cannot pass with ${formatCount(requests)} requests in ${formatSeconds(phaseS)}: ` +
      `${neededText(least)} are needed; use ${loadRemedyText(remedy)}`,
  ),
  too_few_in_window: says<
    OfSlo & {
      readonly requests: number;
      readonly windowS: number;
      readonly least: number;
      readonly ratePerS: number;
    }
  >(
    { slo: "availability >= 99% for 5s", requests: 500, windowS: 5, least: 1400, ratePerS: 280 },
    ({ slo, requests, windowS, least, ratePerS }) =>
      `${slo} cannot pass with ${formatCount(requests)} requests in each ${windowS} s: ` +
      `${neededText(least)} are needed; use rate: ${formatRate(ratePerS)}, or a longer window`,
  ),
  suffices: says<
    OfSlo & {
      readonly requests: number;
      readonly phaseS: number;
      readonly least: number;
      /** An outage that comes less often than once in so many seconds may go unseen. */
      readonly rareS: number;
    }
  >(
    { ...SLO, requests: 6000, phaseS: 60, least: 4700, rareS: 20 },
    ({ slo, requests, phaseS, least, rareS }) =>
      `${slo}: ${formatCount(requests)} requests in ${formatSeconds(phaseS)} suffice (${neededText(least)} are needed); ` +
      `an outage that comes less often than once in ${formatSeconds(rareS)} may go unseen`,
  ),
  recovery_by_requests: says<OfSlo>(
    { slo: "recovery < 5s" },
    ({ slo }) => `${slo}: how long the system must be good again depends on how many requests it answers`,
  ),
  recovery_suffices: says<OfSlo & { readonly phaseS: number; readonly holdS: number }>(
    { slo: "recovery < 5s", phaseS: 60, holdS: 41 },
    ({ slo, phaseS, holdS }) =>
      `${slo}: ${formatSeconds(phaseS)} of recovery suffice (${holdS} good seconds in a row show it)`,
  ),
  recovery_too_short: says<
    OfSlo & {
      readonly phaseS: number;
      readonly holdS: number;
      /** The SLO that takes so long. null: any. */
      readonly holds: string | null;
      readonly neededS: number;
      /** Of the load, with which the phase is long enough. null: there is none. */
      readonly ratePerS: number | null;
    }
  >(
    { slo: "recovery < 5s", phaseS: 30, holdS: 100, holds: "p99 < 500ms", neededS: 105, ratePerS: 800 },
    ({ slo, phaseS, holdS, holds, neededS, ratePerS }) => {
      const why = holds === null ? "that the system is back" : `that "${holds}" holds again`;
      const rate = ratePerS === null ? "" : `, or rate: ${formatRate(ratePerS)}`;
      return (
        `${slo} cannot be decided in ${formatSeconds(phaseS)} of recovery: it takes ${holdS} good seconds in a row to show ` +
        `${why}; use recovery: ${neededS}s${rate}`
      );
    },
  ),
  too_few_samples: says<
    OfSlo & {
      readonly leastS: number;
      readonly samples: number;
      readonly phaseS: number;
    }
  >(
    { slo: "signal(orders) mean < 100", leastS: 465, samples: 30, phaseS: 60 },
    ({ slo, leastS, samples, phaseS }) =>
      `${slo} cannot pass: a phase must last at least ${formatSeconds(leastS)} for ${countOf(samples, "sample")}, ` +
      `and this one lasts ${formatSeconds(phaseS)}`,
  ),
  signal_not_known_before: says<
    OfSlo & {
      readonly signal: string;
      /** One sample comes for each of the server's scrapes. */
      readonly byScrape: boolean;
    }
  >(
    { slo: "signal(orders) error_rate < 1%", signal: "orders", byScrape: true },
    ({ slo, signal, byScrape }) =>
      `${slo}: cannot be told before the run; what "${signal}" counts is the system's doing` +
      `${byScrape ? ", with one sample for each scrape of the server" : ""}`,
  ),
  alert_watched_too_briefly: says<OfSlo & { readonly leastS: number; readonly phaseS: number }>(
    { slo: "alert(HighErrorRate) fires < 2m", leastS: 120, phaseS: 60 },
    ({ slo, leastS, phaseS }) =>
      `${slo} cannot fail: the phase must last at least ${formatSeconds(leastS)} to show that it does not, ` +
      `and this one lasts ${formatSeconds(phaseS)}`,
  ),
};

export type DecisionId = keyof typeof DECISIONS;

/** What an answer says. Two with the same id and facts say the same. */
export interface PlanDecision {
  readonly id: DecisionId;
  readonly facts: ReasonFacts;
  /** Made of the facts, without its full stop. */
  readonly text: string;
}

export function decision<Id extends DecisionId>(
  id: Id,
  facts: (typeof DECISIONS)[Id]["sample"],
): PlanDecision {
  const kind: ReasonKind<ReasonFacts> = DECISIONS[id];
  return { id, facts, text: kind.text(facts) };
}
