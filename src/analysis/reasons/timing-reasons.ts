/** How long a fault took to show, and the system to come back. */

import { formatSeconds } from "../../support/format.js";
import { type NoFacts, says } from "./reason-kind.js";

export const timingReasons = {
  nothing_to_be_back_at: says<NoFacts>({}, () => "There is no SLO to be back at"),
  recovery_not_observed: says<NoFacts>({}, () => "The recovery was not observed"),
  recovery_not_run: says<NoFacts>({}, () => "The recovery was not run"),
  back: says<{
    readonly seconds: number;
    /** What it counts from: the fault was removed, or the service that it had killed was started again. */
    readonly since: "removal" | "restart";
    readonly holdS: number;
  }>({ seconds: 3, since: "removal", holdS: 10 }, ({ seconds, since, holdS }) => {
    const after = since === "removal" ? "after the fault was removed" : "after the service was started again";
    const atOnce = since === "removal" ? "in the first second" : `in the first second ${after}`;
    const when = seconds === 0 ? atOnce : `${formatSeconds(seconds)} ${after}`;
    return `Back at every SLO ${when}, and stayed there for ${holdS} s`;
  }),
  broken_at_end: says<{ readonly slo: string; readonly recoveryS: number }>(
    { slo: "p99 < 400ms", recoveryS: 30 },
    ({ slo, recoveryS }) => `"${slo}" was still broken when the recovery ended after ${recoveryS} s`,
  ),
  held_too_briefly: says<{
    readonly slo: string;
    readonly holdS: number;
    readonly recoveryS: number;
    /** Seconds in which no request was due. */
    readonly emptyS: number;
  }>({ slo: "p99 < 400ms", holdS: 41, recoveryS: 30, emptyS: 0 }, ({ slo, holdS, recoveryS, emptyS }) => {
    const empty = emptyS === 0 ? "" : `, and in ${emptyS} s of it no request was due, which shows nothing`;
    return `It takes ${holdS} good seconds in a row to show that "${slo}" holds again; the recovery lasted ${recoveryS} s${empty}`;
  }),
  takes_more_than: says<{ readonly seconds: number }>(
    { seconds: 4 },
    ({ seconds }) => `All that is known is that it took more than ${formatSeconds(seconds)}`,
  ),
  broken_in_last_seconds: says<{ readonly slo: string }>(
    { slo: "p99 < 400ms" },
    ({ slo }) => `"${slo}" was still broken in the last seconds of the recovery`,
  ),
  fault_not_observed: says<NoFacts>({}, () => "The fault was not observed"),
  nothing_visibly_broken: says<NoFacts>({}, () => "No SLO was visibly broken while the fault was on"),
  visibly_broken: says<{ readonly slo: string; readonly withinS: number }>(
    { slo: "p99 < 400ms", withinS: 2 },
    ({ slo, withinS }) => `"${slo}" was visibly broken within ${formatSeconds(withinS)}`,
  ),
  trials_not_timed: says<NoFacts>(
    {},
    () => "Each trial of a search has a recovery of its own; none of them is timed",
  ),
  nothing_to_time: says<NoFacts>({}, () => "The fault was not proven, so there is nothing to time"),
  fault_not_run: says<NoFacts>({}, () => "The fault was not run"),
};
