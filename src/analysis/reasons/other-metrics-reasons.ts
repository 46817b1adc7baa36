/** What became of rates, of what crossed a proxy, and of the time until work was stored. */

import type { Crossing, Latency } from "../../slo/observations.js";
import {
  formatCount,
  formatMs,
  formatRate,
  formatRateOf,
  formatRatio,
  formatSeconds,
} from "../../support/format.js";
import { completionText } from "../wording/completion-sentences.js";
import { NOUN_OF_CROSSING, neededText, valueText } from "../wording/wording.js";
import { goesOn, type NoFacts, says, saysAsIs } from "./reason-kind.js";

type Counted = { readonly proxy: string; readonly counts: Crossing };

type Crossed = Counted & {
  readonly perS: number;
  readonly operator: string;
  readonly targetPerS: number;
};

const CROSSED: Crossed = {
  ...{ proxy: "inventory", counts: "requests" },
  ...{ perS: 212.5, operator: "<", targetPerS: 120 },
};

/** '"inventory" got 80 requests/s' */
function gotText({ proxy, counts, perS }: Crossed): string {
  const what = NOUN_OF_CROSSING[counts];
  return `"${proxy}" got ${formatRateOf(perS, perS === 1 ? what.slice(0, -1) : what)}`;
}

function promisedText({ operator, targetPerS }: Crossed): string {
  return `${operator === "<" ? "less than" : "at most"} ${formatRate(targetPerS)} promised`;
}

type Rate = {
  readonly perS: Latency;
  /** "good answers" */
  readonly of: string;
  readonly targetPerS: number;
};

const RATE: Rate = { perS: 163.2, of: "good answers", targetPerS: 180 };

function hadText({ perS, of }: Rate): string {
  return `${valueText(perS, "per_s")} ${of}`;
}

export const otherMetricsReasons = {
  crossing_unknown: says<Counted>({ proxy: "inventory", counts: "opened" }, ({ proxy, counts }) => {
    const why =
      counts === "requests"
        ? "nothing could be read from its gateway"
        : "its server does not count them, or could not be read";
    return `How many ${NOUN_OF_CROSSING[counts]} "${proxy}" got is not known: ${why}`;
  }),
  counters_unread: says<{ readonly proxy: string; readonly readS: number; readonly ofS: number }>(
    { proxy: "inventory", readS: 12, ofS: 30 },
    ({ proxy, readS, ofS }) =>
      `The counters of "${proxy}" could be read for ${formatSeconds(readS)} of ${formatSeconds(ofS)} only`,
  ),
  nothing_crossed_before: says<Counted>(
    { proxy: "inventory", counts: "requests" },
    ({ proxy, counts }) =>
      `"${proxy}" got no ${NOUN_OF_CROSSING[counts]} in the baseline, so there is nothing to compare with`,
  ),
  crossed: says<Crossed & { readonly overS: number }>(
    { ...CROSSED, overS: 30 },
    (facts) => `${gotText(facts)} over ${formatSeconds(facts.overS)}; ${promisedText(facts)}`,
  ),
  crossed_in_window: says<Crossed & { readonly windowS: number; readonly fromS: number }>(
    { ...CROSSED, windowS: 5, fromS: 3 },
    (facts) =>
      `In the worst ${facts.windowS} s (from second ${Math.floor(facts.fromS) + 1}) ${gotText(facts)}; ${promisedText(facts)}`,
  ),
  counters_gap: goesOn<{ readonly lengthS: number }>(
    ", but ",
    { lengthS: 8 },
    ({ lengthS }) =>
      `the counters were not read for ${formatSeconds(lengthS)}, in which there may have been more`,
  ),
  load_too_small: says<{ readonly duePerS: number; readonly targetPerS: number }>(
    { duePerS: 100, targetPerS: 180 },
    ({ duePerS, targetPerS }) =>
      `Only ${formatRate(duePerS)} were due, so ${formatRate(targetPerS)} could not be shown: raise the load's rate`,
  ),
  rate: saysAsIs<Rate>(RATE, (facts) => `${hadText(facts)}, ${formatRate(facts.targetPerS)} promised:`),
  mean_rate: says<Rate & { readonly overS: number }>(
    { ...RATE, overS: 30 },
    (facts) =>
      `${hadText(facts)} over ${formatSeconds(facts.overS)}; ${formatRate(facts.targetPerS)} promised`,
  ),
  rate_in_window: says<Rate & { readonly windowS: number }>(
    { ...RATE, windowS: 5 },
    (facts) =>
      `In its worst ${facts.windowS} s there were ${hadText(facts)}; ${formatRate(facts.targetPerS)} promised`,
  ),
  rate_between: goesOn<{ readonly atLeast: number; readonly atMost: number }>(
    ", but ",
    { atLeast: 171, atMost: 196 },
    ({ atLeast, atMost }) =>
      `it may be anything from ${formatRate(atLeast)} to ${formatRate(atMost)}: use a longer phase`,
  ),
  completion_unknown: says<{ readonly of: string }>(
    { of: "checkout" },
    ({ of }) =>
      `How long completion took is not known: no check holds the ids of "${of}" against what was stored`,
  ),
  nothing_acknowledged: says<{ readonly of: string }>(
    { of: "checkout" },
    ({ of }) => `No request of "${of}" was acknowledged in this phase, so nothing is known`,
  ),
  completion: says<{
    /** Bad ones, as looks at the store tell two bounds of each time. */
    readonly atLeast: number;
    readonly atMost: number;
    readonly of: number;
    /** "p95". null: the longest. */
    readonly quantile: string | null;
    readonly budget: number;
    readonly longerThanMs: number;
    /** Up to here nothing is late for sure. The same as longerThanMs where the target is no baseline's. */
    readonly onTimeUpToMs: number;
    readonly value: { readonly atLeast: Latency; readonly atMost: Latency };
  }>(
    {
      ...{ atLeast: 12, atMost: 40, of: 3000, quantile: "p95", budget: 0.05 },
      ...{ longerThanMs: 5000, onTimeUpToMs: 5000, value: { atLeast: 3200, atMost: 4100 } },
    },
    ({ atLeast, atMost, of, quantile, budget, longerThanMs, onTimeUpToMs, value }) => {
      const how =
        atLeast === atMost ? formatCount(atMost) : `${formatCount(atLeast)} to ${formatCount(atMost)}`;
      const late =
        onTimeUpToMs === longerThanMs
          ? `longer than ${formatMs(longerThanMs)}`
          : `longer than promised (${formatMs(onTimeUpToMs)} to ${formatMs(longerThanMs)}: the baseline is not known better)`;
      const allowed = quantile === null ? "none" : formatRatio(budget);
      return `${how} of ${formatCount(of)} acknowledged took ${late} to be stored, or never were; ${allowed} may; ${quantile ?? "the longest"} is ${completionText(value)}`;
    },
  ),
  looks_too_far_apart: goesOn<NoFacts>(
    ", but ",
    {},
    () => "the looks at the store were too far apart to tell (see `every`)",
  ),
  still_under_way: goesOn<{ readonly underWay: number }>(
    ", but ",
    { underWay: 75 },
    ({ underWay }) =>
      `${formatCount(underWay)} ${underWay === 1 ? "was" : "were"} still under way when the next fault went in, and not there in time: put that fault later`,
  ),
  needs_acknowledged: goesOn<{ readonly least: number; readonly seconds: number }>(
    ", but ",
    { least: 480, seconds: 30 },
    ({ least, seconds }) =>
      `${neededText(least)} acknowledged requests are needed to show it in ${seconds} s`,
  ),
  may_be_chance: goesOn<NoFacts>(", but ", {}, () => "that can still be chance: use a longer phase"),
};
