/** What became of a fault: its SLOs, its proof, and what stands in the way of a verdict. */

import type { ObstacleId } from "../../measure/fault-record.js";
import type { RunEnding } from "../../measure/record.js";
import { countOf } from "../../support/count-of.js";
import { formatCount, formatRatio, formatSeconds } from "../../support/format.js";
import { statusShown } from "../../support/names/grpc-status.js";
import { type LoadShift, loadShiftSentence } from "../wording/load-shift-words.js";
import { type MachineFacts, machineText } from "../wording/machine-words.js";
import { type ChangeFacts, changeText } from "../wording/what-became.js";
import { ENDED_EARLY, sentence } from "../wording/wording.js";
import { type NoFacts, says, saysAsIs } from "./reason-kind.js";

/** A sentence names at most this many SLOs. With more it gives their number. */
const MOST_NAMED = 2;

export const CHANGE: ChangeFacts = {
  ...{ slo: "p99 < 500ms", metric: "p99", phase: "fault", unit: "ms", baseline: 4.8, observed: 812 },
  ...{ operator: "<", target: 500, relativeTo: null, censored: false, timeoutMs: 2000 },
};

type NewStatusFacts = {
  readonly status: number;
  readonly answers: number;
  /** All answers. */
  readonly of: number;
  /** Requests that got no answer. */
  readonly unanswered: number;
};

/** How far into a fault something was, as words that end a sentence. */
export function intoText(fault: string, intoS: number | null): string {
  return intoS === null ? `in the recovery from ${fault}` : `${formatSeconds(intoS)} into ${fault}`;
}

export const faultReasons = {
  slo_changed: says<ChangeFacts>(CHANGE, changeText),
  slo_did_not_hold: saysAsIs<{ readonly slo: string }>(
    { slo: "availability >= 99% for 10s" },
    ({ slo }) => `"${slo}" did not hold:`,
  ),
  also_broken: says<{ readonly slos: readonly string[] }>({ slos: ["availability >= 99%"] }, ({ slos }) => {
    const named = slos.map((slo) => `"${slo}"`).join(" and ");
    return `Also broken: ${slos.length <= MOST_NAMED ? named : `${slos.length} more SLOs`}`;
  }),
  load_differed: saysAsIs<LoadShift>({ before: 100, now: 300, counts: "requests_per_s" }, loadShiftSentence),
  mostly_new_status: says<NewStatusFacts>(
    { status: 503, answers: 49, of: 49, unanswered: 191 },
    ({ status, answers, of, unanswered }) => {
      const some = answers === of ? "All" : `${formatRatio(answers / of)} of`;
      const who = unanswered > 0 ? `${some} ${countOf(of, "answer")}` : `${some} answers`;
      const rest = unanswered > 0 ? `; ${countOf(unanswered, "request")} got none` : "";
      return `${who} had status ${statusShown(status)}, which the baseline never showed${rest}`;
    },
  ),
  mostly_degraded: says<{ readonly share: number }>({ share: 0.82 }, ({ share }) => {
    const who = share === 1 ? "All requests" : `${formatRatio(share)} of the requests`;
    return `${who} got a degraded answer`;
  }),
  slos_held: says<{ readonly slos: number }>({ slos: 3 }, ({ slos }) =>
    slos === 1 ? "Its SLO held" : `All ${slos} SLOs held`,
  ),
  nothing_promised: says<NoFacts>({}, () => "No SLO says anything about this fault"),
  in_its_recovery: saysAsIs<NoFacts>({}, () => "In its recovery:"),
  slo_open: saysAsIs<{
    readonly slo: string;
    readonly how: "undecided" | "not_judged";
    /** So many others are, too. */
    readonly more: number;
  }>({ slo: "p99 < 500ms", how: "undecided", more: 2 }, ({ slo, how, more }) => {
    const others = more > 0 ? ` (and ${more} more)` : "";
    return `"${slo}" ${how === "undecided" ? "is undecided" : "was not judged"}${others}:`;
  }),
  not_run: saysAsIs<{
    readonly why: string;
    /** null: an older record does not tell. */
    readonly obstacle: ObstacleId | "run_ended" | null;
    /** The fault that the system was not back after. null: there is none. */
    readonly after: string | null;
  }>({ why: "The run was aborted before it.", obstacle: "run_ended", after: null }, ({ why }) => why),
  not_proven: saysAsIs<{ readonly explanation: string }>(
    { explanation: "cache: no connection crossed it" },
    ({ explanation }) => `It could not be shown that the fault did what was asked: ${explanation}`,
  ),
  ended_before_proof: says<{ readonly ending: Exclude<RunEnding["kind"], "completed"> }>(
    { ending: "aborted" },
    ({ ending }) => `${ENDED_EARLY[ending]} before this fault was judged`,
  ),
  not_injected: says<NoFacts>({}, () => "It was not injected"),
  traffic_unseen: says<{ readonly explanation: string }>(
    { explanation: "cache: refuses connections; whether anybody used it was not seen" },
    ({ explanation }) =>
      `It held, but it was not seen that the system's traffic met the fault: ${explanation}`,
  ),
  failed_by_itself: saysAsIs<NoFacts>({}, () => "What failed cannot be laid to the fault:"),
  upstream_refused: says<{
    readonly phase: "warmup" | "baseline" | "fault" | "recovery";
    readonly proxy: string;
    readonly upstream: string;
    readonly dials: number;
    readonly refused: number;
    /** Faultline itself tried them. */
    readonly isOurs: boolean;
  }>(
    {
      ...{ phase: "fault", proxy: "cache", upstream: "127.0.0.1:6390" },
      ...{ dials: 20, refused: 20, isOurs: false },
    },
    ({ phase, proxy, upstream, dials, refused, isOurs }) => {
      const when = phase === "fault" ? "while the fault was on" : `in the ${phase}`;
      const what = isOurs
        ? "a connection of faultline's own"
        : `${formatCount(refused)} of ${countOf(dials, "connection")}`;
      return `${upstream}, the upstream of ${proxy}, refused ${what} ${when}: no fault did that`;
    },
  ),
  machine_saturated: saysAsIs<{
    readonly machine: MachineFacts;
    /** By service and load generator. */
    readonly isShared: boolean;
  }>({ machine: { kind: "saturated", busy: 0.97, stolen: null }, isShared: true }, ({ machine, isShared }) =>
    isShared
      ? `${machineText(machine)} The service and the load generator shared it: slowness may be the machine's.`
      : `${machineText(machine)} It is the load generator's machine: slowness may be that machine's.`,
  ),
  service_died: saysAsIs<{
    /** null: it is not known which one. */
    readonly service: string | null;
    readonly exit: string | null;
    /** Seconds from the injection on. null: in the recovery. */
    readonly intoS: number | null;
    /** What it printed about it. null: nothing that tells of an error. */
    readonly said: string | null;
  }>(
    { service: "shop", exit: "exited with code 1", intoS: 2, said: "Error: no cache" },
    ({ service, exit, intoS, said }) => {
      const what = service === null ? "A service ended by itself" : `Service "${service}" ${exit}`;
      const quote = said === null ? "" : ` It said "${said}".`;
      return `${sentence(`${what}, ${intoText("it", intoS)}`)}${quote}`;
    },
  ),
};
