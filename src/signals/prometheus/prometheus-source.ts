import { queriesOf, reachMsOf } from "../../plan/signals/query-reach.js";
import type { SignalEndpoint, SignalReads, SignalSpec } from "../../plan/signals/signal-spec.js";
import { readPromQl } from "../../scenario/signals/promql.js";
import type { SignalTrouble } from "../../slo/signal-trouble.js";
import { monotonicMs, sleep } from "../../support/clock.js";
import { messageOf } from "../../support/errors.js";
import { NoAnswer } from "../../support/outside/bounded-request.js";
import { gapIn, longestSilenceMs, secondsOf } from "../gaps.js";
import type { Quote, ReadSignal, SignalSample, SignalSource, SignalSurroundings } from "../signal-source.js";
import { whyNoSample } from "./missing-scrapes.js";
import { PrometheusApi, type PromPoint, PromRefusal, type PromSeries } from "./prometheus-api.js";
import { scrapeIntervalMs } from "./scrape-interval.js";

/** A clock that is off by more would put samples into the wrong phase. */
const MOST_CLOCK_OFF_MS = 1_000;
/** What was scraped is there to be queried so much later. */
const TAKEN_IN_MS = 300;
/** How long the last sample is waited for, beyond the time between two. */
const LATE_SAMPLE_MS = 2_000;
const LOOK_AGAIN_MS = 500;

/** A stretch of time on the server's clock (which is ours, or nearly so), in Unix seconds. */
interface Stretch {
  readonly fromS: number;
  readonly untilS: number;
  readonly stepS: number;
}

export function prometheusSource(
  spec: SignalSpec,
  source: SignalEndpoint,
  { quote }: Pick<SignalSurroundings, "quote">,
): SignalSource {
  return new PrometheusSource(spec, source, quote);
}

/** A server that keeps series: asked for each phase as it ends, in steps of the server's scrape interval. */
export class PrometheusSource implements SignalSource {
  readonly #api: PrometheusApi;
  readonly #queries: Readonly<Record<string, string>>;
  readonly #selectors: readonly string[];
  readonly #reachMs: number;
  readonly #of: SignalReads["of"];
  readonly #quote: Quote;
  #everyMs: number | null;

  constructor(spec: SignalSpec, source: SignalEndpoint, quote: Quote) {
    const { reads, everyMs } = spec;
    this.#api = new PrometheusApi(source, spec.timeoutMs);
    this.#of = reads.of;
    this.#queries = queriesOf(reads);
    const read = Object.values(this.#queries).flatMap((query) => readPromQl(query)?.selectors ?? []);
    this.#selectors = [...new Set(read)];
    this.#reachMs = reachMsOf(spec);
    this.#everyMs = everyMs;
    this.#quote = quote;
  }

  async start(): Promise<void> {}

  async everyMs(stop: AbortSignal): Promise<number | null> {
    this.#everyMs ??= await scrapeIntervalMs(this.#api, this.#selectors, stop);
    return this.#everyMs;
  }

  async now(stop: AbortSignal): Promise<SignalSample | null> {
    const atMs = monotonicMs();
    const found: Record<string, number> = {};
    for (const [key, query] of Object.entries(this.#queries)) {
      const [only, ...others] = await this.#api.at(query, null, stop);
      const value = only?.points[0]?.value ?? Number.NaN;
      if (others.length > 0 || !Number.isFinite(value)) return null;
      found[key] = value;
    }
    const { value = 0, bad = 0, total = 0 } = found;
    return this.#of === "values" ? { atMs, value } : { atMs, bad, total };
  }

  async between(fromMs: number, untilMs: number, stop: AbortSignal): Promise<ReadSignal> {
    try {
      await sleep(Math.max(0, untilMs + TAKEN_IN_MS - monotonicMs()), stop);
      const everyMs = await this.everyMs(stop);
      if (everyMs === null) return untrusted({ id: "no_interval", facts: {} }, null);
      const patienceMs = untilMs + everyMs + LATE_SAMPLE_MS;
      for (;;) {
        const read = await this.#read(fromMs, untilMs, everyMs, stop);
        const isLastThere = read.troubles.every(({ id }) => id !== "gap" && id !== "no_series");
        if (isLastThere) return read;
        if (monotonicMs() + LOOK_AGAIN_MS > patienceMs)
          return await this.#withCauses(read, fromMs, everyMs, stop);
        await sleep(LOOK_AGAIN_MS, stop);
      }
    } catch (error) {
      stop.throwIfAborted();
      return untrusted(troubleOf(error, this.#quote), this.#everyMs);
    }
  }

  async #read(fromMs: number, untilMs: number, everyMs: number, stop: AbortSignal): Promise<ReadSignal> {
    const clock = await this.#clock(stop);
    if (Math.abs(clock.aheadMs) - clock.unsureMs > MOST_CLOCK_OFF_MS) {
      return untrusted({ id: "clock", facts: { aheadS: secondsOf(clock.aheadMs) } }, everyMs);
    }
    // A sample tells of the time before it. All of that has to be in the phase.
    const firstMs = fromMs + Math.max(this.#reachMs, everyMs);
    const wallS = (ms: number) => (ms + clock.wallOffsetMs) / 1000;
    const monotonic = (atS: number) => atS * 1000 - clock.wallOffsetMs;
    if (firstMs > untilMs) return { everyMs, samples: [], restarts: 0, troubles: [] };
    const stretch: Stretch = { fromS: wallS(firstMs), untilS: wallS(untilMs), stepS: everyMs / 1000 };
    const troubles: SignalTrouble[] = [];
    const columns: Record<string, readonly PromPoint[]> = {};
    for (const [key, query] of Object.entries(this.#queries)) {
      const series = await this.#api.range(query, stretch, stop);
      const trouble = notOne(key, query, series) ?? notNumber(key, query, series, wallS(fromMs));
      if (trouble === null) columns[key] = series[0]?.points ?? [];
      else troubles.push(trouble);
    }
    const samples = troubles.length > 0 ? [] : this.#samples(columns, stretch.stepS, monotonic);
    const gone = troubles.length > 0 ? [] : await this.#gone(stretch, wallS(fromMs), stop);
    const watched = { phaseMs: fromMs, fromMs: firstMs - everyMs, untilMs, everyMs };
    const gap =
      troubles.length > 0
        ? null
        : (gapIn(
            samples.map(({ atMs }) => atMs),
            watched,
          ) ?? (await this.#stale(stretch, wallS(fromMs), everyMs, stop)));
    const restarts = this.#of === "values" ? 0 : await this.#restarts(fromMs, untilMs, wallS, stop);
    return { everyMs, samples, restarts, troubles: [...troubles, ...gone, ...(gap === null ? [] : [gap])] };
  }

  /** A gap, with what the server's own scrapes say of it. */
  async #withCauses(
    read: ReadSignal,
    phaseMs: number,
    everyMs: number,
    stop: AbortSignal,
  ): Promise<ReadSignal> {
    const phaseS = (phaseMs + Date.now() - monotonicMs()) / 1000;
    const troubles = await Promise.all(
      read.troubles.map(async (trouble) => {
        if (trouble.id !== "gap") return trouble;
        const beginS = phaseS + Number(trouble.facts.fromS);
        const untilS = beginS + Number(trouble.facts.lengthS);
        // Until then a range has held the samples from before the silence.
        const silence = { fromS: beginS - this.#reachMs / 1000, untilS, everyMs };
        // That there is a gap is known without it.
        const why = await whyNoSample(this.#api, this.#selectors, silence, stop).catch(() => null);
        return why === null ? trouble : { ...trouble, facts: { ...trouble.facts, why } };
      }),
    );
    return { ...read, troubles };
  }

  /** How far the server's clock is ahead of ours, and what turns our monotonic clock into Unix time. */
  async #clock(stop: AbortSignal) {
    const sentMs = monotonicMs();
    const [answer] = await this.#api.at("time()", null, stop);
    const gotMs = monotonicMs();
    const wallOffsetMs = Date.now() - monotonicMs();
    const serverMs = (answer?.points[0]?.value ?? Number.NaN) * 1000;
    if (!Number.isFinite(serverMs)) throw new PromRefusal("it does not say what time it is");
    const aheadMs = serverMs - ((sentMs + gotMs) / 2 + wallOffsetMs);
    return { aheadMs, unsureMs: (gotMs - sentMs) / 2, wallOffsetMs };
  }

  #samples(
    columns: Readonly<Record<string, readonly PromPoint[]>>,
    stepS: number,
    monotonic: (atS: number) => number,
  ): readonly SignalSample[] {
    const { value = [], bad = [], total = [] } = columns;
    if (this.#of === "values")
      return value.map((point) => ({ atMs: monotonic(point.atS), value: point.value }));
    const badAt = new Map(bad.map((point) => [point.atS.toFixed(3), point.value]));
    return total.flatMap(({ atS, value: perS }) => {
      const badPerS = badAt.get(atS.toFixed(3));
      if (badPerS === undefined) return [];
      return [{ atMs: monotonic(atS), bad: Math.max(0, badPerS) * stepS, total: Math.max(0, perS) * stepS }];
    });
  }

  /** A series that goes away takes with it what it would have counted. */
  async #gone(stretch: Stretch, phaseS: number, stop: AbortSignal): Promise<readonly SignalTrouble[]> {
    for (const selector of this.#selectors) {
      const [counted] = await this.#api.range(`count(${selector})`, stretch, stop);
      let most = 0;
      for (const { atS, value } of counted?.points ?? []) {
        if (value < most) {
          const facts = { selector, before: most, after: value, atS: Math.round(atS - phaseS) };
          return [{ id: "series_gone", facts }];
        }
        most = Math.max(most, value);
      }
    }
    return [];
  }

  /** A server shows the last sample for minutes. When the newest one was taken tells whether it is still one. */
  async #stale(
    stretch: Stretch,
    phaseS: number,
    everyMs: number,
    stop: AbortSignal,
  ): Promise<SignalTrouble | null> {
    const mostS = longestSilenceMs(everyMs) / 1000;
    for (const selector of this.#selectors) {
      const [newest] = await this.#api.range(`max(timestamp(${selector}))`, stretch, stop);
      let worst: { readonly takenS: number; readonly lengthS: number } | null = null;
      for (const { atS, value: takenS } of newest?.points ?? []) {
        const lengthS = atS - takenS;
        if (lengthS > mostS && lengthS > (worst?.lengthS ?? 0)) worst = { takenS, lengthS };
      }
      if (worst === null) continue;
      const fromS = Math.round((worst.takenS - phaseS) * 1000) / 1000;
      return { id: "gap", facts: { fromS, lengthS: Math.round(worst.lengthS * 1000) / 1000 } };
    }
    return null;
  }

  async #restarts(
    fromMs: number,
    untilMs: number,
    wallS: (ms: number) => number,
    stop: AbortSignal,
  ): Promise<number> {
    const range = `[${Math.max(1, Math.round(untilMs - fromMs))}ms]`;
    let most = 0;
    for (const selector of this.#selectors) {
      const [found] = await this.#api.at(`max(resets(${selector}${range}))`, wallS(untilMs), stop);
      most = Math.max(most, found?.points[0]?.value ?? 0);
    }
    return most;
  }
}

function notOne(key: string, query: string, series: readonly PromSeries[]): SignalTrouble | null {
  if (series.length === 1) return null;
  if (series.length === 0) return { id: "no_series", facts: { source: "prometheus", key, query } };
  return { id: "several_series", facts: { source: "prometheus", key, query, series: series.length } };
}

function notNumber(
  key: string,
  query: string,
  series: readonly PromSeries[],
  phaseS: number,
): SignalTrouble | null {
  const found = series[0]?.points.find(({ value }) => !Number.isFinite(value));
  if (!found) return null;
  const atS = Math.round(found.atS - phaseS);
  return { id: "not_a_number", facts: { key, query, atS, value: String(found.value) } };
}

function untrusted(trouble: SignalTrouble, everyMs: number | null): ReadSignal {
  return { everyMs, samples: [], restarts: 0, troubles: [trouble] };
}

const MOST_QUOTED = 300;

function troubleOf(error: unknown, quote: Quote): SignalTrouble {
  const reason = quote(messageOf(error), MOST_QUOTED);
  if (error instanceof NoAnswer) return { id: "no_answer", facts: { reason } };
  if (error instanceof PromRefusal) return { id: "refused_query", facts: { reason } };
  return { id: "refused_query", facts: { reason: "its answer is not that of Prometheus' API" } };
}
