import type { Report } from "../analysis/document/report.js";
import type { RunEvent } from "../measure/record.js";
import type { LiveNumbers, LiveTrace, PhaseStart } from "../measure/run-in-progress.js";
import type { TelemetryRecord } from "../measure/telemetry/telemetry-record.js";
import type { TelemetrySpec } from "../plan/telemetry/telemetry-spec.js";
import type { Reporter } from "../report/reporter.js";
import { shownWords } from "../support/secrets/said.js";
import { ExportQueue } from "./export-queue.js";
import type { ToldBy } from "./exporter.js";
import { openExporters } from "./exporters.js";
import type { ToldItem } from "./told.js";
import { ToldRun } from "./told-run.js";

/** The end of a run waits this long for receivers, and for all of them at once. */
const LAST_WORDS_MS = 3_000;

interface Opened {
  /** Its key in the scenario. */
  readonly name: string;
  readonly to: string;
  readonly queue: ExportQueue;
}

/** Tells others of one run while it goes on. No receiver changes its load or its verdict. */
export class RunTelemetry implements Reporter {
  readonly name = "telemetry";
  readonly #exporters: readonly Opened[];
  readonly #mask: (text: string) => string;
  readonly #run = new ToldRun();
  #isOver = false;

  private constructor(exporters: readonly Opened[], mask: (text: string) => string) {
    this.#exporters = exporters;
    this.#mask = mask;
  }

  static async open(options: {
    readonly specs: readonly TelemetrySpec[];
    readonly run: ToldBy;
    /** Takes secrets out of what goes out and of what receivers say. */
    readonly mask: (text: string) => string;
  }): Promise<RunTelemetry> {
    const { specs, run, mask } = options;
    const opened = specs.map(async (spec) => {
      const exporters = await openExporters(spec, { ...run, scenario: mask(run.scenario) });
      return exporters.map((exporter) => ({
        name: spec.kind,
        to: exporter.to,
        queue: new ExportQueue(exporter),
      }));
    });
    return new RunTelemetry((await Promise.all(opened)).flat(), mask);
  }

  phase(phase: PhaseStart): void {
    this.#tell(this.#run.phase(phase));
  }

  event(event: RunEvent): void {
    this.#tell(this.#run.event(event));
  }

  traces(traces: readonly LiveTrace[]): void {
    this.#tell(this.#run.traces(traces));
  }

  live(numbers: LiveNumbers): void {
    this.#tell(this.#run.live(numbers));
  }

  /**
   * Tells the rest, and the results if there are any. Resolves soon, whatever receivers do, with what became of all that
   * was told. The second call tells nothing.
   */
  async finish(report: Report | null): Promise<readonly TelemetryRecord[]> {
    if (this.#isOver) return [];
    this.#tell(this.#run.over());
    if (report !== null) this.#tell([this.#run.judged(report)]);
    this.#isOver = true;
    return await Promise.all(
      this.#exporters.map(async ({ name, to, queue }) => {
        const { sent, dropped, trouble } = await queue.finish(LAST_WORDS_MS);
        const facts = Object.entries(trouble?.facts ?? {}).map(
          ([key, value]) => [key, typeof value === "string" ? shownWords(value, this.#mask) : value] as const,
        );
        return {
          exporter: name,
          to: this.#mask(to),
          sent,
          dropped,
          trouble: trouble && { id: trouble.id, facts: Object.fromEntries(facts) },
        };
      }),
    );
  }

  #tell(told: readonly ToldItem[]): void {
    if (this.#isOver) return;
    for (const each of told) for (const { queue } of this.#exporters) queue.add(each);
  }
}
