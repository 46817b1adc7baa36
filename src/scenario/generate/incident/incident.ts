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

export interface CurvePoint {
  /** Seconds since the incident began. */
  readonly atS: number;
  readonly value: number;
}
