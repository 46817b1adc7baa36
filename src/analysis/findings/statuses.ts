/** Which statuses a system answered with, and what they tell: new ones that the baseline never showed, or redirects. */

import type { PhaseRecord } from "../../measure/record.js";
import { countOf } from "../../support/count-of.js";
import { formatCount, formatRatio } from "../../support/format.js";
import { statusShown } from "../../support/names/grpc-status.js";
import type { NewStatus, Reason } from "../document/report.js";
import { type FactsOf, reason } from "../reasons/reasons.js";
import { sum } from "../statistics/intervals.js";

/** Share of the due requests. With fewer answers, "most answers" says little. */
const LEAST_ANSWERED = 0.1;

type Answered = Pick<PhaseRecord, "requests">;

/**
 * Statuses under the fault that no answer to the same request had in the baseline, most frequent first. Good answers that
 * the scenario calls degraded were expected to have another one.
 * @returns [] when nothing was answered in the baseline, or when the record does not say.
 */
export function newStatuses(baseline: Answered | null, during: Answered): NewStatus[] {
  const found = new Map<string, { answers: number; ok: number }>();
  let of = 0;
  for (const { request, statuses = {}, degraded } of during.requests) {
    const before = baseline?.requests.find((series) => series.request === request)?.statuses ?? {};
    const isKnown = Object.keys(before).length > 0;
    const all = Object.entries(statuses);
    of += sum(all.map(([, { answers }]) => answers));
    const fresh = isKnown ? all.filter(([status]) => before[status] === undefined) : [];
    // Which answers were degraded is counted, and not of which status: all of them or none.
    const areDegraded = degraded !== undefined && sum(fresh.map(([, { ok }]) => ok)) <= sum(degraded);
    for (const [status, { answers, ok }] of fresh) {
      const counts = areDegraded ? { answers: answers - ok, ok: 0 } : { answers, ok };
      if (counts.answers === 0) continue;
      const others = found.get(status) ?? { answers: 0, ok: 0 };
      found.set(status, { answers: others.answers + counts.answers, ok: others.ok + counts.ok });
    }
  }
  return [...found]
    .map(([status, counts]) => ({ status: Number(status), ...counts, of }))
    .sort((a, b) => b.answers - a.answers);
}

/** "1,200 of 1,200 answers (100%) had status 302, which the baseline never showed; the scenario counts it as good." */
export function newStatusesSentence(statuses: readonly NewStatus[]): string | null {
  const [first, ...more] = statuses;
  if (!first) return null;
  const answers = statuses.reduce((sum, each) => sum + each.answers, 0);
  const share = `${formatCount(answers)} of ${countOf(first.of, "answer")} (${formatRatio(answers / first.of)})`;
  const good = statuses.filter(({ ok }) => ok > 0);
  if (more.length === 0) {
    const counts = good.length > 0 ? "; the scenario counts it as good" : "";
    return `${share} had status ${statusShown(first.status)}, which the baseline never showed${counts}.`;
  }
  const list = statuses
    .map(({ status, answers }) => `${statusShown(status)} (${formatCount(answers)})`)
    .join(", ");
  const names = good.map(({ status }) => statusShown(status)).join(" and ");
  return `${share} had a status that the baseline never showed: ${list}${names && `; the scenario counts ${names} as good`}.`;
}

/** For a headline. @returns null when it is not most of the answers. */
export function mostlyNewStatus(statuses: readonly NewStatus[], requestsDue: number): Reason | null {
  const [first] = statuses;
  if (!first || first.answers <= first.of / 2 || first.of < LEAST_ANSWERED * requestsDue) return null;
  const { status, answers, of } = first;
  return reason("mostly_new_status", { status, answers, of, unanswered: Math.max(0, requestsDue - of) });
}

/** Redirects that were not expected, out of all bad answers. */
type Redirects = FactsOf<"redirected">;

function unexpectedRedirects({ requests }: Answered): Redirects | null {
  const bad = new Map<number, number>();
  for (const { statuses = {} } of requests) {
    for (const [status, { answers, ok }] of Object.entries(statuses)) {
      bad.set(Number(status), (bad.get(Number(status)) ?? 0) + answers - ok);
    }
  }
  const redirects = [...bad].filter(([status, count]) => status >= 300 && status < 400 && count > 0);
  const [most] = redirects.sort((a, b) => b[1] - a[1]);
  if (!most) return null;
  const inAll = (counts: readonly (readonly [number, number])[]) => sum(counts.map(([, n]) => n));
  return { status: most[0], answers: inAll(redirects), bad: inAll([...bad]) };
}

/**
 * What to write instead where redirects are the main reason for a phase's failures. @returns null when they are not.
 */
export function redirectAdvice(phase: Answered): Reason | null {
  // Where redirects are followed, the reasons say why these were not.
  if (phase.requests.some((series) => series.redirects !== undefined)) return null;
  const redirects = unexpectedRedirects(phase);
  return redirects === null || redirects.answers < redirects.bad / 2 ? null : reason("redirected", redirects);
}
