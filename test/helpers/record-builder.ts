/**
 * Makes whole RunRecords from a few words, the same ones every time: for tests of analysis, comparison and reports.
 *
 *   buildRecord({ ratePerS: 100, slos: ["p99 < 400ms"], phases: [
 *     { kind: "baseline", seconds: 30 },
 *     { kind: "fault", fault: "slow cache", seconds: 30, medianMs: 300, bad: { timeout: 0.1 } },
 *     { kind: "recovery", fault: "slow cache", seconds: 30, at: (s) => (s < 2 ? { bad: { reset: 1 } } : {}) } ] })
 *
 * Latencies are log-normal around `medianMs`; outcomes are drawn with the shares in `bad`.
 */

import * as hdr from "hdr-histogram-js";
import { latencyLimits, resolveAgainstBaseline } from "../../src/analysis/slo/targets.js";
import type { FaultAction } from "../../src/faults/fault-action.js";
import { proxyTarget } from "../../src/faults/proof.js";
import type { FailedOutcome } from "../../src/measure/failures/failure-times.js";
import { sparseQuantileUs, TimeHistogram } from "../../src/measure/histogram.js";
import type { Outcome, OutcomeCounts } from "../../src/measure/outcome.js";
import { OUTCOMES } from "../../src/measure/outcome.js";
import type {
  FaultRecord,
  MachineUse,
  PhaseRecord,
  RequestSeries,
  RunEnding,
  RunEvent,
  RunRecord,
  ServiceRecord,
  TimeToFailure,
} from "../../src/measure/record.js";
import { RecordedTimes } from "../../src/measure/recorded-times.js";
import type { Profile } from "../../src/plan/load-plan.js";
import type { PhaseKind } from "../../src/plan/timeline.js";
import { parseSlo } from "../../src/slo/parse.js";
import type { Slo } from "../../src/slo/slo.js";
import { type Random, seededRandom } from "../../src/support/random.js";
import { toxicOn } from "./actions.js";

/** How the system answers in one second. */
export interface Condition {
  readonly medianMs?: number;
  /** Standard deviation of ln(latency). Default 0.25. */
  readonly spread?: number;
  /** Shares of requests, 0..1; the rest is ok. */
  readonly bad?: Partial<Record<Exclude<Outcome, "ok">, number>>;
  /**
   * Median time to failure, spread like latencies; a timeout takes the run's timeout. Default: as in older records, which
   * do not know.
   */
  readonly failedAfterMs?: number;
  /** Default: the sketch's. */
  readonly ratePerS?: number;
  /** The generator's own lateness, of every request and part of its latency. Default 0.1. */
  readonly lagMs?: number;
  /** Conditions of single request names, instead of the phase's. */
  readonly of?: Readonly<Record<string, Pick<Condition, "bad" | "medianMs" | "failedAfterMs">>>;
  /** Share of the `unsent` that the generator did not send for its own reasons. Default 0. */
  readonly unsentByGenerator?: number;
  /** Share of what was due that the generator let go in this second; the rest went in the next one. Default 1. */
  readonly offered?: number;
}

export interface PhaseSketch extends Condition {
  readonly kind: PhaseKind;
  readonly fault?: string;
  readonly seconds: number;
  /** Departures from the phase's condition, by second of the phase. */
  readonly at?: (second: number) => Condition;
  readonly reasons?: Readonly<Record<string, number>>;
  /** By request name. */
  readonly reasonsOf?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Whole answers by status, by request name. */
  readonly statusesOf?: Readonly<Record<string, NonNullable<RequestSeries["statuses"]>>>;
  readonly samples?: PhaseRecord["samples"];
  readonly upstreams?: PhaseRecord["upstreams"];
  readonly machine?: MachineUse;
  readonly lost?: string;
}

export interface FaultSketch {
  readonly name: string;
  readonly actions?: readonly FaultAction[];
  readonly notRun?: string;
  readonly notRunBrief?: string;
  readonly proof?: FaultRecord["proof"];
  readonly search?: FaultRecord["search"];
  readonly firstTry?: FaultRecord["firstTry"];
}

export interface RunSketch {
  readonly name?: string;
  readonly hypothesis?: string | null;
  readonly seed?: number;
  readonly startedAt?: string;
  readonly evidence?: RunRecord["evidence"];
  readonly ratePerS?: number;
  /** Of the load; the rate of each phase must be told beside it. */
  readonly profile?: Profile;
  readonly timeoutMs?: number;
  /** Default ["browse"]; shares are equal, and greater for a name that stands there more than once. */
  readonly requests?: readonly string[];
  readonly slos?: readonly (string | Slo)[];
  readonly phases: readonly PhaseSketch[];
  /** Default: one for each fault that a phase names, a latency toxic of 300 ms, proven. */
  readonly faults?: readonly FaultSketch[];
  readonly ending?: RunEnding;
  readonly events?: readonly RunEvent[];
  readonly services?: readonly ServiceRecord[];
  readonly unjudged?: RunRecord["unjudged"];
}

export function buildRecord(sketch: RunSketch): RunRecord {
  const requestNames = sketch.requests ?? ["browse"];
  const ratePerS = sketch.ratePerS ?? 100;
  const slos = (sketch.slos ?? ["availability >= 99%", "p99 < 400ms", "recovery < 3s"]).map((slo) =>
    typeof slo === "string" ? sloOf(slo) : slo,
  );
  const world: World = {
    random: seededRandom(sketch.seed ?? 1),
    ratePerS,
    timeoutMs: sketch.timeoutMs ?? 1000,
    requestNames,
    limitsUs: [],
  };
  const startedAtMs = Date.parse(sketch.startedAt ?? "2026-03-01T12:00:00.000Z");
  const phases: PhaseRecord[] = [];
  let startS = 0;
  for (const [index, phase] of sketch.phases.entries()) {
    const baseline = phases.find((done) => done.kind === "baseline");
    const absolute = resolveAgainstBaseline(slos, baseline ?? null);
    world.limitsUs = [...new Set(latencyLimits(absolute).map((limit) => limit.limitUs))];
    phases.push({
      ...measure(phase, world),
      id: `${phase.kind}${phase.fault === undefined ? "" : `-${index}`}`,
      kind: phase.kind,
      fault: phase.fault ?? null,
      startS,
      startedAt: new Date(startedAtMs + startS * 1000).toISOString(),
    });
    startS += phase.seconds;
  }
  const faultSketches =
    sketch.faults ??
    [...new Set(sketch.phases.flatMap((phase) => phase.fault ?? []))].map((name) => ({ name }));
  return {
    format: "faultline-record",
    formatVersion: 2,
    tool: { name: "faultline", version: "0.1.0" },
    scenario: {
      name: sketch.name ?? "Shop survives a bad inventory",
      hypothesis: sketch.hypothesis ?? null,
      file: "scenarios/example.yaml",
      sha256: "0".repeat(64),
    },
    seed: sketch.seed ?? 1,
    startedAt: new Date(startedAtMs).toISOString(),
    durationS: startS,
    environment: {
      node: "v20.20.0",
      platform: "linux x64",
      cpus: 4,
      toxiproxy: { kind: "embedded", version: "2.12.0", url: null },
    },
    evidence: sketch.evidence ?? "interval",
    slos,
    load: {
      targetUrl: "http://127.0.0.1:3000",
      model: {
        kind: "open",
        arrivals: "even",
        profile: sketch.profile ?? { startValue: ratePerS, stages: [] },
        maxConnections: 1000,
      },
      timeoutMs: world.timeoutMs,
      workers: 1,
      keepAlive: true,
      pipelining: 1,
      requestNames: [...new Set(requestNames)],
    },
    plannedPhases: phases.map((phase) => ({
      id: phase.id,
      kind: phase.kind,
      fault: phase.fault,
      startMs: phase.startS * 1000,
      durationMs: phase.durationS * 1000,
      expectedRequests: phase.durationS * ratePerS,
    })),
    phases,
    unjudged: sketch.unjudged ?? { scheduled: 0, outcomes: zeroCounts() },
    faults: faultSketches.map((fault) => faultRecord(fault, phases)),
    events: sketch.events ?? [],
    services: sketch.services ?? [],
    ending: sketch.ending ?? { kind: "completed" },
  };
}

interface World {
  readonly random: Random;
  readonly ratePerS: number;
  readonly timeoutMs: number;
  readonly requestNames: readonly string[];
  limitsUs: readonly number[];
}

function zeroCounts(): OutcomeCounts {
  return { ok: 0, http_error: 0, timeout: 0, refused: 0, reset: 0, unsent: 0 };
}

/** What a load plane would have recorded; series without names are kept apart until the end. */
function measure(
  sketch: PhaseSketch,
  world: World,
): Omit<PhaseRecord, "id" | "kind" | "fault" | "startS" | "startedAt"> {
  const all = new SeriesBuilder(null, world.limitsUs);
  const byName = [...new Set(world.requestNames)].map((name) => new SeriesBuilder(name, world.limitsUs));
  for (let second = 0; second < sketch.seconds; second += 1) {
    const condition = { ...sketch, ...sketch.at?.(second) };
    const due = Math.round(condition.ratePerS ?? world.ratePerS);
    const median = condition.medianMs ?? 8;
    const spread = condition.spread ?? 0.25;
    for (const series of [all, ...byName]) series.beginSecond(condition.lagMs ?? 0.1);
    for (let request = 0; request < due; request += 1) {
      const name = world.requestNames[Math.floor(world.random() * world.requestNames.length)];
      const named = byName.find(({ request }) => request === name);
      const own = condition.of?.[named?.request ?? ""] ?? {};
      let outcome = drawOutcome(own.bad ?? condition.bad ?? {}, world.random());
      const latencyMs = (own.medianMs ?? median) * Math.exp(spread * normal(world.random));
      if (outcome === "ok" && latencyMs > world.timeoutMs) outcome = "timeout";
      for (const series of [all, named]) series?.count(outcome, Math.max(1, Math.round(latencyMs * 1000)));
      const failedMs = own.failedAfterMs ?? condition.failedAfterMs;
      if (failedMs === undefined || outcome === "ok" || outcome === "unsent") continue;
      const lagMs = condition.lagMs ?? 0.1;
      const tookMs =
        outcome === "timeout" ? world.timeoutMs + lagMs : failedMs * (latencyMs / (own.medianMs ?? median));
      for (const series of [all, named]) series?.fail(outcome, Math.max(1, Math.round(tookMs * 1000)), lagMs);
    }
    for (const series of [all, ...byName]) {
      series.endSecond(condition.unsentByGenerator ?? 0, condition.offered ?? 1);
    }
  }
  const named = byName.filter((series) => series.total > 0);
  return {
    durationS: sketch.seconds,
    requests: named.map((series) => {
      const reasons = sketch.reasonsOf?.[series.request ?? ""];
      const statuses = sketch.statusesOf?.[series.request ?? ""];
      return { ...series.build(), ...(reasons ? { reasons } : {}), ...(statuses ? { statuses } : {}) };
    }),
    all: all.build(),
    connectionsOpened: Math.min(10, all.total),
    bytesSent: all.total * 120,
    bytesReceived: all.total * 480,
    lost: sketch.lost ?? null,
    machine: sketch.machine ?? null,
    ...(sketch.upstreams ? { upstreams: sketch.upstreams } : {}),
    ...(sketch.samples ? { samples: sketch.samples } : {}),
    reasons: sketch.reasons ?? {},
  };
}

function drawOutcome(bad: NonNullable<Condition["bad"]>, draw: number): Outcome {
  let edge = 0;
  for (const [outcome, share] of Object.entries(bad) as [Outcome, number][]) {
    edge += share;
    if (draw < edge) return outcome;
  }
  return "ok";
}

/** Box–Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

class SeriesBuilder {
  total = 0;
  readonly request: string | null;
  readonly #limitsUs: readonly number[];
  readonly #scheduled: number[] = [];
  readonly #outcomes = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, [] as number[]])) as Record<
    Outcome,
    number[]
  >;
  readonly #slow: number[][];
  readonly #slowFromDispatch: number[][];
  readonly #unsentByGenerator: number[] = [];
  readonly #quantiles = { p50: [], p90: [], p99: [], max: [] } as Record<
    "p50" | "p90" | "p99" | "max",
    (number | null)[]
  >;
  readonly #offered: number[] = [];
  #heldBack = 0;
  readonly #lag: number[] = [];
  readonly #latency = newHistogram();
  readonly #dispatchLatency = newHistogram();
  readonly #lagHistogram = newHistogram();
  #inSecond: number[] = [];
  readonly #failures: {
    readonly second: number;
    readonly outcome: FailedOutcome;
    readonly us: number;
    readonly dispatchUs: number;
  }[] = [];

  constructor(request: string | null, limitsUs: readonly number[]) {
    this.request = request;
    this.#limitsUs = limitsUs;
    this.#slow = limitsUs.map(() => []);
    this.#slowFromDispatch = limitsUs.map(() => []);
  }

  beginSecond(lagMs: number): void {
    this.#scheduled.push(0);
    for (const outcome of OUTCOMES) this.#outcomes[outcome].push(0);
    for (const slow of [...this.#slow, ...this.#slowFromDispatch]) slow.push(0);
    this.#lag.push(lagMs);
    this.#inSecond = [];
  }

  count(outcome: Outcome, latencyUs: number): void {
    this.total += 1;
    const last = this.#scheduled.length - 1;
    this.#scheduled[last]! += 1;
    this.#outcomes[outcome][last]! += 1;
    this.#lagHistogram.recordValue(Math.max(1, Math.round((this.#lag[last] ?? 0) * 1000)));
    if (outcome !== "ok") return;
    this.#latency.recordValue(latencyUs);
    this.#inSecond.push(latencyUs);
    const dispatchUs = Math.max(1, latencyUs - Math.round((this.#lag[last] ?? 0) * 1000));
    this.#dispatchLatency.recordValue(dispatchUs);
    for (const [index, limit] of this.#limitsUs.entries()) {
      if (latencyUs > limit) this.#slow[index]![last]! += 1;
      if (dispatchUs > limit) this.#slowFromDispatch[index]![last]! += 1;
    }
  }

  fail(outcome: FailedOutcome, us: number, lagMs: number): void {
    const dispatchUs = Math.max(1, us - Math.round(lagMs * 1000));
    this.#failures.push({ second: this.#scheduled.length - 1, outcome, us, dispatchUs });
  }

  #timeToFailure(): TimeToFailure {
    const times = (us: readonly number[]) => {
      const histogram = new TimeHistogram();
      for (const one of us) histogram.record(one);
      return histogram.toSparse();
    };
    const bySecond = this.#scheduled.map((_, at) => this.#failures.filter(({ second }) => second === at));
    const ms = (q: number) =>
      bySecond.map((failures) => {
        const us = sparseQuantileUs(times(failures.map((one) => one.us)), q);
        return us === null ? null : us / 1000;
      });
    const of = (wanted: FailedOutcome) => {
      const own = this.#failures.filter(({ outcome }) => outcome === wanted).map((one) => one.us);
      return own.length > 0 ? { [wanted]: new RecordedTimes(times(own)) } : {};
    };
    return {
      slow: this.#limitsUs.map((limitUs) => {
        const slow = (clock: "us" | "dispatchUs") =>
          bySecond.map((failures) => failures.filter((one) => one[clock] >= limitUs).length);
        return { limitUs, due: slow("us"), dispatch: slow("dispatchUs") };
      }),
      ms: { p50: ms(0.5), p90: ms(0.9), p99: ms(0.99), max: ms(1) },
      byOutcome: { ...of("http_error"), ...of("timeout"), ...of("refused"), ...of("reset") },
      dispatch: new RecordedTimes(times(this.#failures.map((one) => one.dispatchUs))),
    };
  }

  endSecond(unsentByGenerator: number, offered: number): void {
    const ready = (this.#scheduled.at(-1) ?? 0) + this.#heldBack;
    this.#heldBack = Math.round(ready * (1 - offered));
    this.#offered.push(ready - this.#heldBack);
    this.#unsentByGenerator.push(Math.round((this.#outcomes.unsent.at(-1) ?? 0) * unsentByGenerator));
    const sorted = this.#inSecond.sort((a, b) => a - b);
    const at = (q: number) => {
      const value = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
      return value === undefined ? null : value / 1000;
    };
    this.#quantiles.p50.push(at(0.5));
    this.#quantiles.p90.push(at(0.9));
    this.#quantiles.p99.push(at(0.99));
    this.#quantiles.max.push(at(1));
  }

  build(): RequestSeries {
    return {
      request: this.request,
      scheduled: this.#scheduled,
      offered: this.#offered,
      outcomes: this.#outcomes,
      unsentByGenerator: this.#unsentByGenerator,
      slow: this.#limitsUs.map((limitUs, index) => ({
        limitUs,
        due: this.#slow[index]!,
        dispatch: this.#slowFromDispatch[index]!,
      })),
      latencyMs: this.#quantiles,
      lagP99Ms: this.#lag,
      histograms: {
        latency: recordedTimes(this.#latency),
        dispatchLatency: recordedTimes(this.#dispatchLatency),
        lag: recordedTimes(this.#lagHistogram),
      },
      ...(this.#failures.length > 0 ? { timeToFailure: this.#timeToFailure() } : {}),
    };
  }
}

function recordedTimes(histogram: hdr.Histogram): RecordedTimes {
  return RecordedTimes.decode(hdr.encodeIntoCompressedBase64(histogram));
}

function newHistogram(): hdr.Histogram {
  return hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
  });
}

function faultRecord(sketch: FaultSketch, phases: readonly PhaseRecord[]): FaultRecord {
  const phase = phases.find((candidate) => candidate.kind === "fault" && candidate.fault === sketch.name);
  const injected = sketch.notRun === undefined ? phase : undefined;
  return {
    name: sketch.name,
    actions: sketch.actions ?? [toxicOn("inventory", "latency", { latency: 300, jitter: 50 })],
    injectedAtS: injected?.startS ?? null,
    removedAtS: injected ? injected.startS + injected.durationS : null,
    notRun: sketch.notRun ?? null,
    ...(sketch.firstTry ? { firstTry: sketch.firstTry } : {}),
    ...(sketch.notRunBrief === undefined ? {} : { notRunBrief: sketch.notRunBrief }),
    proof:
      sketch.proof !== undefined || !injected
        ? (sketch.proof ?? null)
        : {
            strength: "observed",
            proven: true,
            explanation: "12 connections and 48.2 kB crossed the proxy while the fault was on.",
            targets: [
              proxyTarget({
                proxy: "inventory",
                toxics: ["latency_downstream"],
                isEnabled: true,
                traffic: {
                  listen: "127.0.0.1:6391",
                  upstream: "127.0.0.1:6390",
                  baseline: { connections: 10, bytes: 50_112 },
                  fault: { connections: 12, bytes: 48_211 },
                },
              }),
            ],
          },
    search: sketch.search ?? null,
  };
}

/** Throws on a text that is not an SLO. */
export function sloOf(text: string): Slo {
  const parsed = parseSlo(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  return parsed.slo;
}
