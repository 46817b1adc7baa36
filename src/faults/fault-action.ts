/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One thing done to one target: plain data, which a plan and a record hold. */
export interface FaultAction {
  /** The name of its kind in kinds/, which knows its words. */
  readonly kind: string;
  /** Who carries it out. */
  readonly driver: string;
  /** What it is done to, by the name that the scenario gives it. */
  readonly target: string;
  /** What the driver is told; only the kind and the driver read it. */
  readonly spec: { readonly [key: string]: Json };
}

/** A step of a staged fault: from `atMs` after the fault began these actions hold instead of the earlier ones. */
export interface FaultStage {
  readonly atMs: number;
  readonly actions: readonly FaultAction[];
}
