/** "alert(HighErrorRate) fires < 2m": whether users that were hurt made somebody come, and how soon. */

import type { AlertMetric } from "../../slo/metric.js";
import { metricOf } from "../../slo/metrics/index.js";
import { asWritten, type Slo } from "../../slo/slo.js";
import type { SloResult, Verdict } from "../document/report.js";
import { alertSamples } from "../measurement/alert-states.js";
import type { PhaseObservations } from "../measurement/phase-view.js";
import { alertSentence, type Hurt } from "../wording/alert-sentences.js";
import { UNREAD } from "../wording/signal-sentences.js";

export interface WatchedFault {
  readonly during: PhaseObservations;
  readonly recovery: PhaseObservations | null;
  readonly injectionDelayS: number;
  readonly removedAtS: number | null;
  /** What became of the SLOs that are about no alert. */
  readonly others: readonly SloResult[];
}

interface AlertJudgement {
  readonly verdict: Verdict;
  readonly observed: number | null;
  readonly censored: boolean;
  readonly reason: string;
}

export function judgeAlert(slo: Slo, alert: AlertMetric, watched: WatchedFault): SloResult {
  const target = slo.target.kind === "absolute" ? slo.target.value : 0;
  const judged = alert.measure === "fires" ? fires(alert, target, watched) : resolves(alert, target, watched);
  return {
    expect: slo.text,
    slo: asWritten(slo),
    phase: metricOf(slo.metric).timing ?? "fault",
    unit: "s",
    target,
    baseline: null,
    after: null,
    interval: null,
    counts: null,
    share: null,
    ...judged,
  };
}

const NOTHING = { observed: null, censored: false } as const;

function fires({ name }: AlertMetric, target: number, watched: WatchedFault): AlertJudgement {
  const { during, injectionDelayS, others } = watched;
  const seen = alertSamples(during, name);
  if (typeof seen === "string") return { ...NOTHING, verdict: "invalid", reason: seen };
  const { atS, states } = seen;
  if (states[0] === "firing") {
    return { ...NOTHING, verdict: "invalid", reason: alertSentence.firedBefore(name) };
  }
  const hurt = whetherHurt(others);
  const first = states.indexOf("firing");
  if (first >= 0) {
    const observed = Math.max(1, Math.ceil((atS[first] ?? 0) + injectionDelayS));
    const isInTime = observed <= target;
    const reason = alertSentence.fired(name, observed, hurt === "no");
    return { observed, censored: false, verdict: isInTime || hurt === "no" ? "pass" : "fail", reason };
  }
  const hidden = states.find((state) => state === "silenced" || state === "inhibited") ?? null;
  const watchedS = Math.floor(during.durationS + injectionDelayS);
  const seenFor = { observed: watchedS, censored: true };
  if (hurt === "no") return { ...NOTHING, verdict: "pass", reason: alertSentence.nothingToPage(name) };
  const reason = alertSentence.nobodyPaged(name, watchedS, hidden, hurt);
  const isOver = hidden !== null || watchedS >= target;
  return { ...seenFor, verdict: hurt !== "unknown" && isOver ? "fail" : "inconclusive", reason };
}

function resolves({ name }: AlertMetric, target: number, watched: WatchedFault): AlertJudgement {
  const { during, recovery, removedAtS } = watched;
  const [before, after] = [alertSamples(during, name), alertSamples(recovery, name)];
  if (typeof before === "string") return { ...NOTHING, verdict: "invalid", reason: before };
  if (typeof after === "string" || recovery === null) {
    const reason = typeof after === "string" ? after : UNREAD;
    return { ...NOTHING, verdict: recovery === null ? "not_run" : "invalid", reason };
  }
  const states = [...before.states, ...after.states];
  if (!states.includes("firing")) {
    return { ...NOTHING, verdict: "pass", reason: alertSentence.neverFired(name) };
  }
  // It may rise again: the last time that it fired counts.
  const last = after.states.lastIndexOf("firing");
  const sinceRemovalS = recovery.startS - (removedAtS ?? recovery.startS);
  const quietS = last < 0 ? 0 : after.atS[last + 1];
  if (quietS === undefined) {
    const observed = Math.floor(recovery.durationS + sinceRemovalS);
    const verdict = observed >= target ? "fail" : "inconclusive";
    return { observed, censored: true, verdict, reason: alertSentence.stillFires(name, observed) };
  }
  const observed = last < 0 ? 0 : Math.ceil(quietS + sinceRemovalS);
  const verdict = observed <= target ? "pass" : "fail";
  return { observed, censored: false, verdict, reason: alertSentence.resolved(name, observed) };
}

/**
 * Whether users were hurt: an SLO that is about no alert was broken while the fault was in place. Without such an SLO
 * nobody asks, and the alert has to fire.
 */
function whetherHurt(others: readonly SloResult[]): Hurt {
  const during = others.filter(({ phase }) => phase === "fault");
  if (during.length === 0) return "unasked";
  if (during.some(({ verdict }) => verdict === "fail")) return "yes";
  return during.every(({ verdict }) => verdict === "pass") ? "no" : "unknown";
}
