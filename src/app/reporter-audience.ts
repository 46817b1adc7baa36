import { perOutcome } from "../measure/outcome.js";
import type { PhaseRecord } from "../measure/record.js";
import type { LiveTrace, PhaseEnd, PhaseStart } from "../measure/run-in-progress.js";
import type { ReportedRun, Reporter, ReporterHooks, ReportInput } from "../report/reporter.js";
import type { RunObserver } from "../run/phases/observer.js";
import { sum } from "../slo/observations.js";

/** The reporters of one run. Tells all of them what happens, in order. */
export class ReporterAudience {
  readonly #reporters: readonly Reporter[];
  readonly #run: ReportedRun;
  readonly #mask: (text: string) => string;
  readonly #onFailure: (reporter: Reporter, error: unknown) => void;
  readonly #failed = new Set<Reporter>();
  #phase: PhaseStart | null = null;

  constructor(options: {
    readonly reporters: readonly Reporter[];
    readonly run: ReportedRun;
    /** Takes secrets out of texts that are not in the record. */
    readonly mask: (text: string) => string;
    /** Called once for each reporter and run. */
    readonly onFailure: (reporter: Reporter, error: unknown) => void;
  }) {
    this.#reporters = options.reporters;
    this.#run = options.run;
    this.#mask = options.mask;
    this.#onFailure = options.onFailure;
  }

  async start(): Promise<void> {
    for (const reporter of this.#reporters) await this.#call(reporter, (hooks) => hooks.start?.(this.#run));
  }

  async end(result: ReportInput | null): Promise<void> {
    for (const reporter of this.#reporters) {
      await this.#call(reporter, (hooks) => hooks.end?.(result, this.#run));
    }
  }

  /** For the experiment. It does not wait for reporters. */
  observer(): RunObserver {
    const run = this.#run;
    return {
      begun: (inProgress) => this.#tell((hooks) => hooks.begun?.(inProgress, run)),
      status: (text) => this.#tell((hooks) => hooks.status?.(this.#mask(text), run)),
      phaseStarted: (phase) => {
        this.#phase = phase;
        this.#tell((hooks) => hooks.phase?.(this.#named(phase), run));
      },
      live: ({ atMs, intervalMs, outcomes, p99Ms, latency }) =>
        this.#tell((hooks) => hooks.live?.({ atMs, intervalMs, outcomes, p99Ms, latency }, run)),
      traces: (traces) => {
        const masked = traces.map((trace) => this.#maskedTrace(trace));
        this.#tell((hooks) => hooks.traces?.(masked, run));
      },
      event: (event) => this.#tell((hooks) => hooks.event?.(event, run)),
      phaseEnded: (record) => {
        const { trial = null } = this.#phase?.id === record.id ? this.#phase : {};
        this.#tell((hooks) => hooks.phaseEnd?.(phaseEnd(this.#named({ ...record, trial })), run));
      },
    };
  }

  #named<T extends Pick<PhaseStart, "fault" | "trial">>(phase: T): T {
    const mask = (text: string | null) => (text === null ? null : this.#mask(text));
    return { ...phase, fault: mask(phase.fault), trial: mask(phase.trial) };
  }

  #maskedTrace(trace: LiveTrace): LiveTrace {
    const { request, reason } = trace;
    return { ...trace, request: this.#mask(request), reason: reason === null ? null : this.#mask(reason) };
  }

  #tell(hook: (hooks: ReporterHooks) => void | Promise<void>): void {
    for (const reporter of this.#reporters) void this.#call(reporter, hook);
  }

  async #call(reporter: Reporter, hook: (hooks: ReporterHooks) => void | Promise<void>): Promise<void> {
    try {
      await hook(reporter);
    } catch (error) {
      if (this.#failed.has(reporter)) return;
      this.#failed.add(reporter);
      this.#onFailure(reporter, error);
    }
  }
}

function phaseEnd({ id, kind, fault, trial, all }: PhaseRecord & Pick<PhaseStart, "trial">): PhaseEnd {
  const counts = perOutcome((outcome) => sum(all.outcomes[outcome]));
  return { id, kind, fault, trial, requests: { scheduled: sum(all.scheduled), ...counts } };
}
