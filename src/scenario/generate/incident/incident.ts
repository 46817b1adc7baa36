/** What was recorded of an incident: how a dependency answered, and what was asked of the system meanwhile. */
export interface Incident {
  /** How long it lasted, in seconds. */
  readonly lengthS: number;
  /** Curves that are known; each has a point at least. */
  readonly curves: Readonly<Partial<Record<CurveName, Curve>>>;
}

/**
 * - latency: of the dependency's answers, in milliseconds.
 * - errors: the share of the dependency's answers that were errors, from 0 to 1.
 * - traffic: requests per second at the system.
 */
export const CURVES = ["latency", "errors", "traffic"] as const;
export type CurveName = (typeof CURVES)[number];

/** In order of time. */
export type Curve = readonly CurvePoint[];

/** Longer is no incident, and no run. */
export const LONGEST_INCIDENT_S = 24 * 3600;
/** The load sends no more. */
export const MOST_TRAFFIC_PER_S = 1_000_000;

/** Whether there is anything to play again: of less than half a millisecond no proxy makes a fault. */
export function hasFault({ curves: { latency = [], errors = [] } }: Incident): boolean {
  return latency.some(({ value }) => value >= 0.5) || errors.some(({ value }) => value >= 0.001);
}

export interface CurvePoint {
  /** Seconds since the incident began. */
  readonly atS: number;
  readonly value: number;
}
