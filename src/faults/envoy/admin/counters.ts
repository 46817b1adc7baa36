import { isRecord } from "../../../support/processes/read-back.js";

/** What an Envoy has counted at one connection manager since it began. */
export interface ManagerCounters {
  readonly requests: number;
  readonly aborts: number;
  readonly delays: number;
  /** Faults that it left out, because as many were going on as it allows at one time. */
  readonly overflows: number;
}

/** Names of Envoy's counters, behind "http.PREFIX.". */
const NAMES: readonly (readonly [string, keyof ManagerCounters])[] = [
  ["downstream_rq_total", "requests"],
  ["fault.aborts_injected", "aborts"],
  ["fault.delays_injected", "delays"],
  ["fault.faults_overflow", "overflows"],
];

/** For `filter` of /stats: a regular expression. */
export const COUNTERS_WANTED =
  "^http\\..+\\.(downstream_rq_total|fault\\.(aborts_injected|delays_injected|faults_overflow))$";

export const NO_COUNTS: ManagerCounters = { requests: 0, aborts: 0, delays: 0, overflows: 0 };

/**
 * By the `stat_prefix` of the connection manager.
 * @param json the answer to /stats?format=json.
 * @returns null when it is none.
 */
export function readCounters(json: unknown): ReadonlyMap<string, ManagerCounters> | null {
  if (!isRecord(json) || !Array.isArray(json.stats)) return null;
  const counters = new Map<string, ManagerCounters>();
  for (const stat of json.stats) {
    // Histograms stand there without a name.
    if (!isRecord(stat) || typeof stat.name !== "string" || typeof stat.value !== "number") continue;
    for (const [ending, field] of NAMES) {
      if (!stat.name.startsWith("http.") || !stat.name.endsWith(`.${ending}`)) continue;
      const prefix = stat.name.slice("http.".length, -`.${ending}`.length);
      counters.set(prefix, { ...(counters.get(prefix) ?? NO_COUNTS), [field]: stat.value });
    }
  }
  return counters;
}
