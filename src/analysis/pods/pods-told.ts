/** What became of pods under a fault, or in the recovery from it, that the fault did not do itself. */

import type { PodChangeRecord, PodsRecord, SeenPod } from "../../measure/pods/pod-record.js";
import { exitWord, timesWord } from "../../measure/pods/pod-words.js";
import type { FaultRecord, RunRecord } from "../../measure/record.js";
import { countOf } from "../../support/count-of.js";
import { formatSeconds } from "../../support/format.js";
import { type Told, told } from "../findings/finding.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { sentence } from "../wording/wording.js";
import { isOwnDeed } from "./own-pods.js";

/** Seconds since load began. */
interface Span {
  readonly fromS: number;
  readonly untilS: number;
}

/** What one pod did in a fault and the recovery from it. */
interface Trouble {
  readonly pod: SeenPod;
  readonly restarts: number;
  /** How containers ended before they were started again: "OOMKilled". */
  readonly ends: readonly string[];
  /** Why containers cannot start. */
  readonly stuck: readonly string[];
  readonly isUnready: boolean;
  /** Why it failed as a whole. null: it did not. */
  readonly failed: string | null;
  /** Whether the first of it came in the recovery. */
  readonly isAfter: boolean;
  /** Restarts before the fault. */
  readonly restartsBefore: number;
}

const MOST_NAMED = 4;
/** What a look finds as a phase ends is told so much later. */
const LAST_LOOK_S = 5;

/** @returns null when no pods were watched, or nothing of the kind was seen, and all was seen and kept. */
export function podsTold(
  { pods, faults }: Pick<RunRecord, "pods" | "faults">,
  fault: FaultRecord,
  during: PhaseView,
  recovery: PhaseView | null,
): Told | null {
  if (pods === undefined || fault.injectedAtS === null) return null;
  const { injectedAtS: fromS } = fault;
  const last = (recovery ?? during).record;
  const nextS = faults.flatMap(({ injectedAtS }) =>
    injectedAtS !== null && injectedAtS > fromS ? [injectedAtS] : [],
  );
  const span = { fromS, untilS: Math.min(last.startS + last.durationS + LAST_LOOK_S, ...nextS) };
  const troubles = troublesIn(pods, fault, span);
  const unseenS = unseenIn(pods, span);
  const unkept = unkeptIn(pods, span);
  if (troubles.length === 0 && unseenS === 0 && unkept === 0) return null;
  const unseen =
    unseenS === 0 ? [] : [`what became of pods was not seen for ${formatSeconds(unseenS)} of the time`];
  const named = troubles.slice(0, MOST_NAMED).map(troubleText);
  const others = troubles.length - named.length;
  const more = others === 0 ? [] : [`${others} other ${others === 1 ? "pod" : "pods"} as well`];
  const left =
    unkept === 0
      ? []
      : [`${countOf(unkept, "further change")} for the worse came after as many as are kept of a run`];
  const text = `In the cluster: ${[...named, ...more, ...unseen, ...left].join("; ")}`;
  return told(sentence(text), { pods: troubles.map(factsOf), unseenS, unkept });
}

function troublesIn(pods: PodsRecord, fault: FaultRecord, { fromS, untilS }: Span): readonly Trouble[] {
  return pods.pods.flatMap((pod) => {
    const all = pods.changes.filter(({ uid }) => uid === pod.uid);
    const within = all.filter(
      ({ atS, happened }) => atS >= fromS && atS < untilS && isTrouble(happened, fault, pod),
    );
    const [first] = within;
    if (first === undefined) return [];
    return troubleOf(pod, within, {
      isAfter: fault.removedAtS !== null && first.atS >= fault.removedAtS,
      restartsBefore: restartsIn(all.filter(({ atS }) => atS < fromS)),
    });
  });
}

function isTrouble(happened: PodChangeRecord["happened"], fault: FaultRecord, pod: SeenPod): boolean {
  switch (happened.kind) {
    case "restarted":
    case "stuck":
    case "unready":
    case "failed":
      return !isOwnDeed(fault, pod, happened);
    default:
      return false;
  }
}

function troubleOf(
  pod: SeenPod,
  within: readonly PodChangeRecord[],
  when: Pick<Trouble, "isAfter" | "restartsBefore">,
): Trouble {
  const happened = within.map((each) => each.happened);
  const restarted = happened.filter((each) => each.kind === "restarted");
  const stuck = happened.filter((each) => each.kind === "stuck");
  return {
    pod,
    restarts: restartsIn(within),
    ends: [...new Set([...restarted, ...stuck.flatMap(({ lastEnd }) => lastEnd ?? [])].map(exitWord))],
    stuck: [...new Set(stuck.map(({ why }) => why))],
    isUnready: happened.some(({ kind }) => kind === "unready"),
    failed: happened.find((each) => each.kind === "failed")?.reason ?? null,
    ...when,
  };
}

function restartsIn(changes: readonly PodChangeRecord[]): number {
  return changes.reduce((sum, { happened }) => sum + (happened.kind === "restarted" ? happened.times : 0), 0);
}

/** "cart-7d9 was restarted 2 times (OOMKilled) and was not ready" */
function troubleText({
  pod,
  restarts,
  ends,
  stuck,
  isUnready,
  failed,
  isAfter,
  restartsBefore,
}: Trouble): string {
  const why = ends.length === 0 ? "" : ` (${ends.join(", ")})`;
  const before = restartsBefore === 0 ? "" : `, after ${timesWord(restartsBefore)} before the fault`;
  const parts = [
    ...(restarts === 0 ? [] : [`was restarted ${timesWord(restarts)}${why}${before}`]),
    ...(stuck.length === 0
      ? []
      : [
          `could not start (${stuck.join(", ")}${restarts === 0 && ends.length > 0 ? ` after ${ends.join(", ")}` : ""})`,
        ]),
    ...(failed === null ? [] : [`failed (${failed})`]),
    ...(isUnready ? ["stopped being ready"] : []),
  ];
  return `${pod.namespace}/${pod.name} ${parts.join(" and ")}${isAfter ? " in the recovery" : ""}`;
}

function factsOf({ pod, ends, stuck, ...rest }: Trouble) {
  const { namespace, name } = pod;
  return { namespace, pod: name, ...rest, ends: [...ends], stuck: [...stuck] };
}

/** How many changes for the worse of a span nobody has kept. Their pods are not known. */
function unkeptIn({ unkept = [] }: PodsRecord, { fromS, untilS }: Span): number {
  return unkept
    .filter((each) => each.untilS >= fromS && each.fromS < untilS)
    .reduce((sum, { changes }) => sum + changes, 0);
}

/** Seconds of a span in which what came and went is not known. Gaps of several namespaces count once. */
function unseenIn({ gaps }: PodsRecord, { fromS, untilS }: Span): number {
  const lost = gaps
    .filter(({ isLost }) => isLost)
    .map((gap) => ({ fromS: Math.max(gap.fromS, fromS), untilS: Math.min(gap.untilS, untilS) }))
    .filter((gap) => gap.untilS > gap.fromS)
    .sort((a, b) => a.fromS - b.fromS);
  let sum = 0;
  let seenUntilS = fromS;
  for (const gap of lost) {
    sum += Math.max(0, gap.untilS - Math.max(gap.fromS, seenUntilS));
    seenUntilS = Math.max(seenUntilS, gap.untilS);
  }
  return Math.round(sum * 10) / 10;
}
