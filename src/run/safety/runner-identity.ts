import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { startOf } from "../../support/processes/process-table.js";

/** A process, named so that no other is mistaken for it after a reused pid, after a reboot, or in another container. */
export interface RunnerIdentity {
  readonly pid: number;
  readonly start: string | null;
  readonly host: string;
  /** Changes with each boot. null when the system does not tell. */
  readonly boot: string | null;
  /** Pids count from 1 again in each container. null when the system does not tell. */
  readonly pidNamespace: string | null;
}

export function ownIdentity(): RunnerIdentity {
  return { pid: process.pid, start: startOf(process.pid), ...here() };
}

/**
 * "elsewhere": on another machine or in another container, so this process cannot know.
 * @param as how the runner's texts were made from what the system tells; without it they are unchanged.
 */
export function stateOf(
  runner: RunnerIdentity,
  as: (text: string | null) => string | null = (text) => text,
): "alive" | "dead" | "elsewhere" {
  const { host, boot, pidNamespace } = here();
  if (runner.host !== as(host)) return "elsewhere";
  if (runner.boot !== as(boot)) return "dead";
  if (runner.pidNamespace !== as(pidNamespace)) return "elsewhere";
  const start = startOf(runner.pid);
  return start !== null && (as(start) === runner.start || runner.start === null) ? "alive" : "dead";
}

function here(): Omit<RunnerIdentity, "pid" | "start"> {
  return {
    host: hostname(),
    boot: orNull(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    pidNamespace: orNull(() => readlinkSync("/proc/self/ns/pid")),
  };
}

function orNull(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** For a runner that is "elsewhere": what is known of it, and what to do. `path`: its journal's. */
export function unseenText({ pid, host }: RunnerIdentity, path: string): string {
  return `whether process ${pid} on ${host} (or in another container) still runs cannot be seen from here; if it does not, run \`faultline heal\` there or delete ${path}`;
}
