import { tmpdir } from "node:os";
import type { ServiceSpec } from "../../src/plan/run-plan.js";

/** A service called "shop" that runs this command, and asks for nothing else. */
export function serviceSpec(command: readonly string[], changes: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name: "shop",
    command,
    shell: false,
    prepare: [],
    cleanup: [],
    commandTimeoutMs: 20_000,
    env: {},
    cwd: tmpdir(),
    ready: null,
    readyLog: null,
    readyCommand: null,
    readyTimeoutMs: 8_000,
    stopGraceMs: 300,
    ...changes,
  };
}
