import { isRecord } from "../../../support/processes/read-back.js";

/** What an Envoy has counted at one connection manager since it began. */
export interface ManagerCounters {
  readonly requests: number;
  readonly aborts: number;
  readonly delays: number;
  /** Faults that it left out, because as many were going on as it allows at one time. */
  readonly overflows: number;
  /** Requests without an answer yet, now. */
  readonly open: number;
}

/** An Envoy can be told to leave some out (`stats_matcher`). */
export type ListedCounters = Readonly<Partial<ManagerCounters>>;

/** Names of Envoy's counters, behind "http.PREFIX.". */
const NAMES: readonly (readonly [string, keyof ManagerCounters])[] = [
  ["downstream_rq_total", "requests"],
  ["fault.aborts_injected", "aborts"],
  ["fault.delays_injected", "delays"],
  ["fault.faults_overflow", "overflows"],
  ["downstream_rq_active", "open"],
];

/** For `filter` of /stats: a regular expression. */
export const COUNTERS_WANTED =
  "^http\\..+\\.(downstream_rq_(total|active)|fault\\.(aborts_injected|delays_injected|faults_overflow))$";

/** Without this nothing can be proven. @returns the names of counters that an Envoy does not list. */
export function countersLacking(
  statPrefix: string,
  wanted: readonly (keyof ManagerCounters)[],
  listed: ListedCounters = {},
): readonly string[] {
  const lacking = NAMES.filter(([, field]) => wanted.includes(field) && listed[field] === undefined);
  return lacking.map(([name]) => `http.${statPrefix}.${name}`);
}

/** Envoy writes ":" of a `stat_prefix` as "_" in names of some counters, and leaves it in those of filters. */
export function prefixOfCounters(statPrefix: string): string {
  return statPrefix.replace(/:\/{0,2}/g, "_");
}

/**
 * By `prefixOfCounters` of the connection manager.
 * @param json the answer to /stats?format=json.
 * @returns null when it is none.
 */
export function readCounters(json: unknown): ReadonlyMap<string, ListedCounters> | null {
  if (!isRecord(json) || !Array.isArray(json.stats)) return null;
  const counters = new Map<string, ListedCounters>();
  for (const stat of json.stats) {
    // Histograms stand there without a name.
    if (!isRecord(stat) || typeof stat.name !== "string" || typeof stat.value !== "number") continue;
    for (const [ending, field] of NAMES) {
      if (!stat.name.startsWith("http.") || !stat.name.endsWith(`.${ending}`)) continue;
      const prefix = prefixOfCounters(stat.name.slice("http.".length, -`.${ending}`.length));
      counters.set(prefix, { ...counters.get(prefix), [field]: stat.value });
    }
  }
  return counters;
}

/** What came between two looks. Less than nothing: the counters were set back. */
export function countedBetween(from: ListedCounters = {}, until: ListedCounters = {}): ManagerCounters {
  const since = (field: keyof ManagerCounters) => (until[field] ?? 0) - (from[field] ?? 0);
  return {
    requests: since("requests"),
    aborts: since("aborts"),
    delays: since("delays"),
    overflows: since("overflows"),
    open: until.open ?? 0,
  };
}
