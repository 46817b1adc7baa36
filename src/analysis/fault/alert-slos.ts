/** "alert(HighErrorRate) fires < 2m": whether users that were hurt made somebody come, and how soon. */

import { nameOfAlertSignal } from "../../plan/signals/signal-spec.js";
import type { AlertMetric } from "../../slo/metric.js";
import { metricOf } from "../../slo/metrics/index.js";
import { asWritten, type Slo } from "../../slo/slo.js";
import type { SloResult, Verdict } from "../document/report.js";
import { alertSamples } from "../measurement/alert-states.js";
import type { PhaseObservations } from "../measurement/phase-view.js";
import { because, type Reasoned, reason } from "../reasons/reasons.js";
import type { Hurt } from "../wording/alert-sentences.js";

export interface WatchedFault {
  readonly during: PhaseObservations;
  readonly recovery: PhaseObservations | null;
  readonly injectionDelayS: number;
  readonly removedAtS: number | null;
  /** What became of the SLOs that are about no alert. */
  readonly others: readonly SloResult[];
}

interface AlertJudgement extends Reasoned {
  readonly verdict: Verdict;
  readonly observed: number | null;
  readonly censored: boolean;
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
  if ("id" in seen) return { ...NOTHING, verdict: "invalid", ...because(seen) };
  const { atS, states } = seen;
  if (states[0] === "firing") {
    return { ...NOTHING, verdict: "invalid", ...because(reason("alert_fired_before", { alert: name })) };
  }
  const hurt = whetherHurt(others);
  const first = states.indexOf("firing");
  if (first >= 0) {
    const observed = Math.max(1, Math.ceil((atS[first] ?? 0) + injectionDelayS));
    const isInTime = observed <= target;
    const why = reason("alert_fired", { alert: name, afterS: observed, isFalse: hurt === "no" });
    const verdict = isInTime || hurt === "no" ? "pass" : "fail";
    return { observed, censored: false, verdict, ...because(why) };
  }
  const hidden = states.find((state) => state === "silenced" || state === "inhibited") ?? null;
  const watchedS = Math.floor(during.durationS + injectionDelayS);
  const seenFor = { observed: watchedS, censored: true };
  if (hurt === "no") {
    return { ...NOTHING, verdict: "pass", ...because(reason("alert_had_no_cause", { alert: name })) };
  }
  const why = reason("alert_paged_nobody", { alert: name, withinS: watchedS, hiddenBy: hidden, hurt });
  const isOver = hidden !== null || watchedS >= target;
  return { ...seenFor, verdict: hurt !== "unknown" && isOver ? "fail" : "inconclusive", ...because(why) };
}

function resolves({ name }: AlertMetric, target: number, watched: WatchedFault): AlertJudgement {
  const { during, recovery, removedAtS } = watched;
  const [before, after] = [alertSamples(during, name), alertSamples(recovery, name)];
  if ("id" in before) return { ...NOTHING, verdict: "invalid", ...because(before) };
  if ("id" in after || recovery === null) {
    const why = "id" in after ? after : reason("signal_unread", { signal: nameOfAlertSignal(name) });
    return { ...NOTHING, verdict: recovery === null ? "not_run" : "invalid", ...because(why) };
  }
  const states = [...before.states, ...after.states];
  if (!states.includes("firing")) {
    return { ...NOTHING, verdict: "pass", ...because(reason("alert_never_fired", { alert: name })) };
  }
  // It may rise again: the last time that it fired counts.
  const last = after.states.lastIndexOf("firing");
  const sinceRemovalS = recovery.startS - (removedAtS ?? recovery.startS);
  const quietS = last < 0 ? 0 : after.atS[last + 1];
  if (quietS === undefined) {
    const observed = Math.floor(recovery.durationS + sinceRemovalS);
    const verdict = observed >= target ? "fail" : "inconclusive";
    const why = reason("alert_still_fires", { alert: name, afterS: observed });
    return { observed, censored: true, verdict, ...because(why) };
  }
  const observed = last < 0 ? 0 : Math.ceil(quietS + sinceRemovalS);
  const verdict = observed <= target ? "pass" : "fail";
  const why = reason("alert_resolved", { alert: name, afterS: observed });
  return { observed, censored: false, verdict, ...because(why) };
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
