import type { ResponseToFault, Theory } from "../../gameday/report/game-day-report.js";
import type { FaultRecord, RunRecord } from "../../measure/record.js";
import type { Note } from "../../run/listening/note.js";
import { loadStartMs } from "./load-start.js";

/** A share of fewer requests would say nothing. */
const FEWEST_REQUESTS = 20;

/**
 * Compares what people did about each fault with what was done and measured. A note is about the fault that began last,
 * also when the next run has begun. Pure.
 * @param records the records of the runs, in their order. null: the scenario was not run.
 * @returns for each run the responses to its faults. null: the scenario was not run.
 */
export function responsesTo(
  records: readonly (RunRecord | null)[],
  notes: readonly Note[],
): readonly (readonly ResponseToFault[] | null)[] {
  const runs = records.map((record) => (record ? faultsIn(record) : null));
  const startsMs = runs.flatMap((faults) => faults ?? []).map(({ fromMs }) => fromMs);
  return runs.map(
    (faults) =>
      faults?.map(({ fault, fromMs, record }) => {
        const untilMs = Math.min(...startsMs.filter((startMs) => startMs > fromMs));
        const own = notes.filter(({ at }) => Date.parse(at) >= fromMs && Date.parse(at) < untilMs);
        return responseTo(fault, fromMs, own, record);
      }) ?? null,
  );
}

/** The faults that were put in place. */
function faultsIn(record: RunRecord) {
  const startMs = loadStartMs(record);
  return record.faults.flatMap((fault) =>
    fault.injectedAtS === null || startMs === null
      ? []
      : [{ fault, fromMs: startMs + fault.injectedAtS * 1000, record }],
  );
}

function responseTo(
  fault: FaultRecord,
  fromMs: number,
  notes: readonly Note[],
  record: RunRecord,
): ResponseToFault {
  const targets = targetsOf(fault);
  const afterS = ({ at }: Note) => Math.round((Date.parse(at) - fromMs) / 100) / 10;
  const theories: Theory[] = notes
    .filter(({ kind }) => kind === "found")
    .map((note) => ({
      by: note.by,
      afterS: afterS(note),
      text: note.text,
      isRight: targets.some((target) => isNamed(target, note.text)),
    }));
  const [first] = notes;
  const mitigation = notes.find(({ kind }) => kind === "mitigated");
  const diagnosis = theories.find(({ isRight }) => isRight);
  return {
    fault: fault.name,
    targets,
    detected: first ? { afterS: afterS(first), by: first.by } : null,
    diagnosed: diagnosis ? { afterS: diagnosis.afterS, by: diagnosis.by } : null,
    mitigated: mitigation
      ? {
          afterS: afterS(mitigation),
          by: mitigation.by,
          goodBefore: goodShare(record, fault, 0, afterS(mitigation)),
          goodAfter: goodShare(record, fault, afterS(mitigation), Number.POSITIVE_INFINITY),
        }
      : null,
    theories,
  };
}

function targetsOf({ actions, stages = [] }: FaultRecord): readonly string[] {
  const all = [...actions, ...stages.flatMap((stage) => stage.actions)];
  return [...new Set(all.map(({ target }) => target))];
}

/** Whether a text names something as a word of its own: "feedback" does not name "db". A blank may stand for - and _. */
function isNamed(target: string, text: string): boolean {
  const words = target
    .split(/[-_\s]+/)
    .map((word) => word.replaceAll(/[^\p{L}\p{N}]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`))
    .join("[-_\\s]?");
  return new RegExp(`(?<![\\p{L}\\p{N}])${words}(?![\\p{L}\\p{N}])`, "iu").test(text);
}

/**
 * The share of good requests, among those due in whole seconds between these times after the fault began and while it was
 * in place.
 * @returns null when there were too few of them.
 */
function goodShare(record: RunRecord, fault: FaultRecord, fromS: number, untilS: number): number | null {
  const phases = record.phases.filter(({ kind, fault: name }) => kind === "fault" && name === fault.name);
  let scheduled = 0;
  let good = 0;
  for (const { all, startS, durationS } of phases) {
    const beganS = (fault.injectedAtS ?? startS) - startS;
    const first = Math.max(0, Math.ceil(beganS + fromS));
    const last = Math.min(Math.floor(durationS), Math.floor(beganS + untilS));
    for (let second = first; second < last; second += 1) {
      scheduled += all.scheduled[second] ?? 0;
      good += all.outcomes.ok[second] ?? 0;
    }
  }
  return scheduled < FEWEST_REQUESTS ? null : Math.round((good / scheduled) * 1000) / 1000;
}
