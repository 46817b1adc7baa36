import { limitOf } from "../../analysis/slo/slo-budget.js";
import { latencyLimits } from "../../analysis/slo/targets.js";
import type { LiveSample } from "../../load/session.js";
import type { LatencyLimit } from "../../measure/latency-limits.js";
import type { AbortCondition } from "../../plan/run-plan.js";
import type { EndedRequests } from "../../slo/metric.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";

/**
 * Samples come four times a second. A sample that covers more than a window and this much stands for a time in which
 * this process stood still (Ctrl-Z, a paused container). What failed then waited for the generator, or for its proxies.
 */
const STANDSTILL_MS = 1_000;
/** Samples in which the way to the system failed are left out for so long. The guard of the system comes first after that. */
const MOST_SPOILT_MS = 30_000;
/** A way that has not failed for so long has recovered. */
const RECOVERED_MS = 5_000;

/**
 * The latency limits that the conditions need. They come before all other limits of every segment, in this order, so
 * the first counts of `LiveSample.slow` belong to them.
 */
export function abortLimits(conditions: readonly AbortCondition[]): readonly LatencyLimit[] {
  return latencyLimits(conditions.map(({ condition }) => condition));
}

/**
 * Watches the live samples for conditions like "error_rate > 80% for 5s". The condition is true when it holds over all
 * requests that ended in the last 5 s ("error_rate(checkout) …": over all of this name). All phases count, also the
 * warm-up and the time between phases. The load generator's own lateness and its standstills do not count, nor does what
 * failed when the way to the system did.
 */
export class AbortMonitor {
  readonly #windows: readonly ConditionWindow[];
  /** How long the way has been failing, all the time or again and again. */
  #spoiltMs = 0;
  #sinceSpoiltMs = RECOVERED_MS;

  constructor(conditions: readonly AbortCondition[]) {
    const limits = abortLimits(conditions);
    this.#windows = conditions.map(({ condition }) => {
      const limitUs = limitOf(condition);
      const at = limits.findIndex(
        (limit) => limit.limitUs === limitUs && limit.request === condition.request,
      );
      return new ConditionWindow(condition, at < 0 ? null : at);
    });
  }

  /**
   * Takes the next sample.
   * @param isSpoilt what failed in it may be no fault of the system.
   * @returns why the run has to end, or null.
   */
  feed(sample: LiveSample, isSpoilt = false): string | null {
    this.#sinceSpoiltMs = isSpoilt ? 0 : this.#sinceSpoiltMs + sample.intervalMs;
    this.#spoiltMs = this.#sinceSpoiltMs < RECOVERED_MS ? this.#spoiltMs + sample.intervalMs : 0;
    const isLeftOut = isSpoilt && this.#spoiltMs <= MOST_SPOILT_MS;
    // Every condition sees every sample, also after one has come true.
    const reasons = this.#windows.map((window) => window.feed(sample, isLeftOut));
    return reasons.find((reason) => reason !== null) ?? null;
  }
}

/** The last `windowS` seconds of samples, and whether the condition holds over them. */
class ConditionWindow {
  readonly #condition: Slo;
  /** Index into `LiveSample.slow`. null when the condition is not about latency. */
  readonly #slowAt: number | null;
  readonly #windowMs: number;
  #samples: EndedRequests[] = [];
  /** The last sample told of a standstill, or was left out. What had waited for its end ends in the next sample. */
  #stoodStill = false;

  constructor(condition: Slo, slowAt: number | null) {
    this.#condition = condition;
    this.#slowAt = slowAt;
    this.#windowMs = (condition.windowS ?? 1) * 1000;
  }

  feed({ intervalMs, outcomes, requests, slow }: LiveSample, isLeftOut: boolean): string | null {
    const { request } = this.#condition;
    const watched = request === null ? outcomes : requests.get(request);
    // The scenario's checks have made sure that the load has requests of this name.
    if (!watched) throw new Error(`no request is called "${request}"`);
    const { ok, http_error, timeout, refused, reset, unsent, unsentByGenerator } = watched;
    const isAfterwards = this.#stoodStill;
    this.#stoodStill = isLeftOut || intervalMs > this.#windowMs + STANDSTILL_MS;
    if (this.#stoodStill || isAfterwards) {
      this.#samples = [];
      return null;
    }
    this.#samples.push({
      ms: intervalMs,
      ok,
      // What the generator could not send says nothing about the system.
      failed: http_error + timeout + refused + reset + unsent - unsentByGenerator,
      slow: this.#slowAt === null ? 0 : (slow[this.#slowAt] ?? 0),
    });
    // The oldest sample goes when the others fill the window. Half a sample may be missing: otherwise jitter would cost
    // a whole one.
    const enoughMs = this.#windowMs - Math.min(intervalMs, this.#windowMs) / 2;
    while (this.#samples.length > 1 && this.#coveredMs() - this.#samples[0]!.ms >= enoughMs)
      this.#samples.shift();
    if (this.#coveredMs() < enoughMs) return null;
    return this.#judge();
  }

  #coveredMs(): number {
    return totalOf(this.#samples, ({ ms }) => ms);
  }

  #judge(): string | null {
    const { metric, text } = this.#condition;
    const { abort } = metricOf(metric);
    // The SLO language lets no other metric be an abort condition.
    if ("refusal" in abort) return null;
    const seen = abort.look(this.#condition, {
      ms: this.#coveredMs(),
      ok: totalOf(this.#samples, (sample) => sample.ok),
      failed: totalOf(this.#samples, (sample) => sample.failed),
      slow: totalOf(this.#samples, (sample) => sample.slow),
    });
    return seen?.isMet ? `${text}: ${seen.seen} in the last ${this.#windowMs / 1000} s` : null;
  }
}

function totalOf<T>(items: readonly T[], measure: (item: T) => number): number {
  return items.reduce((total, item) => total + measure(item), 0);
}
