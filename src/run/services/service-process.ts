import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import type { Readable } from "node:stream";
import type { ServiceRecord } from "../../measure/record.js";
import type { ServiceSpec } from "../../plan/run-plan.js";
import type { Address } from "../../support/address.js";
import { monotonicMs, sleep } from "../../support/clock.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { type ProcessGroup, ServiceProcesses, strays } from "../../support/processes/process-group.js";
import {
  type ProcessId,
  type ProcessRow,
  processTable,
  SERVICE_MARKER,
} from "../../support/processes/process-table.js";
import { atUsualPriority } from "../machine/priority.js";
import { awaitDaemons, daemonsAt } from "../processes/daemons.js";
import type { LogLine } from "./log-line.js";
import { openOutputPipes } from "./output-pipes.js";
import { OutputTail } from "./output-tail.js";
import { whyNotStarted } from "./why-not-started.js";

/** Characters of a service's output that stand in records and messages. */
const TAIL_CHARS = 65_536;
/** Characters of each service's output that are kept for the run's folder. */
const KEPT_CHARS = 1_000_000;
const SHOWN_LINES = 20;
/** How long a dead service's last output may take to arrive through its pipes. */
const LAST_OUTPUT_MS = 100;

export interface ServiceProcessOptions {
  /** The environment that the service's own is laid over. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: readonly string[];
  /** Value of SERVICE_MARKER for this service. */
  readonly marker: string;
  /** Where the service is to listen. null: unknown, or not on this machine. */
  readonly address: Address | null;
  /** What the service or its commands have printed before. */
  readonly output?: OutputTail;
  /** Gets what the service prints from now on. */
  readonly logLine?: LogLine | null;
  /** What messages call it. Default: the service. */
  readonly title?: string;
}

/** For what a service prints. */
export function serviceOutput(secrets: readonly string[]): OutputTail {
  return new OutputTail(KEPT_CHARS, secrets);
}

/** What a program prints, to be read from here. */
type ServiceOutput = Pick<ChildProcess, "stdout" | "stderr">;

/** How `ended` tells of a program that has done its work. */
export const ENDED_WELL = "exited with code 0";

/** One service: a program in a process group (and session) of its own. */
export class ServiceProcess {
  readonly spec: ServiceSpec;
  readonly group: ProcessGroup;
  /** Resolves with how it ended ("exited with code 1"), as soon as its first process ends. */
  readonly ended: Promise<string>;
  /** Where the service is to listen; see `ServiceProcessOptions`. */
  readonly address: Address | null;
  readonly logLine: LogLine | null;
  readonly #processes: ServiceProcesses;
  /** Its daemons that only their port tells of. null: not looked for yet. */
  #daemons: readonly ProcessId[] | null = null;
  readonly #output: OutputTail;
  readonly #outputClosed: Promise<unknown>;
  readonly #title: string;
  #ending: string | null = null;
  #endedAtMs: number | null = null;
  #isExpectedToEnd: () => boolean = () => false;
  /** Why the service is not back after it was started again. */
  #failure: string | null = null;
  #stopping: Promise<void> | null = null;

  private constructor(
    spec: ServiceSpec,
    child: ChildProcess,
    pid: number,
    output: ServiceOutput,
    options: ServiceProcessOptions,
  ) {
    this.spec = spec;
    this.address = options.address;
    this.logLine = options.logLine ?? null;
    this.#title = titleOf(spec, options);
    this.group = { pid, start: processTable.row(pid)?.start ?? null, marker: options.marker };
    this.#processes = new ServiceProcesses(this.group);
    this.#output = options.output ?? serviceOutput(options.secrets);
    for (const name of ["stdout", "stderr"] as const) {
      output[name]?.setEncoding("utf8").on("data", (text: string) => {
        this.#output.add(name, text);
        this.logLine?.add(name, text);
      });
      // A pipe that breaks ends the output and nothing else.
      output[name]?.on("error", () => {});
    }
    this.#outputClosed = Promise.all([closed(output.stdout), closed(output.stderr)]);
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#endedAtMs = monotonicMs();
        const how = signal ? `was killed by ${signal}` : `exited with code ${code}`;
        if (!this.#stopping) this.#ending = how;
        // What a fault has counted until now decides, whatever comes after.
        this.expectEnd(this.#isExpectedToEnd());
        resolve(how);
      });
    });
  }

  /** @throws FaultlineError SERVICE_FAILED: the program cannot be started. */
  static async start(spec: ServiceSpec, options: ServiceProcessOptions): Promise<ServiceProcess> {
    const [program = "", args] = spec.shell
      ? ["/bin/sh", ["-c", ...spec.command]]
      : [spec.command[0], spec.command.slice(1)];
    const pipes = openOutputPipes();
    let child: ChildProcess;
    try {
      child = atUsualPriority(() =>
        spawn(program, args, {
          cwd: spec.cwd,
          env: { ...options.env, ...spec.env, [SERVICE_MARKER]: options.marker },
          stdio: ["ignore", pipes?.[0].writeEnd ?? "pipe", pipes?.[1].writeEnd ?? "pipe"],
          detached: true,
        }),
      );
    } catch (error) {
      for (const { stream } of pipes ?? []) stream.destroy();
      throw notStarted(spec, program, options, error);
    } finally {
      // The program has its own write ends. The output ends with the last process that has one.
      for (const { writeEnd } of pipes ?? []) closeSync(writeEnd);
    }
    if (child.pid === undefined) {
      for (const { stream } of pipes ?? []) stream.destroy();
      const error = await new Promise((resolve) => child.once("error", resolve));
      throw notStarted(spec, program, options, error);
    }
    // Without a listener a later error of the child (a signal that cannot be sent) would end the whole process.
    child.on("error", () => {});
    const output = pipes ? { stdout: pipes[0].stream, stderr: pipes[1].stream } : child;
    return new ServiceProcess(spec, child, child.pid, output, options);
  }

  /** @param secondsAt since load began, of a moment of `monotonicMs`. */
  record(secondsAt: (atMs: number) => number): ServiceRecord {
    const exit = this.isExpectedToEnd ? null : (this.#failure ?? this.#ending);
    const at = exit === null || this.#endedAtMs === null ? {} : { exitAtS: secondsAt(this.#endedAtMs) };
    return { name: this.spec.name, exit, ...at, outputTail: this.#output.last(TAIL_CHARS) };
  }

  /** See `RunningService`. */
  expectEnd(isExpected: boolean | (() => boolean)): void {
    this.#isExpectedToEnd = typeof isExpected === "function" ? isExpected : () => isExpected;
  }

  /** Whether a fault ends it, or has ended it. */
  get isExpectedToEnd(): boolean {
    return this.#isExpectedToEnd();
  }

  /** How the service ended. null while its first process lives, and for a service that was stopped. */
  get ending(): string | null {
    return this.#ending;
  }

  get output(): OutputTail {
    return this.#output;
  }

  /** Without empty ones. */
  lastLines(count: number): readonly string[] {
    const lines = this.#output.last(TAIL_CHARS).split("\n");
    return lines.filter((line) => line.trim() !== "").slice(-count);
  }

  /** Notes that the service was started again and is not back. Resolves with the error that says so. */
  failed(what: string): Promise<FaultlineError> {
    this.#failure = what;
    return this.failure(what);
  }

  /** An error SERVICE_FAILED with what happened and the last lines of output. */
  async failure(what: string): Promise<FaultlineError> {
    await Promise.race([this.#outputClosed, sleep(LAST_OUTPUT_MS)]);
    const lines = this.lastLines(SHOWN_LINES);
    const shown = lines.length === 0 ? "It printed nothing." : `Its last output:\n${quoted(lines)}`;
    return new FaultlineError("SERVICE_FAILED", `${this.#title} ${what}. ${shown}`);
  }

  /** Its living processes. A process that was seen once stays known when it leaves the group later. */
  look(): readonly ProcessId[] {
    return this.#processes.living().map(({ pid, start }) => ({ pid, start }));
  }

  /** The same, and its daemons. */
  living(): readonly ProcessRow[] {
    const own = this.#processes.living();
    const daemons = strays(this.#daemons ?? []).living();
    return [...own, ...daemons.filter(({ pid }) => own.every((each) => each.pid !== pid))];
  }

  /** Signals all its processes, including its daemons. */
  signal(signal: NodeJS.Signals): void {
    this.#processes.signal(signal);
    strays(this.#daemons ?? []).signal(signal);
  }

  /**
   * Call it when the service is ready.
   * @returns its processes that have left its session and its group. A process may clear its environment at any time. One
   * that listens on the service's port is the service's own all the same.
   */
  findDaemons(): readonly ProcessId[] {
    const { pid, start } = this.group;
    const own = this.#processes.living();
    const away = own.filter(({ group, session }) => group !== pid && session !== pid);
    const canTell = this.address !== null && start !== null;
    const unknown = canTell ? daemonsAt(this.address, { since: start }, own) : [];
    this.#daemons = [...away, ...unknown].map((each) => ({ pid: each.pid, start: each.start }));
    return this.#daemons;
  }

  /** Ends all its processes. Resolves when they are gone. A second call does nothing. */
  stop(): Promise<void> {
    this.#stopping ??= this.#endAll().catch((error) => {
      throw new Error(`${this.#title} could not be stopped: ${messageOf(error)}`);
    });
    return this.#stopping;
  }

  async #endAll(): Promise<void> {
    await this.#processes.end(this.spec.stopGraceMs);
    await strays(this.#daemons ?? (await this.#lateDaemons())).end(this.spec.stopGraceMs);
  }

  /** Daemons of a service that did not become ready. */
  #lateDaemons(): Promise<readonly ProcessId[]> | readonly ProcessId[] {
    const { start } = this.group;
    // A program that fails has left nothing running. One that puts itself into the background ends with 0.
    const hasFailed = this.#ending !== null && this.#ending !== ENDED_WELL;
    return this.address === null || start === null || hasFailed
      ? []
      : awaitDaemons(this.address, { since: start });
  }
}

/** Resolves when all output has been read and nobody can print more. */
function closed(stream: Readable | null): Promise<void> {
  return new Promise((resolve) => {
    if (stream === null || stream.closed) resolve();
    else stream.once("close", () => resolve());
  });
}

function quoted(lines: readonly string[]): string {
  return lines.map((line) => `  | ${line}`).join("\n");
}

function titleOf({ name }: ServiceSpec, { title }: ServiceProcessOptions): string {
  return title ?? `service "${name}"`;
}

function notStarted(
  spec: ServiceSpec,
  program: string,
  options: ServiceProcessOptions,
  error: unknown,
): FaultlineError {
  const why = whyNotStarted(spec, program, spec.env.PATH ?? options.env.PATH, error);
  return new FaultlineError("SERVICE_FAILED", `${titleOf(spec, options)} could not be started: ${why}`, {
    cause: error,
  });
}
