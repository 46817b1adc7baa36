import type { SignalNow } from "../../measure/run-in-progress.js";
import type { SignalRecord } from "../../measure/signals/signal-record.js";
import type { SignalSpec } from "../../plan/signals/signal-spec.js";
import type {
  ReadSignal,
  SignalSample,
  SignalSource,
  SignalSurroundings,
} from "../../signals/signal-source.js";
import { openSource } from "../../signals/sources.js";
import { stateOfNumber } from "../../slo/alert-state.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { redact } from "../../support/redact.js";
import { saidIn } from "../../support/secrets/said.js";
import { atUsualPriority } from "../machine/priority.js";
import { MarkedCommands, type MarkedCommandsOptions } from "../processes/marked-commands.js";
import { whyNoProgram } from "../services/why-not-started.js";

export interface RunSignalsOptions extends MarkedCommandsOptions {
  readonly signals: readonly SignalSpec[];
  /** The environment that commands inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Seconds since load began, of an instant on the clock of `monotonicMs`. */
  readonly secondsAt: (atMs: number) => number;
  /** What was read of a phase. */
  readonly onRead: (phaseId: string, signals: readonly SignalRecord[]) => void;
}

interface Opened {
  readonly spec: SignalSpec;
  readonly source: SignalSource;
}

/** A phase that is read. It is another one when it is measured again. */
interface Phase {
  readonly id: string;
  readonly startMs: number;
}

/** Reads the signals of a run, phase by phase. Nothing here rejects for what a signal is. */
export class RunSignals {
  readonly #options: RunSignalsOptions;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #phases = new Map<string, Phase>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #commands: MarkedCommands;
  #reading: readonly Promise<void>[] = [];
  #opened: readonly Opened[] = [];
  #phase: Phase | null = null;

  constructor(options: RunSignalsOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    this.#commands = new MarkedCommands(options);
  }

  /** Looks for the programs before anything is loaded. @throws FaultlineError SIGNAL_FAILED: one is not there. */
  refuseMissingPrograms(): void {
    for (const { name, source } of this.#options.signals) {
      const why = source.kind === "command" ? whyNoProgram(source, this.#options.env) : null;
      if (why !== null) throw new FaultlineError("SIGNAL_FAILED", `signal "${name}" cannot be read: ${why}`);
    }
  }

  /** Before the load: what is polled is polled from now on. */
  async open(): Promise<void> {
    this.#opened = await Promise.all(
      this.#options.signals.map(async (spec) => ({
        spec,
        source: await openSource(spec, this.#surroundings()),
      })),
    );
    this.#reading = this.#opened.map(({ source }) => source.start(this.#signal));
  }

  /** How often each is sampled, as far as that can be told yet. */
  async intervals(warn: (text: string) => void): Promise<ReadonlyMap<string, number>> {
    const known = await Promise.all(
      this.#opened.map(async ({ spec: { name }, source }) => {
        try {
          const everyMs = await source.everyMs(this.#signal);
          return everyMs === null ? [] : [[name, everyMs] as const];
        } catch (error) {
          if (!this.#signal.aborted) warn(`signal "${name}" cannot be read yet: ${messageOf(error)}`);
          return [];
        }
      }),
    );
    return new Map(known.flat());
  }

  begin(id: string, startMs: number): void {
    this.#phase = { id, startMs };
    this.#phases.set(id, this.#phase);
  }

  /** Reads the phase that ends then. Resolves when all is read of it. */
  end(endMs: number): Promise<void> {
    const phase = this.#phase;
    this.#phase = null;
    if (phase === null || this.#opened.length === 0) return Promise.resolve();
    const work = this.#read(phase, endMs).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    return work;
  }

  /** The newest of each, for whoever watches. Never rejects. */
  async now(): Promise<readonly SignalNow[]> {
    return Promise.all(
      this.#opened.map(async ({ spec: { name, source: of }, source }) => {
        const sample = await source.now(this.#signal).catch(() => null);
        return { name, shows: sample && shownBy(sample, of.kind === "alerts") };
      }),
    );
  }

  /** Resolves when all phases that have ended are read. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Resolves when nothing is read any more, and no process of a signal is left. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.settled();
    await Promise.all(this.#reading);
    await this.#commands.end();
  }

  #surroundings(): SignalSurroundings {
    const { env, secrets } = this.#options;
    return {
      env: (signal) => ({ ...env, ...this.#commands.markOf(`signal ${signal}`) }),
      starting: atUsualPriority,
      quote: (text, most) => redact(saidIn(text, most), secrets).slice(0, most),
    };
  }

  async #read(phase: Phase, endMs: number): Promise<void> {
    const read = await Promise.all(
      this.#opened.map(async ({ spec, source }) => {
        try {
          const found = await source.between(phase.startMs, endMs, this.#signal);
          return this.#signal.aborted ? [] : [this.#recordOf(spec, found)];
        } catch (error) {
          // A run that was stopped says nothing of it.
          if (this.#signal.aborted) return [];
          return [this.#recordOf(spec, failed(messageOf(error)))];
        }
      }),
    );
    if (this.#phases.get(phase.id) === phase && !this.#signal.aborted)
      this.#options.onRead(phase.id, read.flat());
  }

  #recordOf(
    { name, reads, source }: SignalSpec,
    { everyMs, samples, restarts, troubles }: ReadSignal,
  ): SignalRecord {
    const { secondsAt } = this.#options;
    const column = (key: "value" | "bad" | "total") =>
      samples.flatMap((sample) => (key in sample ? [round(columnOf(sample, key))] : []));
    return {
      signal: name,
      ...(source.kind === "alerts" ? { alert: source.alert } : {}),
      everyS: (everyMs ?? 0) / 1000,
      atS: samples.map(({ atMs }) => secondsAt(atMs)),
      ...(reads.of === "values"
        ? { values: column("value") }
        : { bad: column("bad"), total: column("total") }),
      ...(restarts === 0 ? {} : { restarts }),
      troubles: [...troubles],
    };
  }
}

function shownBy(sample: SignalSample, isAlert: boolean): SignalNow["shows"] {
  if (!("value" in sample)) return { kind: "share", bad: sample.bad, total: sample.total };
  const { value } = sample;
  return isAlert ? { kind: "state", state: stateOfNumber(value) } : { kind: "value", value };
}

function columnOf(sample: Readonly<Record<string, number>>, key: string): number {
  return sample[key] ?? 0;
}

/** Six digits behind the point are more than any count needs. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function failed(reason: string): ReadSignal {
  return { everyMs: null, samples: [], restarts: 0, troubles: [{ id: "no_answer", facts: { reason } }] };
}
