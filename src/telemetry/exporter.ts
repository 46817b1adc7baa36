import type { TelemetryTrouble } from "../measure/telemetry/telemetry-record.js";
import type { ToldItem, ToldKind } from "./told.js";

/** Who tells, as it may be shown. */
export interface ToldBy {
  /** The scenario's name. */
  readonly scenario: string;
  /** Of faultline. */
  readonly version: string;
  /** Where the run's files go. null: nowhere. */
  readonly folder: string | null;
}

/** Tells one receiver of a run, in its own words. One folder for each kind, and a line in exporters.ts. */
export interface Exporter {
  /** Where it sends, as it may be shown but for secrets. */
  readonly to: string;
  /** What it sends. Nothing else waits for it. */
  readonly sends: readonly ToldKind[];
  /** Limit for one `send`. */
  readonly mostAtOnce: number;
  /** Sends these, in order. Resolves when the receiver has all of them. @throws NotTaken */
  send(told: readonly ToldItem[], stop: AbortSignal): Promise<void>;
}

/** The receiver has none of it. */
export class NotTaken extends Error {
  readonly trouble: TelemetryTrouble;

  constructor(trouble: TelemetryTrouble) {
    super(trouble.id);
    this.trouble = trouble;
  }
}
