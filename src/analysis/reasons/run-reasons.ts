/** What became of a run. */

import { countOf } from "../../support/count-of.js";
import { formatRatio } from "../../support/format.js";
import { type ChangeFacts, changeText } from "../wording/what-became.js";
import { sentence } from "../wording/wording.js";
import { CHANGE, intoText } from "./fault-reasons.js";
import { type NoFacts, says, saysAsIs } from "./reason-kind.js";

type Stopped = {
  readonly why: string;
  /** The fault that was in place, or the last one before. null: it ended before any. */
  readonly fault: string | null;
  /** Seconds from the injection on. null: in the recovery. */
  readonly intoS: number | null;
};

const STOPPED: Stopped = { why: "SIGINT", fault: "cache cut off", intoS: 2.1 };

function stoppedText(head: string, { why, fault, intoS }: Stopped): string {
  const when = fault === null ? "" : ` ${intoText(`"${fault}"`, intoS)}`;
  return `${head}${when}: ${sentence(why)}`;
}

export const runReasons = {
  interrupted: saysAsIs<Stopped>(STOPPED, (facts) => stoppedText("Interrupted", facts)),
  aborted: saysAsIs<Stopped>({ ...STOPPED, why: "error_rate > 50% for 5s" }, (facts) =>
    stoppedText("The run was aborted", facts),
  ),
  could_not_run: saysAsIs<{ readonly code: string; readonly message: string }>(
    { code: "TARGET_UNREACHABLE", message: "Nothing listens at 127.0.0.1:3000." },
    ({ message }) => message,
  ),
  in_fault: saysAsIs<{ readonly fault: string }>({ fault: "slow cache" }, ({ fault }) => `In "${fault}":`),
  some_decided: saysAsIs<{
    readonly fault: string;
    /** Faults that passed or failed. */
    readonly decided: number;
    readonly of: number;
  }>(
    { fault: "slow cache", decided: 2, of: 3 },
    ({ fault, decided, of }) => `${decided} of ${of} faults decided; in "${fault}":`,
  ),
  faults_broke: says<{ readonly broken: number; readonly of: number }>(
    { broken: 2, of: 3 },
    ({ broken, of }) => {
      const who = broken < of ? `${broken} of ${of}` : of === 2 ? "Both" : `All ${of}`;
      return `${who} faults broke SLOs`;
    },
  ),
  held_in_faults: says<{ readonly faults: number }>({ faults: 3 }, ({ faults }) => {
    const where = faults === 1 ? "the one fault" : faults === 2 ? "both faults" : `all ${faults} faults`;
    return `Every SLO held in ${where}`;
  }),
  held_under_load: says<NoFacts>({}, () => "Every SLO held under this load, without any fault"),
  nearest: says<ChangeFacts & { readonly fault: string | null }>(
    { ...CHANGE, observed: 480, fault: "slow cache" },
    ({ fault, ...change }) =>
      `Nearest to its limit${fault === null ? "" : `, in "${fault}"`}: ${changeText(change)}`,
  ),
  kept_least: says<{
    readonly slo: string;
    readonly fault: string;
    /** Of requests, 0 to 1. */
    readonly share: number;
    /** Seconds that count as bad because they were not observed. */
    readonly unobservedS: number;
  }>(
    { slo: "p99 < 400ms", fault: "slow cache", share: 0.62, unobservedS: 0 },
    ({ slo, fault, share, unobservedS }) => {
      const unobserved = unobservedS > 0 ? ` (${unobservedS} s that were not observed count as bad)` : "";
      return (
        `${formatRatio(share)} of requests kept "${slo}" during "${fault}" and the time to ` +
        `recover from it, the worst of all SLOs and faults${unobserved}`
      );
    },
  ),
  score_capped: says<{ readonly verdict: string; readonly atMost: number }>(
    { verdict: "fail", atMost: 49 },
    ({ verdict, atMost }) =>
      `A run that ${verdict === "fail" ? "failed" : "is undecided"} scores ${atMost} at most`,
  ),
  score_is_of_answers: says<NoFacts>(
    {},
    () => "It is about answers as callers saw them, not about what was done behind them",
  ),
  no_slo: says<NoFacts>({}, () => "There is no SLO, so nothing was promised"),
  nothing_judged: says<NoFacts>(
    {},
    () => "No SLO is about the load alone, and no fault was planned: nothing was judged",
  ),
  baseline_broken: saysAsIs<{ readonly injected: boolean }>({ injected: false }, ({ injected }) => {
    const so = injected ? "nothing can be said of faults" : "no fault was injected";
    return `The baseline itself does not hold, so ${so}:`;
  }),
  without_fault: saysAsIs<NoFacts>({}, () => "Without a fault:"),
  in_baseline: saysAsIs<NoFacts>({}, () => "In the baseline:"),
  baseline_not_run: says<NoFacts>({}, () => "It was not run"),
  failed_most_often_by: says<{ readonly failure: string }>(
    { failure: "status 503" },
    ({ failure }) => `Requests failed most often by "${failure}"`,
  ),
  redirected: says<{
    /** The most frequent redirect status. */
    readonly status: number;
    readonly answers: number;
    /** Whole answers that were bad, redirects included. */
    readonly bad: number;
  }>(
    { status: 302, answers: 600, bad: 600 },
    ({ status }) =>
      `Answers were redirects (status ${status}), which are not followed and are not good answers by default: ` +
      "request the path that they lead to, follow them by `follow: 5` in load, or write " +
      "`expect: { status: 3xx }` where a redirect is the right answer",
  ),
  closed_idle: says<{ readonly requests: number }>({ requests: 12 }, ({ requests }) => {
    const met =
      requests === 1
        ? "was sent on an idle connection just as the service closed it"
        : "were sent on idle connections just as the service closed them";
    return `${countOf(requests, "request")} ${met}: set keepAlive: false under load, or let the service keep idle connections open for longer`;
  }),
};
