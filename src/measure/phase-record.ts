/** What record.json holds of one phase: counts and times per second of due time, in columns. */

import { z } from "zod";

import type { UpstreamDials } from "../faults/proof.js";
import { messageOf } from "../support/errors.js";
import { completionsRecord } from "./checks/completions-record.js";
import { httpTraffic } from "./http-traffic.js";
import { perOutcome } from "./outcome.js";
import { RecordedTimes } from "./recorded-times.js";
import {
  amount,
  amounts,
  anyText,
  count,
  counts,
  type Described,
  flag,
  listOf,
  nullableText,
  number,
  numbers,
  times,
} from "./schema-parts.js";
import { answerSamples, laterRoundSchema, machineUse, phaseKind, reasons } from "./shared-fields.js";
import { signalRecord } from "./signals/signal-record.js";
import { tracedRequests } from "./tracing/traced-request.js";
import { lostWorker } from "./workers/worker-record.js";

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
  /** Answers that were as expected. */
  ok: count,
});

/** Whole answers that came in time. */
export interface StatusCount extends Described<typeof statusCount> {}

const recordedTimes: z.ZodType<RecordedTimes> = anyText.transform((encoded, context) => {
  try {
    return RecordedTimes.decode(encoded);
  } catch (error) {
    context.addIssue({ code: "custom", message: `expected an HdrHistogram (${messageOf(error)})` });
    return z.NEVER;
  }
});

/** Requests that were sent and failed. A timeout counts with the length of the timeout. */
const timeToFailure = z.looseObject({
  /** For each latency limit: how many took as long or longer to fail. Counted when they failed. */
  slow: listOf(slowSeries),
  /** Quantiles from due time in ms, second by second. null in seconds without a failure. */
  ms: z.looseObject({ p50: times, p90: times, p99: times, max: times }),
  /** Over the whole phase, from due time. Only outcomes that came. */
  byOutcome: z.looseObject({
    http_error: recordedTimes.optional(),
    timeout: recordedTimes.optional(),
    refused: recordedTimes.optional(),
    reset: recordedTimes.optional(),
  }),
  /** All of them over the whole phase, from when they were sent. */
  dispatch: recordedTimes,
});

/** How long requests took to fail. */
export interface TimeToFailure extends Described<typeof timeToFailure> {}

const requestSeries = z.looseObject({
  /** null: all names together. */
  request: nullableText,
  scheduled: counts,
  /**
   * Requests that the generator let go in this second, or that began to wait for a connection in it, whenever they were
   * due. Older records lack it.
   */
  offered: counts.optional(),
  outcomes: z.looseObject(perOutcome(() => counts)),
  /** The part of outcomes.unsent that has the generator's own reasons. */
  unsentByGenerator: counts,
  /**
   * The part of outcomes.ok that `degraded:` of the request says is a fallback. Missing where no request says so, and in
   * older records.
   */
  degraded: counts.optional(),
  /**
   * Redirects that were followed for requests that were due then. They are requests to the system, and in none of the
   * other counts but `statuses`. Missing where none is followed, and in older records.
   */
  redirects: counts.optional(),
  /** For each latency limit: how many `ok` answers took longer. Counted when they came, never from a histogram. */
  slow: listOf(slowSeries),
  /** Quantiles of `ok` latency from due time in ms. null in seconds without one. Failures are not in them. */
  latencyMs: z.looseObject({ p50: times, p90: times, p99: times, max: times }),
  /** The generator's own lateness (dispatch − due while a connection was free), p99 in ms. */
  lagP99Ms: times,
  /** The phase's reasons, for this name alone. Older records lack it, and so does the series of all names. */
  reasons: reasons.optional(),
  /** By status, for this name alone. Older records lack it, and so does the series of all names. */
  statuses: z.record(z.string(), statusCount).optional(),
  /** Over the whole phase, `ok` answers only. */
  histograms: z.looseObject({
    latency: recordedTimes,
    dispatchLatency: recordedTimes,
    lag: recordedTimes,
    /** The part of `latency` that is of fallbacks. Where `degraded` is. */
    degraded: recordedTimes.optional(),
  }),
  /** Missing where no request that was sent failed, and in older records. */
  timeToFailure: timeToFailure.optional(),
});

/** One request name in one phase. Arrays have one entry per second of due time, counted from the phase's start. */
export interface RequestSeries extends Described<typeof requestSeries> {}

const machine = machineUse(amounts);

/** Shares (0 to 1) of the time of all CPUs of the machine that faultline ran on. */
export interface MachineUse extends Described<typeof machine> {}

/** CPU seconds, one entry per second of a phase. */
export type MachineSeconds = NonNullable<MachineUse["seconds"]>;

const upstreamDials: z.ZodType<UpstreamDials> = z.looseObject({
  proxy: anyText,
  listen: anyText,
  upstream: anyText,
  dials: count,
  refused: count,
  isOurs: flag.optional(),
  isByFault: flag.optional(),
});

const acceptedBySpan = z.looseObject({
  proxy: anyText,
  /** Seconds since load began. A span ends when the counter was read, about a second after its begin. */
  fromS: numbers,
  untilS: numbers,
  connections: counts,
});

/** Connections that a proxy has accepted, in spans that follow each other. */
export interface AcceptedBySpan extends Described<typeof acceptedBySpan> {}

export const phaseRecord = z.looseObject({
  id: anyText,
  kind: phaseKind,
  /** The fault's label. Each round of a repeated fault has its own. */
  fault: nullableText,
  round: laterRoundSchema.optional(),
  /** Seconds since load began. */
  startS: number,
  /** As measured, not as planned. */
  durationS: amount,
  /** Wall clock of the phase's start, to line it up with graphs of other systems. */
  startedAt: anyText,
  /** One for each request name that was due at least once, in the order of the mix. */
  requests: listOf(requestSeries),
  /**
   * What is timed beside single requests, as they are: journeys and waits of `until`, in the second in which their last
   * request was due. Missing where nothing is, and in older records.
   */
  timed: listOf(requestSeries).optional(),
  /** All names together. Quantiles and lag cannot be summed from the parts. */
  all: requestSeries,
  connectionsOpened: count,
  bytesSent: amount,
  bytesReceived: amount,
  /** Requests that went out again, because the server had said that it did not process them. Not there: none. */
  sentAgain: count.optional(),
  /** Set when a load thread died: the phase cannot be trusted. */
  lost: nullableText,
  /** Workers that were gone before its end. Missing where none was, and in older records. */
  lostWorkers: listOf(lostWorker).optional(),
  /** Of every outcome but ok. At most 20 kinds, the rest under "other". */
  reasons,
  /** One example for each reason why answers were bad. Older records lack it. */
  samples: answerSamples.optional(),
  /** Sampled requests that failed, and the slowest. Missing where no request carried a trace id. */
  traces: tracedRequests.optional(),
  /** For each proxy, from the phase's start to the next phase's start. Older records lack it. */
  upstreams: listOf(upstreamDials).optional(),
  /**
   * Requests that crossed each proxy with a `protocol`: those of the phase, then those until the next phase. Missing
   * without such proxies, and in older records.
   */
  http: listOf(httpTraffic).optional(),
  /**
   * For each proxy without a `protocol`, from the phase's start to the next phase's start. Missing where the server
   * does not count them, and in older records.
   */
  accepted: listOf(acceptedBySpan).optional(),
  /** One for each check that looks at ids again and again. Known at the end of a run only. */
  completions: listOf(completionsRecord).optional(),
  /**
   * The longest time in ms for which the embedded proxies stood still in each second. The last second also covers the
   * time after the phase in which its last answers came. Missing without such proxies, and in older records.
   */
  proxyLateMs: amounts.optional(),
  /** What others knew of the system in this phase. Missing without signals, and in older records. */
  signals: listOf(signalRecord).optional(),
  /** null: not known. */
  machine: z.union([z.null(), machine]).default(null),
});

export interface PhaseRecord extends Described<typeof phaseRecord> {}
