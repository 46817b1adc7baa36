/** Which request name a broken promise on all requests is mostly about, and why those requests failed. */

import { topReason } from "../../measure/outcome.js";
import type { RequestSeries } from "../../measure/record.js";
import type { Slo } from "../../slo/slo.js";
import type { MostlyOf, Reason } from "../document/report.js";
import type { PhaseObservations, PhaseView } from "../measurement/phase-view.js";
import { reason } from "../reasons/reasons.js";
import { sum } from "../statistics/intervals.js";
import { badSeries } from "./bad-requests.js";
import { limitOf } from "./slo-budget.js";

interface NamedBad {
  readonly series: RequestSeries;
  readonly name: string;
  readonly bad: number;
  readonly due: number;
}

export interface WorstRequest {
  readonly facts: MostlyOf;
  readonly because: Reason;
}

interface WhyBad extends Pick<MostlyOf, "failedBy" | "slowerThanMs"> {
  /** There were other reasons, too. */
  readonly isMixed: boolean;
}

/** Times the rest's share of bad requests. A name below it has as many as its part of the load explains. */
const STANDS_OUT_FROM = 1.5;
/** Share of all bad requests. A name that does not stand out is named only from here on. */
const LEAST_SHARE = 0.6;

/**
 * "Most of them were checkout: 312 of 340, status 503." @returns null when the SLO is about one name or a window, when
 * there is only one name, when hardly anything or everything was bad, when the names share the bad requests about
 * equally, or when somebody else counted.
 */
export function worstRequest(slo: Slo, { ownLoad: view }: PhaseObservations): WorstRequest | null {
  if (view === undefined || slo.request !== null || slo.windowS !== null) return null;
  const names = view.record.requests.flatMap((series) => namedBad(slo, series, view) ?? []);
  if (names.length < 2 || names.length < view.record.requests.length) return null;
  const total = sum(names.map(({ bad }) => bad));
  const due = sum(names.map((name) => name.due));
  names.sort((a, b) => b.bad - a.bad);
  const [worst, next] = [names[0]!, names[1]!];
  if (total < 2 || total === due || worst.bad === next.bad) return null;
  const rest = { bad: total - worst.bad, due: due - worst.due };
  const standsOut = worst.bad / worst.due >= (STANDS_OUT_FROM * rest.bad) / rest.due;
  if (!standsOut && worst.bad < LEAST_SHARE * total) return null;
  const { isMixed, ...why } = whyBad(slo, worst, view);
  const facts = { request: worst.name, bad: worst.bad, of: total, ...why };
  return { facts, because: reason("mostly", { ...facts, isMixed, standsOut }) };
}

function namedBad(slo: Slo, series: RequestSeries, view: PhaseView): NamedBad | null {
  const { request } = series;
  if (request === null) return null;
  const bad = badSeries({ ...slo, request }, view);
  return bad && { series, name: request, bad: sum(bad.bad), due: sum(bad.due) };
}

/** The most frequent reason, or "slower than the limit" where more were only late. Also whether that was all. */
function whyBad(slo: Slo, { series, name, bad }: NamedBad, view: PhaseView): WhyBad {
  const failed = sum(view.failures(name).bad);
  const limitUs = limitOf(slo);
  if (limitUs !== null && bad - failed > failed) {
    return { failedBy: null, slowerThanMs: limitUs / 1000, isMixed: failed > 0 };
  }
  const reasons = series.reasons ?? {};
  const top = topReason(reasons);
  const isAll = bad === failed && Object.keys(reasons).length === 1;
  return { failedBy: top, slowerThanMs: null, isMixed: top !== null && !isAll };
}
