import { Chalk, type ChalkInstance } from "chalk";
import ora, { type Ora } from "ora";
import { OUTCOMES } from "../../measure/outcome.js";
import type { RunEvent } from "../../measure/record.js";
import type { LiveNumbers, PhaseEnd, PhaseStart } from "../../measure/run-in-progress.js";
import type { Reporter } from "../../report/reporter.js";
import { cut } from "../../report/terminal/layout.js";
import { monotonicMs } from "../../support/clock.js";
import { formatCount, formatMs, formatRateOf, formatRatio } from "../../support/format.js";
import { oneLine } from "../../support/printable.js";
import { type HarmlessIo, harmlessIo } from "../process/harmless-io.js";
import type { Io } from "../process/io.js";

/** The live line shows the last second. */
const WINDOW_MS = 1_000;

/** Shows a run on stderr: one live line per phase on a terminal, one plain line per phase elsewhere. */
export function progressReporter(process: Io, options: { readonly color: boolean }): Reporter {
  const io = harmlessIo(process);
  // Not chalk's own check: it looks at stdout, which may go into a file.
  const ink = new Chalk({ level: options.color ? 1 : 0 });
  // A terminal that does not know its width (0 columns) cannot have a line rewritten.
  return io.stderr.isTTY && io.stderr.columns ? new LiveProgress(io, ink) : new PlainProgress(io);
}

/** Characters of a phase's name that stay in the live line, whatever the numbers take. */
const LEAST_TITLE = 16;

class LiveProgress implements Reporter {
  readonly name = "progress";
  readonly #spinner: Ora;
  readonly #io: HarmlessIo;
  readonly #ink: ChalkInstance;
  #phase: PhaseStart | null = null;
  /** What goes on beside the phase, or after its planned time. */
  #status: string | null = null;
  #phaseStartMs = 0;
  #recent: LiveNumbers[] = [];

  constructor(io: HarmlessIo, ink: ChalkInstance) {
    this.#io = io;
    this.#ink = ink;
    // A stream that says it is a terminal is one, and has what ora asks of it.
    const stream = io.terminal as NodeJS.WriteStream;
    // Ctrl-C must reach the run's own handler. ora would swallow the input.
    this.#spinner = ora({ stream, discardStdin: false, isEnabled: true });
  }

  status(text: string): void {
    this.#status = this.#io.clean(oneLine(text));
    this.#spinner.start(this.#status);
  }

  phase(phase: PhaseStart): void {
    this.#phase = phase;
    this.#phaseStartMs = monotonicMs();
    this.#status = null;
    this.#recent = [];
    this.#spinner.start(this.#title(phase));
  }

  live(sample: LiveNumbers): void {
    const phase = this.#phase;
    if (!phase) return;
    this.#recent.push(sample);
    while (this.#recent.length > 1 && sample.atMs - (this.#recent[0]?.atMs ?? 0) >= WINDOW_MS)
      this.#recent.shift();
    const leftMs = Math.max(0, this.#phaseStartMs + phase.plannedMs - monotonicMs());
    const overdue = this.#status ?? "waiting for the last answers";
    const left = leftMs > 0 ? `${Math.ceil(leftMs / 1000)} s left` : overdue;
    const rest = [left, ...liveNumbers(this.#recent)];
    // The spinner's sign and a blank, the dots between the parts, and the last column.
    const taken = rest.reduce((width, part) => width + part.length + 3, 3);
    const title = cut(this.#title(phase), Math.max(LEAST_TITLE, (this.#io.stderr.columns ?? 80) - taken));
    this.#spinner.text = [this.#ink.bold(title), ...rest].join(this.#ink.dim(" · "));
  }

  phaseEnd(phase: PhaseEnd): void {
    const numbers = phaseNumbers(phase);
    // The sign and a blank before it, a blank between, and the last column.
    const room = (this.#io.stderr.columns ?? 80) - numbers.length - 4;
    const title = cut(this.#title(phase), Math.max(LEAST_TITLE, room));
    const line = `${title} ${this.#ink.dim(numbers)}`;
    if (phase.requests.ok === phase.requests.scheduled) this.#spinner.succeed(line);
    else this.#spinner.warn(line);
    if (this.#phase?.id === phase.id) this.#phase = null;
  }

  event(event: RunEvent): void {
    const text = eventText(event);
    if (text === null) return;
    this.#spinner.clear();
    this.#io.terminal.write(`${this.#ink.dim(this.#io.clean(text))}\n`);
  }

  end(): void {
    this.#spinner.stop();
  }

  #title(phase: Pick<PhaseStart, "kind" | "fault" | "trial">): string {
    return this.#io.clean(phaseTitle(phase));
  }
}

class PlainProgress implements Reporter {
  readonly name = "progress";
  readonly #io: HarmlessIo;

  constructor(io: HarmlessIo) {
    this.#io = io;
  }

  phaseEnd(phase: PhaseEnd): void {
    this.#io.stderr.write(`${phaseTitle(phase)}: ${phaseNumbers(phase)}\n`);
  }

  event(event: RunEvent): void {
    const text = eventText(event);
    if (text !== null) this.#io.stderr.write(`${text}\n`);
  }
}

function phaseTitle({ kind, fault, trial }: Pick<PhaseStart, "kind" | "fault" | "trial">): string {
  if (kind === "fault") return oneLine(trial === null ? `fault: ${fault}` : `${fault}: ${trial}`);
  return kind === "recovery" ? oneLine(`recovery from ${fault}`) : kind;
}

/** Only what the phases do not show. */
function eventText({ kind, text }: RunEvent): string | null {
  if (kind === "warning") return `warning: ${text}`;
  if (kind === "abort") return `aborted: ${text}`;
  if (kind === "note") return `note: ${text}`;
  if (kind === "pod") return `pods: ${text}`;
  return kind === "wait" ? text : null;
}

function liveNumbers(samples: readonly LiveNumbers[]): string[] {
  let ended = 0;
  let bad = 0;
  let spanMs = 0;
  let p99Ms: number | null = null;
  for (const sample of samples) {
    const all = OUTCOMES.reduce((sum, outcome) => sum + sample.outcomes[outcome], 0);
    ended += all;
    bad += all - sample.outcomes.ok;
    spanMs += sample.intervalMs;
    if (sample.p99Ms !== null) p99Ms = Math.max(p99Ms ?? 0, sample.p99Ms);
  }
  if (ended === 0) return ["no answers"];
  return [
    // With journeys, the load's rate is another one.
    formatRateOf((ended * 1000) / Math.max(spanMs, 1), "requests"),
    `${formatRatio(bad / ended)} errors`,
    // So soon, only the last second's good answers are known.
    ...(p99Ms === null ? [] : [`p99 ${formatMs(p99Ms)}${bad > 0 ? " of good answers" : ""}`]),
  ];
}

function phaseNumbers({ requests }: PhaseEnd): string {
  const parts = OUTCOMES.filter((outcome) => outcome !== "ok" && requests[outcome] > 0).map(
    (outcome) => `${formatCount(requests[outcome])} ${outcome}`,
  );
  return [`${formatCount(requests.scheduled)} requests`, ...(parts.length > 0 ? parts : ["all ok"])].join(
    ", ",
  );
}
