import { kindOfAxis, searchedIn, targetKeyOf } from "../faults/kinds/index.js";
import type { FaultInput } from "../scenario/schema/fault.js";
import type { ScenarioData } from "../scenario/schema/scenario.js";
import type { Slo } from "../slo/slo.js";
import { howOf } from "./build-actions.js";
import type { SearchStep } from "./steps.js";

/** The answer is narrowed down to a fiftieth of the range, unless the scenario says otherwise. */
const DEFAULT_PRECISION = 1 / 50;

/** What the fault's `find` asks for. The caller decides when it is done. */
export function buildSearch(
  fault: FaultInput,
  phases: ScenarioData["phases"],
  until: Slo,
): Omit<SearchStep, "kind" | "fault" | "during"> {
  const { find } = fault;
  const searched = find && searchedIn(find);
  const target = searched && fault[targetKeyOf(kindOfAxis(searched.axis.key))];
  // The checks refuse it earlier, with its place.
  if (!searched || !target) throw new Error(`the search "${fault.name}" has no range or no target`);
  const { axis, range } = searched;
  const given = find.precision === undefined ? null : axis.amount(find.precision);
  const precision = given ?? Math.abs(range.to - range.from) * DEFAULT_PRECISION;
  return {
    at: { target, ...howOf(fault) },
    axis: axis.key,
    attribute: axis.attribute,
    unit: axis.unit,
    ...range,
    precision: Math.max(1, precision),
    maxTrials: find.maxTrials,
    trialMs: (find.trial ?? fault.duration ?? phases.fault).ms,
    recoveryMs: (fault.recovery ?? phases.recovery).ms,
    until,
  };
}
