import type { CrossedHttp, HttpTraffic } from "../../faults/http-traffic.js";
import type { UpstreamDials } from "../../faults/proof.js";
import { OUTCOMES, type Outcome, perOutcome } from "../../measure/outcome.js";
import type { AcceptedBySpan, FaultRecord, PhaseRecord, RunEvent, RunRecord } from "../../measure/record.js";
import type { SegmentMeasurement } from "../../measure/segment-accumulator.js";
import type { SignalRecord } from "../../measure/signals/signal-record.js";
import { sum } from "../../slo/observations.js";
import { monotonicMs } from "../../support/clock.js";
import type { RunObserver } from "./observer.js";

/** Connections that a proxy has accepted between two readings of its counter, on the clock of `monotonicMs`. */
export interface AcceptedInSpan {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly connections: number;
}

/** Collects what happens in a run, in order. */
export class Recorder {
  readonly phases: PhaseRecord[] = [];
  readonly faults: FaultRecord[] = [];
  readonly #observer: RunObserver;
  readonly #redact: (text: string) => string;
  readonly #events: { readonly atMs: number; readonly kind: RunEvent["kind"]; readonly text: string }[] = [];
  #loadStartMs: number | null = null;
  readonly #upstreams = new Map<string, readonly UpstreamDials[]>();
  readonly #crossed = new Map<string, readonly CrossedHttp[]>();
  /** By phase, then by proxy. */
  readonly #accepted = new Map<string, Map<string, AcceptedInSpan[]>>();
  readonly #signals = new Map<string, readonly SignalRecord[]>();
  #unjudgedScheduled = 0;
  readonly #unjudged: Record<Outcome, number> = perOutcome(() => 0);
  /** null: the load follows none. */
  #unjudgedRedirects: number | null = null;
  #unfinished = 0;

  constructor(observer: RunObserver, redact: (text: string) => string) {
    this.#observer = observer;
    this.#redact = redact;
  }

  /** The zero of all times in the record, on the clock of `monotonicMs`. */
  loadStarted(atMs: number): void {
    this.#loadStartMs = atMs;
  }

  /** Seconds since load began. Negative before. */
  secondsAt(atMs: number): number {
    return this.#loadStartMs === null ? 0 : Math.round(atMs - this.#loadStartMs) / 1000;
  }

  now(): number {
    return this.secondsAt(monotonicMs());
  }

  event(kind: RunEvent["kind"], text: string): void {
    const event = { atMs: monotonicMs(), kind, text: this.#redact(text) };
    this.#events.push(event);
    this.#observer.event?.({ atS: this.secondsAt(event.atMs), kind, text: event.text });
  }

  events(): RunEvent[] {
    return this.#events.map(({ atMs, kind, text }) => ({ atS: this.secondsAt(atMs), kind, text }));
  }

  /** Connections that were tried to the proxies' upstreams in a phase. */
  upstreams(phaseId: string, dials: readonly UpstreamDials[]): void {
    const before = this.#upstreams.get(phaseId) ?? [];
    const more = dials.map((each) => {
      const known = before.find(({ proxy }) => proxy === each.proxy);
      return known
        ? { ...known, ...each, dials: known.dials + each.dials, refused: known.refused + each.refused }
        : each;
    });
    const rest = before.filter(({ proxy }) => more.every((each) => each.proxy !== proxy));
    this.#upstreams.set(phaseId, [...rest, ...more]);
  }

  /** Requests that crossed proxies in a phase; stretches of it follow each other. */
  crossed(phaseId: string, crossed: readonly CrossedHttp[]): void {
    const before = this.#crossed.get(phaseId) ?? [];
    this.#crossed.set(phaseId, [...before, ...crossed]);
  }

  /** Connections that a proxy has accepted in a phase, one span after the other. */
  accepted(phaseId: string, proxy: string, span: AcceptedInSpan): void {
    const ofPhase = this.#accepted.get(phaseId) ?? new Map<string, AcceptedInSpan[]>();
    this.#accepted.set(phaseId, ofPhase);
    const spans = ofPhase.get(proxy);
    if (spans) spans.push(span);
    else ofPhase.set(proxy, [span]);
  }

  /** What others knew of the system in a phase. */
  signals(phaseId: string, signals: readonly SignalRecord[]): void {
    this.#signals.set(phaseId, signals);
  }

  recordedPhases(): PhaseRecord[] {
    return this.phases.map((phase) => this.withCrossed(phase));
  }

  /**
   * The phase with what crossed in it until now, the connections that were tried to the upstreams, and what was read of
   * signals.
   */
  withCrossed(phase: PhaseRecord): PhaseRecord {
    const upstreams = this.#upstreams.get(phase.id);
    const signals = this.#signals.get(phase.id);
    const crossed = this.#crossed.get(phase.id) ?? [];
    // A gateway of HTTP has counted by itself what its proxy accepted.
    const accepted = [...(this.#accepted.get(phase.id) ?? [])].flatMap(([proxy, spans]) =>
      crossed.some((each) => each.proxy === proxy) ? [] : [this.#acceptedOf(proxy, spans)],
    );
    return {
      ...phase,
      ...(upstreams === undefined ? {} : { upstreams }),
      ...(crossed.length === 0 ? {} : { http: crossed.map((each) => this.#httpOf(each)) }),
      ...(accepted.length === 0 ? {} : { accepted }),
      ...(signals === undefined ? {} : { signals }),
    };
  }

  #acceptedOf(proxy: string, spans: readonly AcceptedInSpan[]): AcceptedBySpan {
    return {
      proxy,
      fromS: spans.map(({ fromMs }) => this.secondsAt(fromMs)),
      untilS: spans.map(({ untilMs }) => this.secondsAt(untilMs)),
      connections: spans.map(({ connections }) => connections),
    };
  }

  #httpOf({ startMs, ...crossed }: CrossedHttp): HttpTraffic {
    return { startS: this.secondsAt(startMs), ...crossed };
  }

  phase(phase: PhaseRecord): void {
    this.phases.push(phase);
    this.#observer.phaseEnded?.(phase);
  }

  /** The phase is measured again. What it had is not judged. */
  setAside(phase: PhaseRecord): void {
    this.phases.splice(
      this.phases.findLastIndex(({ id }) => id === phase.id),
      1,
    );
    this.#upstreams.delete(phase.id);
    this.#crossed.delete(phase.id);
    this.#accepted.delete(phase.id);
    this.#signals.delete(phase.id);
    this.unjudged(phase);
  }

  /** The faults that were still in place are out now. */
  allRemoved(): void {
    const removedAtS = this.now();
    for (const [index, fault] of this.faults.entries()) {
      if (fault.injectedAtS !== null && fault.removedAtS === null)
        this.faults[index] = { ...fault, removedAtS };
    }
  }

  /** Requests that were due around a change of a fault. */
  unjudged({ all }: Pick<SegmentMeasurement, "all">): void {
    this.#unjudgedScheduled += sum(all.scheduled);
    for (const outcome of OUTCOMES) this.#unjudged[outcome] += sum(all.outcomes[outcome]);
    if (all.redirects !== undefined)
      this.#unjudgedRedirects = (this.#unjudgedRedirects ?? 0) + sum(all.redirects);
  }

  /** Requests that were under way when the run was stopped. */
  unfinished(requests: number): void {
    this.#unfinished += requests;
  }

  get unjudgedCounts(): RunRecord["unjudged"] {
    return {
      scheduled: this.#unjudgedScheduled,
      outcomes: { ...this.#unjudged },
      ...(this.#unjudgedRedirects === null ? {} : { redirects: this.#unjudgedRedirects }),
      unfinished: this.#unfinished,
    };
  }
}
