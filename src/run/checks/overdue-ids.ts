import type { MomentOf } from "../../checks/ids/compare-ids.js";
import type { IdLook, IdLooks } from "../../checks/ids/id-looks.js";
import type { SentIds } from "../../checks/ids/sent-ids.js";
import type { CheckAsks } from "../../measure/checks/check-record.js";
import type { PhaseRecord } from "../../measure/record.js";
import type { CheckSpec, CheckTime, IdSetSpec } from "../../plan/checks/check-spec.js";
import { formatClock, formatCount, formatMs } from "../../support/format.js";

export interface OverdueOptions {
  readonly phases: readonly Pick<PhaseRecord, "id" | "kind" | "fault" | "round">[];
  readonly momentOf: MomentOf;
  /** Without secrets, and cut to what is shown. */
  readonly shown: (output: string) => string;
}

/**
 * What the looks of each phase came to that a check is asked in. A look breaks it where more ids than may be lost were
 * not there although their acknowledgement was `within` ago.
 */
export function overdueAsks(
  check: Pick<CheckSpec, "when" | "withinMs">,
  { request, most }: Pick<IdSetSpec, "request" | "most">,
  sent: SentIds,
  looks: IdLooks,
  { phases, momentOf, shown }: OverdueOptions,
): CheckAsks[] {
  const overdue = countOverdue(sent, looks, check.withinMs);
  const byPhase = new Map<string, { asks: CheckAsks; phase: (typeof phases)[number] }>();
  for (const [index, look] of looks.duringLoad.entries()) {
    const moment = momentOf(look.fromMs / 1000);
    const when: CheckTime = moment.when === "warmup" ? "baseline" : moment.when;
    const phase = phases.find(({ kind, fault }) => kind === moment.when && fault === moment.fault);
    if (phase === undefined || !check.when.includes(when)) continue;
    const before = byPhase.get(phase.id)?.asks ?? noneIn(phase, when);
    const found = overdue[index] ?? NONE;
    const isBroken = most.lost !== null && found.count > most.lost;
    byPhase.set(phase.id, {
      phase,
      asks: withLook(before, look, isBroken ? reasonOf(request, found, check) : null, shown),
    });
  }
  return [...byPhase.values()].map(({ asks }) => asks);
}

interface Overdue {
  readonly count: number;
  /** One of those that became overdue by this look. null: all were so before. */
  readonly example: { readonly id: string; readonly dueMs: number } | null;
}

const NONE: Overdue = { count: 0, example: null };

/** For each look of the load, how many ids it should have had and did not. */
function countOverdue(sent: SentIds, looks: IdLooks, withinMs: number): readonly Overdue[] {
  const changes = new Int32Array(looks.duringLoad.length + 1);
  const examples: Overdue["example"][] = looks.duringLoad.map(() => null);
  for (const [, { id, fate, dueMs, endedMs }] of sent.all()) {
    if (fate !== "acknowledged") continue;
    const range = looks.overdue(id, endedMs, withinMs);
    if (range === null) continue;
    const [from, until] = range;
    changes[from] = (changes[from] ?? 0) + 1;
    changes[until] = (changes[until] ?? 0) - 1;
    examples[from] ??= { id, dueMs };
  }
  let count = 0;
  let example: Overdue["example"] = null;
  return looks.duringLoad.map((_, at) => {
    count += changes[at] ?? 0;
    example = examples[at] ?? example;
    return { count, example };
  });
}

function withLook(
  before: CheckAsks,
  { fromMs, problem }: IdLook,
  broken: string | null,
  shown: OverdueOptions["shown"],
): CheckAsks {
  const atS = fromMs / 1000;
  const asked = { ...before, asked: before.asked + 1, attempts: before.attempts + 1 };
  if (problem !== null) {
    const { why, reason, output } = problem;
    const first = before.firstUnasked ?? { atS, why, reason, output: shown(output) };
    return { ...asked, unasked: before.unasked + 1, firstUnasked: first };
  }
  if (broken === null) return { ...asked, held: before.held + 1 };
  return {
    ...asked,
    broken: before.broken + 1,
    firstBroken: before.firstBroken ?? { atS, reason: broken },
  };
}

function reasonOf(
  request: string,
  { count, example }: Overdue,
  { withinMs }: Pick<CheckSpec, "withinMs">,
): string {
  const such =
    example === null ? "" : ` (such as ${example.id}, sent at ${formatClock(example.dueMs / 1000)})`;
  const [are, after] = [count === 1 ? "is" : "are", withinMs === 0 ? "after" : `${formatMs(withinMs)} after`];
  return `${formatCount(count)} acknowledged of "${request}" ${are} not there ${after} the answer${such}`;
}

function noneIn({ id, fault, round }: OverdueOptions["phases"][number], when: CheckTime): CheckAsks {
  return {
    when,
    phase: id,
    fault,
    ...(round === undefined ? {} : { round }),
    asked: 0,
    held: 0,
    broken: 0,
    unasked: 0,
    attempts: 0,
  };
}
