/** Why a measurement decides nothing, or decides although this machine disturbed it. */

import { formatCount, formatMs } from "../../support/format.js";
import {
  type LateFacts,
  lateText,
  type MachineFacts,
  machineText,
  type StarvedFacts,
  starvedText,
} from "../wording/machine-words.js";
import { neededText } from "../wording/wording.js";
import { lostWorkersText } from "../wording/worker-sentences.js";
import { type NoFacts, says, saysAsIs } from "./reason-kind.js";

const LATE: LateFacts = { kind: "late_seconds", lateS: 2, ofS: 6, worstMs: 10.5 };
const MACHINE: MachineFacts = {
  kind: "shares",
  shares: [
    { who: "other_programs", share: 0.87 },
    { who: "service", share: 0.08 },
  ],
};

type Disturbed = { readonly late: LateFacts | null; readonly starved: StarvedFacts | null };

/** "The load generator was late …, and the service waited …" */
function disturbedText({ late, starved }: Disturbed): string {
  const was = [
    ...(late === null ? [] : [`The load generator was ${lateText(late)}`]),
    ...(starved === null ? [] : [`${late === null ? "The" : "the"} service ${starvedText(starved)}`]),
  ];
  return was.join(", and ");
}

function whatDecides({ late, starved }: Disturbed): readonly [what: string, that: string] {
  if (starved === null) return ["The load generator's own lateness decides this one", "that lateness"];
  const service = `service ${starvedText(starved)}, and this decides here`;
  return late === null
    ? [`The ${service}`, "this"]
    : [`The load generator was ${lateText(late)}, the ${service}`, "this"];
}

export const measuredReasons = {
  error: saysAsIs<{ readonly error: string }>(
    { error: "the record has no histogram" },
    ({ error }) => `This SLO could not be judged: ${error}.`,
  ),
  no_baseline_value: says<{ readonly metric: string }>(
    { metric: "p99" },
    ({ metric }) => `The baseline has no ${metric} to compare with, so this SLO has no target`,
  ),
  nothing_due: says<{ readonly request: string | null; readonly counts: string; readonly isEnd: boolean }>(
    { request: "checkout", counts: "request", isEnd: false },
    ({ request, counts, isEnd }) => {
      const of = request === null ? "No request" : `No ${counts} named "${request}"`;
      return `${of} ${isEnd ? "came to an end" : "was due"} in this phase, so nothing is known`;
    },
  ),
  not_counted: says<{ readonly isBad: string | null; readonly longerThanMs: number | null }>(
    { isBad: null, longerThanMs: 250 },
    ({ isBad, longerThanMs }) =>
      `How many ${isBad ?? `requests took longer than ${longerThanMs} ms`} was not counted in this run`,
  ),
  none_failed: says<NoFacts>({}, () => "No request that was sent failed, so none took long to fail"),
  too_few_requests: says<{
    readonly metric: string;
    readonly least: number;
    readonly of: number;
    readonly counts: string;
  }>(
    { metric: "p99", least: 100, of: 60, counts: "request" },
    ({ metric, least, of, counts }) =>
      `${metric} exists from ${neededText(least)} ${counts}s on, and there ${of === 1 ? "was" : "were"} ${formatCount(of)}`,
  ),
  part_lost: says<{ readonly lost: string }>(
    { lost: "a load thread ended" },
    ({ lost }) => `A part of the run was lost, so nothing can be said: ${lost}`,
  ),
  not_offered: saysAsIs<{ readonly late: LateFacts; readonly machine: MachineFacts | null }>(
    { late: { kind: "unsent", share: 0.03 }, machine: MACHINE },
    ({ late, machine }) => {
      const had =
        machine === null ? "it had too little of the machine's time for this load." : machineText(machine);
      return `The load generator was ${lateText(late)}: ${had} A lower rate, more \`workers:\` or a less busy machine helps.`;
    },
  ),
  workers_lost: saysAsIs<{
    readonly workers: readonly string[];
    /** null: nobody knows, as there is no schedule. */
    readonly requests: { readonly lost: number; readonly due: number } | null;
  }>({ workers: ["b"], requests: { lost: 2000, due: 8000 } }, ({ workers, requests }) =>
    lostWorkersText(workers, requests),
  ),
  lateness_decides: saysAsIs<
    Disturbed & {
      readonly verdict: string;
      readonly without: string;
      readonly machine: MachineFacts | null;
    }
  >(
    { verdict: "fail", without: "pass", late: LATE, starved: null, machine: MACHINE },
    ({ verdict, without, machine, ...disturbed }) => {
      const [what, that] = whatDecides(disturbed);
      return (
        `${what}: with all that was bad it would be ${verdict}, without what ${that} may have caused ${without}.` +
        `${machine === null ? "" : ` ${machineText(machine)}`}`
      );
    },
  ),
  lateness_explains: says<
    Disturbed & {
      /** Bad requests. null: the SLO does not count requests. */
      readonly atMost: number | null;
    }
  >({ late: LATE, starved: null, atMost: 3 }, ({ atMost, ...disturbed }) => {
    const how =
      atMost === null
        ? "does not explain it"
        : atMost === 0
          ? "explains none of them"
          : `explains at most ${formatCount(atMost)} of them`;
    return `${disturbedText(disturbed)}, which ${how}`;
  }),
  judged_from_dispatch: says<{ readonly lateMs: number }>(
    { lateMs: 12.4 },
    ({ lateMs }) => `Judged from dispatch: the load generator was up to ${formatMs(lateMs)} late`,
  ),
};
