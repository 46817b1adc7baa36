/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One thing done to one target: plain data, for a plan and a record. */
export interface FaultAction {
  /** The name of its kind in kinds/, which knows its words. */
  readonly kind: string;
  /** Who carries it out. */
  readonly driver: string;
  /** What it is done to, by its name in the scenario. */
  readonly target: string;
  /** What the driver is told. Only the kind and the driver read it. */
  readonly spec: { readonly [key: string]: Json };
}

/** A step of a staged fault: from `atMs` after the fault's begin, these actions replace the earlier ones. */
export interface FaultStage {
  readonly atMs: number;
  readonly actions: readonly FaultAction[];
}
