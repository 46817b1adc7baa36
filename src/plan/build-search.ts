import { parseBandwidth, parseDuration, parseSize } from "../quantities/units.js";
import { type FaultInput, FIND_KEYS } from "../scenario/schema/fault.js";
import type { ScenarioData } from "../scenario/schema/scenario.js";
import type { Slo } from "../slo/slo.js";
import type { FaultSearchPlan } from "./run-plan.js";

type FindKey = (typeof FIND_KEYS)[number];

/** Which toxic attribute a range goes over, and in which unit it counts. */
const SEARCHED = {
  latency: { toxicType: "latency", attribute: "latency", unit: "ms" },
  jitter: { toxicType: "latency", attribute: "jitter", unit: "ms" },
  bandwidth: { toxicType: "bandwidth", attribute: "rate", unit: "KB/s" },
  limit_data: { toxicType: "limit_data", attribute: "bytes", unit: "B" },
  slow_close: { toxicType: "slow_close", attribute: "delay", unit: "ms" },
} as const satisfies Record<FindKey, { toxicType: string; attribute: string; unit: string }>;

/** The answer is narrowed down to a fiftieth of the range unless the scenario says otherwise. */
const DEFAULT_PRECISION = 1 / 50;

export function buildSearch(
  fault: FaultInput,
  phases: ScenarioData["phases"],
  until: Slo,
): FaultSearchPlan | null {
  const { find, proxy } = fault;
  const key = FIND_KEYS.find((candidate) => find?.[candidate] !== undefined);
  const range = find && key && rangeOf(find, key);
  if (!range || proxy === undefined) return null;
  const given = find.precision === undefined ? null : amountOf(find.precision, key);
  const precision = given ?? Math.abs(range.to - range.from) * DEFAULT_PRECISION;
  return {
    fault: fault.name,
    proxy,
    ...SEARCHED[key],
    stream: fault.stream ?? "downstream",
    toxicity: fault.toxicity?.ratio ?? 1,
    ...range,
    precision: Math.max(1, precision),
    maxTrials: find.maxTrials,
    trialMs: (find.trial ?? fault.duration ?? phases.fault).ms,
    recoveryMs: (fault.recovery ?? phases.recovery).ms,
    until,
  };
}

function rangeOf(find: NonNullable<FaultInput["find"]>, key: FindKey): { from: number; to: number } | null {
  if (key === "bandwidth") {
    return find.bandwidth ? { from: find.bandwidth.from.kbPerS, to: find.bandwidth.to.kbPerS } : null;
  }
  if (key === "limit_data") {
    return find.limit_data ? { from: find.limit_data.from.bytes, to: find.limit_data.to.bytes } : null;
  }
  const range = find[key];
  return range ? { from: range.from.ms, to: range.to.ms } : null;
}

function amountOf(text: string, key: FindKey): number | null {
  if (key === "bandwidth") return parseBandwidth(text)?.kbPerS ?? null;
  if (key === "limit_data") return parseSize(text)?.bytes ?? null;
  return parseDuration(text)?.ms ?? null;
}
