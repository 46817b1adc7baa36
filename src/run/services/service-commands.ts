/** What services have run beside themselves: to be prepared, to be asked whether they are ready, to be cleaned up after. */

import type { Command, ServiceSpec } from "../../plan/run-plan.js";
import type { Environment } from "./inherited-environment.js";
import type { OutputTail } from "./output-tail.js";
import { type ReadyCheck, type ReadyTools, readyChecks } from "./readiness.js";
import { type CommandFailure, commandName, runCleanup, runServiceCommand } from "./service-command.js";
import type { ServiceJournal } from "./service-journal.js";
import type { ServiceProcess } from "./service-process.js";

/** A service that is being prepared, or more. */
export interface BegunService {
  readonly spec: ServiceSpec;
  readonly output: OutputTail;
}

export interface ServiceCommandsOptions {
  readonly runId: string;
  readonly env: Environment;
  readonly inherits?: readonly string[] | null;
  readonly secrets: readonly string[];
  readonly journal?: ServiceJournal;
  readonly onProgress?: (text: string) => void;
  /** Missing: no service waits for an object of a cluster. */
  readonly objectCheck?: ReadyTools["objectCheck"];
}

function noCluster(reference: string): never {
  throw new Error(`${reference}: no cluster was opened`);
}

export class ServiceCommands {
  readonly #options: ServiceCommandsOptions;

  constructor(options: ServiceCommandsOptions) {
    this.#options = options;
  }

  /** @throws FaultlineError SERVICE_FAILED for the first command that fails. */
  async prepare({ spec, output }: BegunService, signal: AbortSignal): Promise<void> {
    const { journal, onProgress, inherits = null } = this.#options;
    if (spec.cleanup.length > 0) journal?.cleanupNeeded(spec, inherits);
    for (const command of spec.prepare) {
      onProgress?.(`preparing ${spec.name}: ${command.join(" ")}`);
      const failure = await this.#runPrepare({ spec, output }, command, signal);
      if (failure) throw failure.error;
    }
  }

  #runPrepare(
    { spec: service, output }: BegunService,
    command: Command,
    signal: AbortSignal,
  ): Promise<CommandFailure | null> {
    const { runId, env, secrets, journal } = this.#options;
    const name = commandName(service.name, "prepare");
    journal?.serviceStarting(name, null);
    const options = {
      runId,
      env,
      secrets,
      output,
      timeoutMs: service.commandTimeoutMs,
      signal,
      onStarted: ({ group, spec }: ServiceProcess) => journal?.serviceStarted(name, group, spec.stopGraceMs),
    };
    return runServiceCommand({ service, command, role: "prepare" }, options);
  }

  /** What has to hold before it counts as ready. */
  readyChecks({ spec: service, logLine }: ServiceProcess, signal: () => AbortSignal): readonly ReadyCheck[] {
    const { readyCommand: command } = service;
    const { runId, env, secrets, journal } = this.#options;
    if (command !== null) journal?.serviceStarting(commandName(service.name, "ready"), null);
    const run = async (timeoutMs: number) => {
      if (command === null) return null;
      const options = { runId, env, secrets, timeoutMs, signal: signal() };
      const failure = await runServiceCommand({ service, command, role: "ready" }, options);
      return failure && [failure.how, failure.lastLine].filter((part) => part !== "").join(": ");
    };
    return readyChecks(service, logLine, { run, objectCheck: this.#options.objectCheck ?? noCluster });
  }

  /** Resolves with what could not be done. */
  async cleanUp({ spec, output }: BegunService): Promise<readonly string[]> {
    const { runId, env, secrets, journal, onProgress } = this.#options;
    if (spec.cleanup.length === 0) return [];
    onProgress?.(`cleaning up ${spec.name}`);
    const failures = await runCleanup(spec, { runId, env, secrets, output });
    if (failures.length === 0) journal?.cleanupDone(spec.name);
    return failures.map(({ message }) => message);
  }
}
