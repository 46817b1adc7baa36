import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunPlan, ServiceSpec } from "../../src/plan/run-plan.js";
import {
  JOURNAL_FORMAT_VERSION,
  type JournalEntry,
  type RunEntry,
} from "../../src/run/safety/journal-format.js";
import { ownIdentity } from "../../src/run/safety/runner-identity.js";
import { onTestFinished } from "./at-once.js";
import { startChild } from "./children/start-child.mjs";
import { serviceSpec } from "./service-spec.js";

export type NetPlan = Pick<RunPlan, "name" | "file" | "services" | "proxies" | "toxiproxyUrl" | "steps"> & {
  readonly reportFolder?: string;
};

const RUNNER = fileURLToPath(new URL("./safety-net-runner.mjs", import.meta.url));

export function stateFolder(): string {
  return mkdtempSync(join(tmpdir(), "faultline-state-"));
}

export function plan(changes: Partial<NetPlan> = {}): NetPlan {
  return {
    name: "slow cache",
    file: "cache.yaml",
    services: [],
    proxies: [],
    toxiproxyUrl: null,
    steps: [],
    ...changes,
  };
}

/** Listens on the port, ignores SIGTERM, and has a child that does the same on the next one. */
export function stubbornService(port: number): ServiceSpec {
  // None outlives a test that is killed for long.
  const deaf = (at: number) =>
    `setTimeout(() => process.exit(), 120_000); process.on("SIGTERM", () => {}); require("http").createServer().listen(${at}, "127.0.0.1")`;
  const code = `${deaf(port)}; require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(deaf(port + 1))}])`;
  return serviceSpec([process.execPath, "-e", code], { ready: `tcp://127.0.0.1:${port}` });
}

/** A process that opens a safety net, in a group of its own, and its first line of output; ended with the test. */
export async function startRunner(
  folder: string,
  runPlan: NetPlan,
  entries: readonly JournalEntry[] = [],
): Promise<{ readonly child: ChildProcess; readonly said: string }> {
  const child = startChild(process.execPath, [RUNNER, JSON.stringify({ plan: runPlan, entries })], {
    env: { ...process.env, FAULTLINE_STATE_DIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const [said] = await once(child.stdout, "data");
  return { child, said: String(said).trim() };
}

/** The first line of a journal whose runner is dead. */
export function deadRun(changes: Partial<RunEntry> = {}): RunEntry {
  return {
    entry: "run",
    formatVersion: JOURNAL_FORMAT_VERSION,
    runId: "2026-01-01-dead",
    scenario: "dead run",
    file: "dead.yaml",
    startedAt: "2026-01-01T00:00:00.000Z",
    runner: { ...ownIdentity(), pid: 2 ** 22 - 3, start: "1" },
    claims: [],
    ...changes,
  };
}
