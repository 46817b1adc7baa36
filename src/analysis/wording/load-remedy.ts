import { formatCount, formatRate } from "../../support/format.js";

/** What would make a pass possible: more requests in a second, or a longer phase. At least one of the two is not null. */
export type LoadRemedy = {
  /** Of the load, for so many seconds. null for the seconds: the phase is long enough. */
  readonly byRate: { readonly ratePerS: number; readonly forS: number | null } | null;
  /** At the load's own rate. */
  readonly byTime: { readonly seconds: number; readonly ratePerS: number } | null;
};

/** "rate: 690/s, or 75 s at 200/s" */
export function loadRemedyText({ byRate, byTime }: LoadRemedy): string {
  const rate =
    byRate === null
      ? []
      : [`rate: ${formatRate(byRate.ratePerS)}${byRate.forS === null ? "" : ` for ${byRate.forS} s`}`];
  const time = byTime === null ? [] : [`${formatCount(byTime.seconds)} s at ${formatRate(byTime.ratePerS)}`];
  return [...rate, ...time].join(", or ");
}
