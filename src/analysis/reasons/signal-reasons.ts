/** What signals and alerts told. */

import type { AlertState } from "../../slo/alert-state.js";
import type { SignalTrouble } from "../../slo/signal-trouble.js";
import type { SloOperator } from "../../slo/slo.js";
import { formatCount, formatRatio, formatSeconds } from "../../support/format.js";
import { alertSentence, type Hurt } from "../wording/alert-sentences.js";
import { countedSentence, sampleSentence, troubleSentence } from "../wording/signal-sentences.js";
import { goesOn, says, saysAsIs } from "./reason-kind.js";

type Of = { readonly signal: string };
type OfAlert = { readonly alert: string };

const SIGNAL: Of = { signal: "orders" };
const ALERT: OfAlert = { alert: "HighErrorRate" };

export const signalReasons = {
  signal_unread: says<Of>(SIGNAL, () => "The signal was not read in this phase"),
  signal_trouble: saysAsIs<
    Of & { readonly trouble: SignalTrouble["id"]; readonly facts: SignalTrouble["facts"] }
  >({ ...SIGNAL, trouble: "gap", facts: { fromS: 4, lengthS: 12 } }, ({ signal, trouble, facts }) =>
    troubleSentence(signal, { id: trouble, facts }),
  ),
  signal_more_bad_than_all: says<Of>(
    SIGNAL,
    ({ signal }) => `"${signal}" counted more bad ones than all: \`bad\` has to be a part of \`total\``,
  ),
  signal_counted_nothing: says<Of>(
    SIGNAL,
    ({ signal }) => `"${signal}" counted nothing in this phase, so nothing is known`,
  ),
  signal_counted: says<Of & { readonly bad: number; readonly total: number; readonly budget: number }>(
    { ...SIGNAL, bad: 12, total: 3000, budget: 0.01 },
    ({ signal, ...counts }) => countedSentence(signal, counts),
  ),
  signal_no_sample: says<Of>(
    SIGNAL,
    ({ signal }) => `"${signal}" has no sample that tells of this phase alone: use a longer phase`,
  ),
  signal_sample: says<
    Of & {
      /** Which one, or what is made of them: "the highest of the samples". */
      readonly what: string;
      readonly value: number;
      readonly operator: SloOperator;
      readonly target: number;
      readonly samples: number;
    }
  >(
    { ...SIGNAL, what: "the highest of the samples", value: 812, operator: "<", target: 500, samples: 12 },
    (facts) => sampleSentence(facts),
  ),
  needs_samples: goesOn<{ readonly least: number; readonly everyS: number }>(
    ", but ",
    { least: 10, everyS: 5 },
    ({ least, everyS }) =>
      `${least} samples are needed, which takes ${formatSeconds(least * everyS)}: one comes every ${formatSeconds(everyS)}`,
  ),
  needs_more_counted: goesOn<{ readonly atMost: number; readonly inRuns: boolean }>(
    ", but ",
    { atMost: 0.031, inRuns: false },
    ({ atMost, inRuns }) =>
      `in the long run it may be anything up to ${formatRatio(atMost)}${inRuns ? ", because bad ones came in runs" : ""}: use a longer phase or more load`,
  ),
  counter_began_anew: goesOn<Of & { readonly times: number; readonly lostAtMost: number }>(
    ", but ",
    { ...SIGNAL, times: 1, lostAtMost: 240 },
    ({ signal, times, lostAtMost }) =>
      `a counter of "${signal}" began anew ${times === 1 ? "once" : `${times} times`}, and up to ${formatCount(lostAtMost)} that it had counted are not known`,
  ),
  alert_fired_before: saysAsIs<OfAlert>(ALERT, ({ alert }) => alertSentence.firedBefore(alert)),
  alert_fired: saysAsIs<
    OfAlert & {
      readonly afterS: number;
      /** Every SLO held. */
      readonly isFalse: boolean;
    }
  >({ ...ALERT, afterS: 42, isFalse: false }, ({ alert, afterS, isFalse }) =>
    alertSentence.fired(alert, afterS, isFalse),
  ),
  alert_had_no_cause: saysAsIs<OfAlert>(ALERT, ({ alert }) => alertSentence.nothingToPage(alert)),
  alert_paged_nobody: saysAsIs<
    OfAlert & {
      readonly withinS: number;
      /** What kept it. null: it did not fire. */
      readonly hiddenBy: AlertState | null;
      readonly hurt: Hurt;
    }
  >({ ...ALERT, withinS: 60, hiddenBy: null, hurt: "yes" }, ({ alert, withinS, hiddenBy, hurt }) =>
    alertSentence.nobodyPaged(alert, withinS, hiddenBy, hurt),
  ),
  alert_never_fired: saysAsIs<OfAlert>(ALERT, ({ alert }) => alertSentence.neverFired(alert)),
  alert_resolved: saysAsIs<OfAlert & { readonly afterS: number }>(
    { ...ALERT, afterS: 12 },
    ({ alert, afterS }) => alertSentence.resolved(alert, afterS),
  ),
  alert_still_fires: saysAsIs<OfAlert & { readonly afterS: number }>(
    { ...ALERT, afterS: 30 },
    ({ alert, afterS }) => alertSentence.stillFires(alert, afterS),
  ),
};
