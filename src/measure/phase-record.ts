/** What record.json holds of one phase: counts and times per second of due time, in columns. */

import { z } from "zod";
import type { UpstreamDials } from "../faults/proof.js";
import { messageOf } from "../support/errors.js";
import { perOutcome } from "./outcome.js";
import { RecordedTimes } from "./recorded-times.js";
import {
  amount,
  amounts,
  count,
  counts,
  type Described,
  flag,
  list,
  nullableText,
  number,
  text,
  times,
} from "./schema-parts.js";
import { answerSamples, laterRound, machineUse, phaseKind, reasons } from "./shared-fields.js";

const slowSeries = z.looseObject({
  limitUs: number.positive("expected a number above 0"),
  /** latency = done − due */
  due: counts,
  /** latency − the generator's own lag */
  dispatch: counts,
});

export interface SlowSeries extends Described<typeof slowSeries> {}

const statusCount = z.looseObject({
  answers: count,
  /** Those that were as expected. */
  ok: count,
});

/** Of whole answers that came in time. */
export interface StatusCount extends Described<typeof statusCount> {}

const recordedTimes: z.ZodType<RecordedTimes> = text.transform((encoded, context) => {
  try {
    return RecordedTimes.decode(encoded);
  } catch (error) {
    context.addIssue({ code: "custom", message: `expected an HdrHistogram (${messageOf(error)})` });
    return z.NEVER;
  }
});

const requestSeries = z.looseObject({
  /** null: all names together. */
  request: nullableText,
  scheduled: counts,
  /**
   * Requests that the generator let go in this second (or that waited for a connection from then on), whenever they were
   * due. Older records lack it.
   */
  offered: counts.optional(),
  outcomes: z.looseObject(perOutcome(() => counts)),
  /** `unsent` for the generator's own reasons (part of outcomes.unsent). */
  unsentByGenerator: counts,
  /** For each latency limit: how many `ok` answers took longer, counted when they came, never from a histogram. */
  slow: list(slowSeries),
  /** Quantiles of `ok` latency from due time in ms, null in seconds without one. Failures are not in them. */
  latencyMs: z.looseObject({ p50: times, p90: times, p99: times, max: times }),
  /** Generator's own lateness (dispatch − due while a connection was free), p99 in ms. */
  lagP99Ms: times,
  /** As in the phase, of this name alone; older records lack it, and so does the series of all names. */
  reasons: reasons.optional(),
  /** By status, of this name alone; older records lack it, and so does the series of all names. */
  statuses: z.record(z.string(), statusCount).optional(),
  /** Of the whole phase. Only `ok` answers. */
  histograms: z.looseObject({ latency: recordedTimes, dispatchLatency: recordedTimes, lag: recordedTimes }),
});

/** One request name in one phase. Arrays have one entry a second of due time, counted from the phase's start. */
export interface RequestSeries extends Described<typeof requestSeries> {}

const machine = machineUse(amounts);

/** Shares (0 to 1) of the time of all CPUs of the machine on which faultline ran. */
export interface MachineUse extends Described<typeof machine> {}

/** CPU seconds, one entry for each second of a phase. */
export type MachineSeconds = NonNullable<MachineUse["seconds"]>;

const upstreamDials: z.ZodType<UpstreamDials> = z.looseObject({
  proxy: text,
  listen: text,
  upstream: text,
  dials: count,
  refused: count,
  isOurs: flag.optional(),
});

export const phaseRecord = z.looseObject({
  id: text,
  kind: phaseKind,
  /** By its label: rounds of a repeated fault have one each. */
  fault: nullableText,
  round: laterRound.optional(),
  /** Seconds since load began. */
  startS: number,
  /** As it was, not as planned. */
  durationS: amount,
  /** Wall clock of its start, for lining up with other systems' graphs. */
  startedAt: text,
  /** One for each request name that was due at least once, in the order of the mix. */
  requests: list(requestSeries),
  /** All names together: quantiles and lag cannot be summed from the parts. */
  all: requestSeries,
  connectionsOpened: count,
  bytesSent: amount,
  bytesReceived: amount,
  /** Set when a load thread died: the phase cannot be trusted. */
  lost: nullableText,
  /** Of every outcome but ok; at most 20 kinds, the rest under "other". */
  reasons,
  /** One example of an answer for each reason why answers were not as expected; older records lack it. */
  samples: answerSamples.optional(),
  /** From the phase's start to the next one's, of each proxy; older records lack it. */
  upstreams: list(upstreamDials).optional(),
  /**
   * The longest time in ms for which the embedded proxies stood still in each second (those after the phase's last, in which
   * its last answers came, with it). Not there without such proxies, and in older records.
   */
  proxyLateMs: amounts.optional(),
  /** null: not known. */
  machine: z.union([z.null(), machine]).default(null),
});

export interface PhaseRecord extends Described<typeof phaseRecord> {}
