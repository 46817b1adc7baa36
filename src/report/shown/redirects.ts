import type { PhaseReport, Report } from "../../analysis/document/report.js";
import { formatCount, NOTHING } from "../../support/format.js";

/** Whether the load follows redirects. */
export function tellsRedirects({ phases }: Report): boolean {
  return phases.some(({ redirects }) => redirects !== undefined);
}

export function redirectsCell({ redirects }: Pick<PhaseReport, "redirects">): string {
  return redirects === undefined ? NOTHING : formatCount(redirects);
}

/** Of the whole run, with what was due between phases. null: the load follows none. */
export function redirectsOfRun(report: Report): number | null {
  if (!tellsRedirects(report)) return null;
  const between = report.unjudged?.redirects ?? 0;
  return report.phases.reduce((sum, { redirects = 0 }) => sum + redirects, between);
}
