import { escapeTemplate } from "../notation/template.js";
import type { Scenario } from "../scenario/read-scenario.js";
import { readyUrl } from "../scenario/values/ready-url.js";
import type { Command, ServiceSpec } from "./run-plan.js";

/** In the order of starting: as they are written, and each behind those that it is `after`. */
export function buildServices(scenario: Scenario): readonly ServiceSpec[] {
  const { services } = scenario.data;
  const ordered = new Map<string, ServiceSpec>();
  const add = (name: string) => {
    const service = services[name];
    if (!service || ordered.has(name)) return;
    // The checks have found no circle.
    for (const other of listOf(service.after)) add(other);
    ordered.set(name, specOf(name, service, scenario));
  };
  for (const name of Object.keys(services)) add(name);
  return [...ordered.values()];
}

function specOf(
  name: string,
  service: Scenario["data"]["services"][string],
  { serviceEnvFiles, serviceFolders, folder }: Scenario,
): ServiceSpec {
  const { ready } = service;
  const checks = typeof ready === "object" ? ready : {};
  return {
    name,
    command: commandOf(service.run),
    shell: service.shell,
    prepare: listOf(service.prepare).map(commandOf),
    cleanup: listOf(service.cleanup).map(commandOf),
    commandTimeoutMs: service.commandTimeout.ms,
    env: { ...literal(serviceEnvFiles[name] ?? {}), ...service.env },
    cwd: serviceFolders[name] ?? folder,
    ready: readyUrl(ready)?.url ?? null,
    readyLog: checks.log ?? null,
    readyCommand: checks.command === undefined ? null : commandOf(checks.command),
    readyTimeoutMs: service.readyTimeout.ms,
    stopGraceMs: service.stopGrace.ms,
  };
}

/** A text is one command for a shell. Commands without a shell are already split. */
function commandOf(command: string | readonly string[]): Command {
  return typeof command === "string" ? [command] : command;
}

function listOf<T extends object | string>(one: string | readonly T[] | undefined): readonly (T | string)[] {
  if (one === undefined) return [];
  return typeof one === "string" ? [one] : one;
}

/** A file's values are not read as templates when the run begins. */
function literal(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, escapeTemplate(value)]));
}
