/** What became of a share of bad requests, and what a verdict on it would take. */

import { countOf } from "../../support/count-of.js";
import { formatCount, formatMs, formatNumber, formatRate, formatRatio } from "../../support/format.js";
import { type LoadRemedy, loadRemedyText } from "../wording/load-remedy.js";
import { neededText } from "../wording/wording.js";
import { goesOn, type NoFacts, says } from "./reason-kind.js";

/** What makes a request bad. */
type BadRequests = {
  /** It failed, or took longer. null: it failed. */
  readonly limitMs: number | null;
  /** Where it is something else, the metric's own word for it: "were degraded". */
  readonly isBad: string | null;
  /** What goes with it: "may" or "may be". */
  readonly may: string;
};

const FAILED: BadRequests = { limitMs: 400, isBad: null, may: "may" };

/** "failed or took longer than 400 ms" */
export function badText({ limitMs, isBad }: Omit<BadRequests, "may">): string {
  if (isBad !== null) return isBad;
  return limitMs === null ? "failed" : `failed or took longer than ${formatMs(limitMs)}`;
}

/** A limit of what is not known better. */
type Unit = "ratio" | "per_s" | "number";

const SHOWN = { ratio: formatRatio, per_s: formatRate, number: formatNumber } as const satisfies Readonly<
  Record<Unit, (value: number) => string>
>;

export const shareReasons = {
  share: says<
    BadRequests & {
      readonly bad: number;
      readonly of: number;
      /** 0 to 1. */
      readonly budget: number;
      /** null: all. */
      readonly request: string | null;
      /** "request", "journey" */
      readonly counts: string;
    }
  >(
    { bad: 31, of: 600, budget: 0.01, request: null, counts: "request", ...FAILED },
    ({ bad, of, budget, request, counts, may, ...what }) => {
      const isBad = badText(what);
      const scope = request === null ? countOf(of, counts) : `${countOf(of, counts)} named "${request}"`;
      const allowed = `${budget === 0 ? "none" : formatRatio(budget)} ${may}`;
      if (bad === 0) return `None of ${scope} ${isBad}; ${allowed}`;
      if (bad === of) return `All ${scope} ${isBad}; ${allowed}`;
      return `${formatCount(bad)} of ${scope} (${formatRatio(bad / of)}) ${isBad}; ${allowed}`;
    },
  ),
  failed_at_injection: says<
    BadRequests & {
      /** Of those that were due before the phase. */
      readonly failed: number;
      readonly of: number;
      /** With those of the phase. */
      readonly bad: number;
      readonly ofAll: number;
      readonly budget: number;
      /** null: all. */
      readonly request: string | null;
    }
  >(
    { failed: 50, of: 54, bad: 50, ofAll: 254, budget: 0.01, request: null, ...FAILED },
    ({ failed, of, bad, ofAll, budget, request, may, ...what }) => {
      const name = request === null ? "" : ` named "${request}"`;
      const allowed = `${budget === 0 ? "none" : formatRatio(budget)} ${may}`;
      return (
        `${formatCount(failed)} of ${countOf(of, "request")}${name} failed that were under way when the fault went in, or due before ` +
        `its phase; with those of the phase ${formatCount(bad)} of ${formatCount(ofAll)} (${formatRatio(bad / ofAll)}) ${badText(what)}; ${allowed}`
      );
    },
  ),
  ended_later: says<{
    /** After the phase. */
    readonly bad: number;
    /** "journey" */
    readonly counts: string;
    readonly inPhase: number;
    readonly of: number;
  }>(
    { bad: 40, counts: "journey", inPhase: 0, of: 40 },
    ({ bad, counts, inPhase, of }) =>
      `${formatCount(inPhase)} of ${countOf(of, counts)} that ended in this phase ${inPhase === 1 ? "was" : "were"} bad, but so ${bad === 1 ? "was" : "were"} ` +
      `${formatCount(bad)} that ended after it, and nobody knows how many of those began in it`,
  ),
  worst_window: says<
    BadRequests & {
      readonly windowS: number;
      /** The first second is 0. */
      readonly fromS: number;
      readonly share: number;
      readonly of: number;
      readonly budget: number;
    }
  >(
    { windowS: 5, fromS: 11, share: 0.4, of: 500, budget: 0.01, ...FAILED },
    ({ windowS, fromS, share, of, budget, may, ...what }) =>
      `In the worst ${windowS} s (from second ${fromS + 1}) ${formatRatio(share)} of ` +
      `${countOf(of, "request")} ${badText(what)}; ${formatRatio(budget)} ${may}`,
  ),
  shorter_than_window: says<{ readonly windowS: number }>(
    { windowS: 60 },
    ({ windowS }) => `The phase is shorter than the window of ${windowS} s`,
  ),
  may_not_repeat: says<{
    readonly why: "close_together" | "short_phase" | "seconds_differ";
    readonly seconds: number;
  }>({ why: "short_phase", seconds: 12 }, ({ why, seconds }) => {
    switch (why) {
      case "close_together":
        return "The bad seconds are few and close together, so it may not repeat";
      case "short_phase":
        return `The phase of ${seconds} s is too short to say that it would repeat`;
      case "seconds_differ":
        return "The seconds differ too much to say that it would repeat";
    }
  }),
  mostly: says<{
    readonly request: string;
    readonly bad: number;
    readonly of: number;
    readonly failedBy: string | null;
    readonly slowerThanMs: number | null;
    /** Why is not all: there were other reasons, too. */
    readonly isMixed: boolean;
    /** false: it has as many as its part of the load explains. */
    readonly standsOut: boolean;
  }>(
    {
      ...{ request: "checkout", bad: 312, of: 340, failedBy: "status 503", slowerThanMs: null },
      ...{ isMixed: false, standsOut: true },
    },
    ({ request, bad, of, failedBy, slowerThanMs, isMixed, standsOut }) => {
      const slower =
        slowerThanMs === null ? "" : `, ${isMixed ? "mostly " : ""}slower than ${formatMs(slowerThanMs)}`;
      const why = failedBy === null ? slower : `, ${isMixed ? "most often " : ""}${failedBy}`;
      if (bad === of) return `All of them were ${request}${why}`;
      const how = bad > of / 2 ? "Most of them" : "More of them than of any other";
      const asExpected = standsOut ? "" : ", about its part of the load";
      return `${how} were ${request}: ${formatCount(bad)} of ${formatCount(of)}${why}${asExpected}`;
    },
  ),
  long_run_at_most: goesOn<{ readonly atMost: number; readonly unit: Unit }>(
    "; ",
    { atMost: 0.0043, unit: "ratio" },
    ({ atMost, unit }) => `in the long run at most ${SHOWN[unit](atMost)}`,
  ),
  long_run_above: goesOn<{ readonly perS: number }>(
    "; ",
    { perS: 183.4 },
    ({ perS }) => `surely above ${formatRate(perS)}`,
  ),
  needs_seconds: goesOn<{
    readonly leastS: number;
    /** null: it stands elsewhere. */
    readonly lastedS: number | null;
  }>(", but ", { leastS: 30, lastedS: 12 }, ({ leastS, lastedS }) =>
    lastedS === null
      ? `a phase must last ${leastS} s to pass`
      : `a phase must last at least ${leastS} s to pass and this one lasted ${lastedS} s`,
  ),
  needs_the_impossible: goesOn<NoFacts>(
    ", but ",
    {},
    () => "no number of requests can show that none ever will",
  ),
  needs_failures: goesOn<{ readonly least: number; readonly seconds: number }>(
    ", but ",
    { least: 480, seconds: 30 },
    ({ least, seconds }) =>
      `${neededText(least)} failed requests are needed to show it in ${seconds} s: promise failed.max or a lower percentile, or use a longer fault`,
  ),
  needs_requests: goesOn<{
    readonly least: number;
    readonly seconds: number;
    /** null: nobody knows, as the system decides how many there are. */
    readonly remedy: LoadRemedy | null;
  }>(
    ", but ",
    {
      least: 20_598,
      seconds: 30,
      remedy: { byRate: { ratePerS: 690, forS: null }, byTime: { seconds: 75, ratePerS: 200 } },
    },
    ({ least, seconds, remedy }) =>
      `${neededText(least)} requests are needed to show it in ${seconds} s${remedy === null ? "" : `: use ${loadRemedyText(remedy)}`}`,
  ),
  needs_certainty: goesOn<{
    readonly atMost: number;
    readonly why: "chance" | "in_runs" | "close_to_limit";
    readonly metric: string;
  }>(", but ", { atMost: 0.023, why: "in_runs", metric: "p99" }, ({ atMost, why, metric }) => {
    const range = `in the long run it may be anything up to ${formatRatio(atMost)}`;
    if (why === "chance") return `that can still be chance (${range}): use a longer phase`;
    const because = why === "in_runs" ? "bad requests came in runs" : `${metric} is close to its limit`;
    return `${range}, because ${because}: use a longer phase`;
  }),
  long_run_between: goesOn<{
    readonly atLeast: number;
    readonly atMost: number;
    readonly unit: Unit;
    readonly inBursts: boolean;
  }>(
    ", but ",
    { atLeast: 61, atMost: 118, unit: "per_s", inBursts: true },
    ({ atLeast, atMost, unit, inBursts }) =>
      `in the long run it may be anything from ${SHOWN[unit](atLeast)} to ${SHOWN[unit](atMost)}` +
      `${inBursts ? ", as they came in bursts" : ""}: use a longer phase`,
  ),
};
