import { resolveAgainstBaseline } from "../../analysis/slo/targets.js";
import type { RunEvent } from "../../measure/record.js";
import type { LiveNumbers, PhaseStart, RunInProgress } from "../../measure/run-in-progress.js";
import type { PagePhase } from "../../report/html/page-model.js";
import type { Slo } from "../../slo/slo.js";
import { monotonicMs } from "../../support/clock.js";
import { verdictsSoFar } from "./certain.js";
import type {
  FinishedRunLink,
  LiveMessage,
  LivePhase,
  LiveSecond,
  LiveStatus,
  LiveVerdict,
  LiveWindow,
} from "./live-model.js";
import { PhaseBudgets } from "./phase-budgets.js";
import { SecondSlices } from "./second-slices.js";
import { SignalWatch } from "./signal-watch.js";
import { OPEN_END_S, targetLines } from "./target-lines.js";

/** At most this many are kept and shown. Older ones are in the report. */
const MOST_SECONDS = 7_200;
const MOST_EVENTS = 500;

/** What the page knows of one run, from its first word to its last. */
export class RunFeed {
  readonly #run: number;
  readonly #name: string;
  #inProgress: RunInProgress | null = null;
  /** On the clock of `monotonicMs`. null: load has not begun. */
  #zeroMs: number | null = null;
  #isOver = false;
  #activity: string | null = null;
  #halted: string | null = null;
  #phase: LivePhase | null = null;
  #injected: LiveStatus["injected"] = null;
  #recoveringSinceS: number | null = null;
  #timeoutMs = 0;
  #slos: readonly Slo[] = [];
  #budgets: PhaseBudgets | null = null;
  #verdicts: readonly LiveVerdict[] = [];
  readonly #signals = new SignalWatch();
  readonly #phases: PagePhase[] = [];
  readonly #windows: LiveWindow[] = [];
  readonly #slices = new SecondSlices();
  readonly #seconds: LiveSecond[] = [];
  readonly #events: RunEvent[] = [];
  #newSeconds: LiveSecond[] = [];
  #newEvents: RunEvent[] = [];

  /** `run` counts from 1. */
  constructor(run: number, name: string) {
    this.#run = run;
    this.#name = name;
  }

  get inProgress(): RunInProgress | null {
    return this.#isOver ? null : this.#inProgress;
  }

  begun(inProgress: RunInProgress): void {
    this.#inProgress = inProgress;
  }

  status(text: string): void {
    this.#activity = text;
  }

  phase({ kind, fault, trial, plannedMs }: PhaseStart): void {
    this.#zeroMs ??= monotonicMs();
    this.#activity = null;
    const startS = this.#nowS();
    this.#phase = { kind, fault, trial, startS, plannedS: plannedMs / 1000 };
    this.#endPhase(startS);
    this.#phases.push({ label: kind, fromS: startS, toS: OPEN_END_S });
    if (kind === "fault" && fault !== null) this.#openWindow(fault, trial, startS);
    if (kind !== "recovery") this.#recoveringSinceS = null;
    this.#look(this.#phase);
  }

  live(numbers: LiveNumbers): void {
    if (this.#zeroMs === null) return;
    this.#budgets?.add(numbers);
    const second = this.#slices.add(numbers, this.#zeroMs);
    if (second === null) return;
    this.#newSeconds.push(second);
    keepLast(this.#seconds, second, MOST_SECONDS);
  }

  event(event: RunEvent): void {
    this.#newEvents.push(event);
    keepLast(this.#events, event, MOST_EVENTS);
    if (event.kind === "inject") {
      this.#injected = { text: event.text, sinceS: this.#injected?.sinceS ?? event.atS };
      this.#recoveringSinceS = null;
    }
    if (event.kind === "remove") this.#removed(event.atS);
  }

  halted(by: string): void {
    this.#halted = by;
  }

  over(): void {
    this.#isOver = true;
    this.#endPhase(this.#nowS());
    this.#phase = null;
    this.#activity = null;
    if (this.#injected !== null) this.#removed(this.#nowS());
    this.#recoveringSinceS = null;
    this.#inProgress = null;
  }

  /** Asks for what the next messages tell of the signals. */
  askSignals(): void {
    if (this.inProgress !== null && this.#phase !== null) this.#signals.ask(this.inProgress);
  }

  /** What has happened since the last call. */
  next(finished: readonly FinishedRunLink[]): LiveMessage {
    const message = { seconds: this.#newSeconds, events: this.#newEvents, status: this.#statusNow(finished) };
    this.#newSeconds = [];
    this.#newEvents = [];
    return message;
  }

  /** Everything that `next` has told so far. */
  whole(finished: readonly FinishedRunLink[]): LiveMessage {
    const told = <T>(all: readonly T[], untold: readonly T[]) =>
      untold.length === 0 ? all : all.slice(0, Math.max(0, all.length - untold.length));
    return {
      seconds: told(this.#seconds, this.#newSeconds),
      events: told(this.#events, this.#newEvents),
      status: this.#statusNow(finished),
    };
  }

  #nowS(): number {
    return this.#zeroMs === null ? 0 : Math.round(monotonicMs() - this.#zeroMs) / 1000;
  }

  #endPhase(toS: number): void {
    const last = this.#phases.pop();
    if (last) this.#phases.push({ ...last, toS: Math.min(last.toS, toS) });
  }

  #openWindow(fault: string, trial: string | null, startS: number): void {
    const last = this.#windows.at(-1);
    const index = this.#windows.find((window) => window.fault === fault)?.index ?? (last?.index ?? 0) + 1;
    this.#windows.push({ index, fault, trial, fromS: this.#injected?.sinceS ?? startS, toS: null });
  }

  #removed(atS: number): void {
    this.#injected = null;
    this.#recoveringSinceS = atS;
    const last = this.#windows.at(-1);
    if (last && last.toS === null) this.#windows[this.#windows.length - 1] = { ...last, toS: atS };
  }

  /** Called once per phase: the phases before it have been measured, and may be certain now. */
  #look(phase: LivePhase): void {
    const record = this.#inProgress?.recordSoFar() ?? null;
    if (record === null) return;
    const baseline = record.phases.find(({ kind }) => kind === "baseline") ?? null;
    this.#timeoutMs = record.load.timeoutMs;
    this.#slos = resolveAgainstBaseline(record.slos, baseline);
    this.#budgets = new PhaseBudgets(this.#slos, phase, record.plannedPhases);
    this.#verdicts = verdictsSoFar(record, phase, this.#verdicts);
  }

  #statusNow(finished: readonly FinishedRunLink[]): LiveStatus {
    return {
      run: this.#run,
      name: this.#name,
      isOver: this.#isOver,
      nowS: this.#nowS(),
      activity: this.#activity,
      phase: this.#phase,
      injected: this.#injected,
      recoveringSinceS: this.#recoveringSinceS,
      phases: this.#phases,
      windows: this.#windows,
      verdicts: this.#verdicts,
      budgets: this.#isOver ? [] : (this.#budgets?.soFar() ?? []),
      signals: this.#isOver ? [] : this.#signals.shown,
      latencyLines: targetLines(this.#slos, "ms", this.#windows),
      throughputLines: targetLines(this.#slos, "per_s", this.#windows),
      timeoutMs: this.#timeoutMs,
      halted: this.#halted,
      finished,
    };
  }
}

function keepLast<T>(all: T[], item: T, most: number): void {
  all.push(item);
  if (all.length > most) all.splice(0, all.length - most);
}
