/**
 * The language of service-level objectives.
 *
 *   slo       = metric [ "(" name ")" ] operator target [ "for" duration ] [ "in" phase { "," phase } ]
 *             | "signal" "(" name ")" measure operator target [ "in" phase { "," phase } ]
 *             | "alert" "(" name ")" ( "fires" | "resolves" ) operator target [ "in" phase ]
 *   metric    = a word of metrics/table.ts, such as "availability" or "p99.9", or "completion" "(" name ")" share
 *   share     = "p" digits [ "." digits ] | "max"
 *   name      = name of a request, of a journey, or "until" and the name of a step, bare or in double quotes; for attempts
 *               and connections the name of a proxy, for completion that of a request or of a check on ids
 *   measure   = "error_rate" | "availability" | "max" | "min" | "mean" | "last"
 *   operator  = "<" | "<=" | ">" | ">="
 *   target    = amount | number "x" "baseline" | "baseline" [ ( "+" | "-" ) amount ]
 *   amount    = number | number "%" | number ( "us" | "ms" | "s" | "m" | "h" ) | number ( "/s" | "/min" | "/h" )
 *   phase     = "baseline" | "fault" | "recovery"
 *
 * White space may stand between any two of these. Which amounts fit which metric:
 *
 *   availability, error_rate   %         share of the requests that were due
 *   p<N>, max                  duration  from when a request was due to its whole answer
 *   failed.p<N>, failed.max    duration  from when a request that failed was due to its failure
 *   throughput                 rate      good answers
 *   journey                    %         share of the journeys of that name that came to a good end
 *   attempts, connections      rate      what crosses the proxy that is named
 *   completion                 duration  from a request's acknowledgement until it was seen as stored
 *   recovery, detection        duration  whole phase, absolute, one kind of comparison each way
 *   signal(NAME) error_rate, availability   %      share of what the signal counts
 *   alert(NAME) fires, resolves duration  from the injection, from the removal; each in its own phase
 *   signal(NAME) max, min, mean, last       number no unit; of its samples in the whole phase
 *
 * p999 reads as p99.9 and p9999 as p99.99: after the second digit a decimal point is implied.
 * "<" and "<=" differ only where a value is compared as written (evidence: observed); measured time has no ties.
 * "for 10s" asks the same of every window of ten seconds instead of the phase as a whole.
 */

import { describeAmount } from "./amount.js";
import { metricOf } from "./metrics/index.js";
import { nameAsWritten } from "./metrics/plain.js";
import type { KnownNames } from "./name-reader.js";
import { type SloScanError, SloScanner } from "./scanner.js";
import type { JudgedPhase, Slo, SloTarget } from "./slo.js";

export interface ParseSloOptions extends KnownNames {
  /**
   * - slo: a promise. Availability and throughput have a lower limit, the others an upper one.
   * - abort: the opposite, with "for": "error_rate > 80% for 5s".
   */
  readonly use?: "slo" | "abort";
  /** From the scenario's `in:`. An "in" inside the text wins. */
  readonly phases?: readonly JudgedPhase[] | undefined;
  readonly fault?: string | null | undefined;
  readonly exceptFaults?: readonly string[] | undefined;
}

/** What is wrong and where. `offset` and `length` count UTF-16 units inside the given text. */
export interface SloSyntaxError {
  readonly message: string;
  readonly offset: number;
  readonly length: number;
  /** Text that would have been right, when it can be guessed: "did you mean availability?". */
  readonly suggestion: string | null;
}

export type SloParse =
  | { readonly ok: true; readonly slo: Slo }
  | { readonly ok: false; readonly error: SloSyntaxError };

/** The SLO in its canonical spelling. It parses to the same SLO again. */
export function formatSlo(slo: Slo): string {
  const request = slo.request === null ? "" : `(${nameAsWritten(slo.request)})`;
  const window = slo.windowS === null ? "" : ` for ${slo.windowS}s`;
  const phases = slo.phases.length === 1 && slo.phases[0] === "fault" ? "" : ` in ${slo.phases.join(", ")}`;
  return `${metricOf(slo.metric).name}${request} ${slo.operator} ${formatSloTarget(slo.target)}${window}${phases}`;
}

export function formatSloTarget(target: SloTarget): string {
  switch (target.kind) {
    case "absolute":
      return describeAmount(target.value, target.unit);
    case "baseline_factor":
      return target.factor === 1 ? "baseline" : `${target.factor}x baseline`;
    case "baseline_offset":
      return `baseline ${target.offset < 0 ? "-" : "+"} ${describeAmount(Math.abs(target.offset), target.unit)}`;
  }
}

/** Reads one SLO or abort condition. It never throws for what the text holds. */
export function parseSlo(text: string, options: ParseSloOptions = {}): SloParse {
  const scanner = new SloScanner(text);
  try {
    return { ok: true, slo: readSlo(scanner, text, options) };
  } catch (error) {
    if (!scanner.isOwn(error)) throw error;
    return { ok: false, error: toSyntaxError(error) };
  }
}

function toSyntaxError({ message, offset, length, suggestion }: SloScanError): SloSyntaxError {
  return { message, offset, length, suggestion };
}

function readSlo(scanner: SloScanner, text: string, options: ParseSloOptions): Slo {
  const use = options.use ?? "slo";
  const metric = scanner.metric(options);
  if (use === "abort" && "refusal" in metric.abort) {
    scanner.failMetric(metric.abort.refusal, metric.abort.suggestion);
  }
  const subject = scanner.subject(metric, options, use);
  const operator = scanner.operator(metric, use);
  const target = scanner.target(metric, operator, use);
  const windowS = scanner.window(metric);
  const phases = scanner.phases(metric, use) ?? options.phases ?? ["fault"];
  scanner.end();
  if (use === "abort" && windowS === null) {
    scanner.failAtEnd('an abort condition needs a window: end it with "for 5s"', `${text.trim()} for 5s`);
  }
  return {
    text: text.trim().replace(/\s+/g, " "),
    metric: metric.spec,
    request: subject?.name ?? null,
    ...(subject?.timed ? { timed: subject.timed } : {}),
    operator,
    target,
    windowS,
    phases,
    fault: options.fault ?? null,
    exceptFaults: options.exceptFaults ?? [],
  };
}
