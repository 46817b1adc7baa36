/** What a run tells while it goes on, before an exporter puts it into the words of its receiver. */

import type { Report } from "../analysis/document/report.js";
import type { EndedSecond } from "../measure/live/ended-seconds.js";
import type { RunEvent } from "../measure/record.js";
import type { PhaseStart } from "../measure/run-in-progress.js";
import type { TracedRequest } from "../measure/tracing/traced-request.js";
import type { PhaseTotals } from "./phase-totals.js";

export interface ToldPhase extends Pick<PhaseStart, "id" | "kind" | "fault" | "trial"> {
  /** Unix time. */
  readonly begunAtMs: number;
}

export interface ToldTrace extends TracedRequest {
  /** The phase in which it was due. null: it was due between two phases. */
  readonly phase: ToldPhase | null;
  /** Unix time. */
  readonly dueAtMs: number;
}

/**
 * `atMs` is Unix time. It only grows from one to the next. A phase goes on until the next one begins: what ended between
 * two phases counts for the first of them.
 */
export type ToldItem =
  | {
      readonly kind: "phase_begun";
      readonly atMs: number;
      readonly phase: ToldPhase;
      readonly soFar: PhaseTotals;
    }
  | {
      readonly kind: "second";
      readonly atMs: number;
      readonly phase: ToldPhase;
      readonly second: EndedSecond;
      /** With this second. What is lost of it on the way is in the next one. */
      readonly soFar: PhaseTotals;
      /** Of requests that were told since the second before, as examples. */
      readonly traces: readonly ToldTrace[];
    }
  /** Requests whose traces are known. */
  | { readonly kind: "traces"; readonly atMs: number; readonly traces: readonly ToldTrace[] }
  /** What the report lists as events. */
  | { readonly kind: "event"; readonly atMs: number; readonly event: RunEvent }
  | { readonly kind: "phase_over"; readonly atMs: number; readonly phase: ToldPhase }
  | {
      readonly kind: "judged";
      readonly atMs: number;
      readonly report: Report;
      /** Unix time of the zero of all times in the report. null: no load began. */
      readonly loadStartMs: number | null;
    };

export type ToldKind = ToldItem["kind"];
