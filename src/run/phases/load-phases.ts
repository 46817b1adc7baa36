import type { FaultDriver } from "../../faults/fault-driver.js";
import type { LoadSession } from "../../load/session.js";
import { type AroundChange, endedIn, endedSince } from "../../measure/around-change.js";
import type { LatencyLimit } from "../../measure/latency-limits.js";
import { OUTCOMES } from "../../measure/outcome.js";
import type { PhaseRecord, RequestSeries } from "../../measure/record.js";
import type { SegmentMeasurement } from "../../measure/segment-accumulator.js";
import { type FaultRound, labelOf, laterRound } from "../../plan/fault-round.js";
import type { PhaseKind } from "../../plan/timeline.js";
import { sum } from "../../slo/observations.js";
import { monotonicMs } from "../../support/clock.js";
import { longestBySecond } from "../../support/standstills.js";
import type { MachineMeter } from "../machine/machine-use.js";
import type { MachineWatch } from "../machine/machine-watch.js";
import type { Recorder } from "./recorder.js";

/** What a phase is, before it is measured. */
export interface PhaseSpec {
  readonly id: string;
  readonly kind: PhaseKind;
  readonly fault: FaultRound | null;
  readonly limits: readonly LatencyLimit[];
}

/** Gets what became of requests around a change of a fault. */
export type ToldOfChange = (around: AroundChange) => void;

/** Load between two phases. */
interface SettleStretch {
  readonly id: string;
  /** Whose change it is around since `known`. null: nobody's. */
  tell: ToldOfChange | null;
  /** What had ended before that. */
  known: AroundChange;
}

type Standstills = NonNullable<FaultDriver["standstills"]>;

/** What stands beside the load and can have delayed it, or the system. */
export interface Surroundings {
  readonly watch?: MachineWatch | null;
  /** Standstills of what the load passes through. */
  readonly standstills?: Standstills | null;
}

interface OpenPhase {
  readonly spec: PhaseSpec;
  readonly startS: number;
  /** On the clock of `monotonicMs`. */
  readonly startMs: number;
  /** null: nobody watches the machine. */
  readonly machine: MachineMeter | null;
  /** Why the phase's measurement says nothing. null: nothing speaks against it. */
  spoilt: string | null;
}

/**
 * Cuts the continuous load into judged phases and unjudged "settle" stretches between them:
 *
 *   baseline | settle: inject | fault | settle: remove | recovery | settle: inject | ...
 *
 * Everything due in a phase gets to its end before a fault changes, so that no judged request is in flight then: a
 * phase that dropped its unfinished requests would drop exactly those that hang.
 */
export class LoadPhases {
  readonly #load: LoadSession;
  readonly #recorder: Recorder;
  /** Counted in every segment, before the segment's own. */
  readonly #limits: readonly LatencyLimit[];
  readonly #watch: MachineWatch | null;
  readonly #standstills: Standstills | null;
  #phase: OpenPhase | null = null;
  /** The open phase, and ended phases that still have requests without an outcome. */
  readonly #unrecorded = new Set<OpenPhase>();
  #settling: SettleStretch | null = null;
  #settles = 0;
  /** The last answers of what came before the open phase. */
  #draining: Promise<void> = Promise.resolve();

  constructor(
    load: LoadSession,
    recorder: Recorder,
    limits: readonly LatencyLimit[],
    { watch = null, standstills = null }: Surroundings = {},
  ) {
    this.#standstills = standstills;
    this.#limits = limits;
    this.#watch = watch;
    this.#load = load;
    this.#recorder = recorder;
  }

  /** A change has to be asked for this long ahead of its instant. */
  get announceMs(): number {
    return this.#load.announceMs;
  }

  /**
   * Begins a phase, and ends the settle stretch or phase (the warm-up) before it. The last answers of that one come in
   * meanwhile. Resolves with the new phase's start. All instants are on the clock of `monotonicMs`.
   */
  async begin(spec: PhaseSpec, atMs = 0): Promise<number> {
    const limits = [...this.#limits, ...spec.limits];
    const { startedAtMs } = await this.#load.begin({ id: spec.id, limits }, atMs);
    const { phase, settling } = this.#take();
    this.#closeMeter(phase);
    if (!phase && settling === null) this.#recorder.loadStarted(startedAtMs);
    this.#phase = {
      spec,
      startS: this.#recorder.secondsAt(startedAtMs),
      startMs: startedAtMs,
      machine: this.#watch?.meter(startedAtMs) ?? null,
      spoilt: null,
    };
    this.#unrecorded.add(this.#phase);
    this.#draining = this.#drain(phase, settling);
    // Awaited when the phase ends. Until then a failure must not be an unhandled rejection.
    this.#draining.catch(() => {});
    return startedAtMs;
  }

  /**
   * Ends the phase. Resolves when each request that was due in it has its outcome. Load goes on, unjudged.
   * @param tell gets what became of that load until the next phase, or the next change.
   */
  async settle(atMs = 0, tell: ToldOfChange | null = null): Promise<PhaseRecord> {
    const { phase } = this.#take();
    if (!phase) throw new Error("no phase is open");
    this.#settles += 1;
    const stretch = { id: `settle-${this.#settles}`, tell, known: [] };
    this.#settling = stretch;
    await this.#load.begin({ id: stretch.id, limits: this.#limits }, atMs);
    // Its last answers may take long. They are waited for in another stretch of load.
    this.#closeMeter(phase);
    await this.#draining;
    return this.#record(phase, await this.#load.drain(phase.spec.id));
  }

  /**
   * A fault is about to change, with no phase open. What ends from now on, and was due before the next phase, is around
   * this change.
   */
  async change(tell: ToldOfChange): Promise<void> {
    const stretch = this.#settling;
    if (stretch === null) return;
    const ended = endedIn(await this.#load.snapshot(stretch.id));
    tellOf(stretch, ended);
    stretch.tell = tell;
    stretch.known = ended;
  }

  /** Requests without an outcome, and everything that is measured now, say nothing of the system. */
  spoil(reason: string): void {
    for (const phase of this.#unrecorded) phase.spoilt ??= reason;
  }

  /** The open phase, as far as it is known. */
  async snapshot(): Promise<PhaseRecord> {
    if (!this.#phase) throw new Error("no phase is open");
    this.#watch?.update();
    return this.#recordOf(this.#phase, await this.#load.snapshot(this.#phase.spec.id));
  }

  /** Ends the load in an orderly way: what is in flight goes on to its outcome. */
  async end(atMs = 0): Promise<void> {
    const { phase, settling } = this.#take();
    await this.#load.end(atMs);
    this.#closeMeter(phase);
    await this.#draining;
    await this.#drain(phase, settling);
  }

  /** Records what is known at once. Requests in flight get no outcome, because the run is being stopped. */
  async cut(): Promise<void> {
    const { settling } = this.#take();
    this.#watch?.update();
    for (const phase of this.#unrecorded) {
      this.#record(phase, this.#endedOnly(await this.#load.snapshot(phase.spec.id)));
    }
    if (settling !== null) this.#unjudged(settling, this.#endedOnly(await this.#load.snapshot(settling.id)));
  }

  #closeMeter(phase: OpenPhase | null): void {
    if (phase?.machine) this.#watch?.close(phase.machine);
  }

  #take(): { readonly phase: OpenPhase | null; readonly settling: SettleStretch | null } {
    const open = { phase: this.#phase, settling: this.#settling };
    this.#phase = null;
    this.#settling = null;
    return open;
  }

  async #drain(phase: OpenPhase | null, settling: SettleStretch | null): Promise<void> {
    if (phase) this.#record(phase, await this.#load.drain(phase.spec.id));
    if (settling !== null) this.#unjudged(settling, await this.#load.drain(settling.id));
  }

  #unjudged(stretch: SettleStretch, measurement: SegmentMeasurement): void {
    this.#recorder.unjudged(measurement);
    tellOf(stretch, endedIn(measurement));
  }

  /** Every request that counts has an outcome. The others are counted apart. */
  #endedOnly(measurement: SegmentMeasurement): SegmentMeasurement {
    const all = endedOnly(measurement.all);
    this.#recorder.unfinished(sum(measurement.all.scheduled) - sum(all.scheduled));
    const { requests, timed } = measurement;
    return {
      ...measurement,
      all,
      requests: requests.map(endedOnly),
      ...(timed ? { timed: timed.map(endedOnly) } : {}),
    };
  }

  #recordOf(
    { spec, startS, startMs, machine, spoilt }: OpenPhase,
    measurement: SegmentMeasurement,
  ): PhaseRecord {
    const { id, kind, fault } = spec;
    const nowMs = monotonicMs();
    // Its last answers came after its end.
    const seconds = Math.ceil((nowMs - startMs) / 1000);
    const still = this.#standstills?.(startMs, nowMs);
    return {
      id,
      kind,
      fault: fault && labelOf(fault),
      ...(fault ? laterRound(fault) : {}),
      startS,
      ...measurement,
      lost: spoilt ?? measurement.lost,
      ...(still ? { proxyLateMs: longestBySecond(still, startMs, seconds) } : {}),
      machine: machine?.soFar() ?? null,
    };
  }

  #record(phase: OpenPhase, measurement: SegmentMeasurement): PhaseRecord {
    const record = this.#recordOf(phase, measurement);
    // A phase that was cut short is drained all the same. It is recorded once.
    if (this.#unrecorded.delete(phase)) this.#recorder.phase(record);
    return record;
  }
}

function tellOf({ tell, known }: SettleStretch, ended: AroundChange): void {
  tell?.(endedSince(known, ended));
}

function endedOnly(series: RequestSeries): RequestSeries {
  const scheduled = series.scheduled.map((_, second) =>
    OUTCOMES.reduce((ended, outcome) => ended + (series.outcomes[outcome][second] ?? 0), 0),
  );
  return { ...series, scheduled };
}
