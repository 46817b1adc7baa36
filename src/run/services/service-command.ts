import type { Command, ServiceSpec } from "../../plan/run-plan.js";
import { sleep } from "../../support/clock.js";
import { type FaultlineError, messageOf } from "../../support/errors.js";
import { ENDED_WELL, ServiceProcess, type ServiceProcessOptions } from "./service-process.js";

/** A command whose time is up gets this long to end by itself. */
const GRACE_MS = 1_000;

/** What a command is run for. It stands behind the service's name wherever the two are told apart. */
export type CommandRole = "prepare" | "cleanup" | "ready";

export interface ServiceCommandOptions extends Pick<ServiceProcessOptions, "env" | "secrets" | "output"> {
  readonly runId: string;
  readonly timeoutMs: number;
  /** Ends the command, and the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  readonly onStarted?: (process: ServiceProcess) => void;
}

export interface CommandFailure {
  /** "exited with code 1" */
  readonly how: string;
  /** Of its output; "" when it printed nothing. */
  readonly lastLine: string;
  /** The whole message, for the author of the command. */
  readonly error: FaultlineError;
}

/** The name under which a journal knows the processes of a service's commands. */
export function commandName(service: string, role: CommandRole): string {
  return `${service} ${role}`;
}

/**
 * Runs a command of a service to its end, where and as the service runs. What it has left running is ended with it.
 * Resolves with null when it exited with 0.
 * @throws FaultlineError SERVICE_FAILED: it cannot be started.
 */
export async function runServiceCommand(
  { service, command, role }: { service: ServiceSpec; command: Command; role: CommandRole },
  { runId, timeoutMs, signal, onStarted, ...options }: ServiceCommandOptions,
): Promise<CommandFailure | null> {
  signal?.throwIfAborted();
  const name = commandName(service.name, role);
  const process = await ServiceProcess.start(
    { ...service, name, command, stopGraceMs: GRACE_MS },
    {
      ...options,
      title: `${role} command \`${command.join(" ")}\` of service "${service.name}"`,
      marker: `${runId}/${name}`,
      address: null,
    },
  );
  onStarted?.(process);
  const waiting = new AbortController();
  try {
    const stopped = signal ? AbortSignal.any([signal, waiting.signal]) : waiting.signal;
    const isLate = sleep(timeoutMs, stopped).then(() => `was not done within ${timeoutMs / 1000} s`);
    const how = await Promise.race([process.ended, isLate]);
    if (how === ENDED_WELL) return null;
    const error = await process.failure(how);
    return { how, lastLine: process.lastLines(1).join(""), error };
  } finally {
    waiting.abort();
    await process.stop();
  }
}

export interface CleanupFailure {
  /** From 1 on. */
  readonly number: number;
  /** As in a CommandFailure. */
  readonly how: string;
  readonly message: string;
}

/** Runs the cleanup of a service, each command whatever became of those before. Never rejects. */
export async function runCleanup(
  service: ServiceSpec,
  options: Omit<ServiceCommandOptions, "timeoutMs">,
): Promise<readonly CleanupFailure[]> {
  const failures: CleanupFailure[] = [];
  const timeoutMs = service.commandTimeoutMs;
  for (const [index, command] of service.cleanup.entries()) {
    const failed = (how: string, error: unknown) =>
      failures.push({ number: index + 1, how, message: messageOf(error) });
    try {
      const failure = await runServiceCommand(
        { service, command, role: "cleanup" },
        { ...options, timeoutMs },
      );
      if (failure) failed(failure.how, failure.error);
    } catch (error) {
      failed("could not be run", error);
    }
  }
  return failures;
}
