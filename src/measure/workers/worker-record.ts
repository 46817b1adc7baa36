/** Who made the load, when workers did, and what each of them saw. The same in record and report. */

import { z } from "zod";
import { amount, anyText, count, counts, type Described, listOf, number, orNull } from "../schema-parts.js";
import { outcomeCounts } from "../shared-fields.js";

const seen = z.looseObject({
  id: anyText.describe("The phase's."),
  scheduled: count,
  outcomes: outcomeCounts,
  latencyMs: z
    .looseObject({ p50: orNull(amount), p99: orNull(amount), max: orNull(amount) })
    .describe("Of good answers, from when they were due."),
});

export const workerRecord = z.looseObject({
  name: anyText,
  host: anyText,
  threads: count.describe("Its load threads."),
  clock: z
    .looseObject({ offsetMs: number, errorMs: amount })
    .describe("How far its clock was ahead of the runner's at the end, and how exactly that is known."),
  lateMs: amount.describe(
    "The latest that it heard of a change of phase, after the change. 0: always before it.",
  ),
  lost: orNull(z.looseObject({ atS: number, reason: anyText })).describe(
    "When and why it was lost. null: it was not.",
  ),
  phases: listOf(seen).describe("What it counted of each phase. Requests that nobody heard of are in none."),
});

export interface WorkerRecord extends Described<typeof workerRecord> {}

/** A worker that was gone before a phase was over. */
export const lostWorker = z.looseObject({
  worker: anyText,
  /** The second of the phase from which on nothing is known of its requests. */
  fromS: count,
  /**
   * Requests that were due from it since, second by second. They count as unsent for the generator's own reasons: whether
   * it sent them is not known. Empty in the closed model, which has no schedule.
   */
  due: counts,
});

export interface LostWorker extends Described<typeof lostWorker> {}
