import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDrivers } from "../../src/faults/compose.js";
import type { FaultAction } from "../../src/faults/fault-action.js";
import type { RunningService } from "../../src/faults/fault-driver.js";
import { PROCESS } from "../../src/faults/process-action.js";
import type { UndoEntry } from "../../src/faults/undo-entry.js";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { type StartServicesOptions, startServices } from "../../src/run/services/services.js";
import { onTestFinished } from "./at-once.js";
import { driverContext } from "./driver-context.js";
import { serviceSpec } from "./service-spec.js";

/** Answers HTTP, and has a child in its group that does nothing; each ends by itself when the test does not end it. */
const PARENT = `
  setTimeout(() => process.exit(), 120_000);
  require("child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 120_000)"], { stdio: "ignore" });
  require("http").createServer((q, s) => s.end("ok " + process.pid)).listen(process.env.PORT, "127.0.0.1");
`;

export interface OneService {
  readonly service: RunningService;
  readonly url: string;
  /** Of drivers that act on it, all that they wrote down. */
  readonly entries: UndoEntry[];
  readonly faults: Awaited<ReturnType<typeof loadDrivers>>;
}

/** A service of two processes called "db", and the driver that acts on it. All of it ends with the test. */
export async function oneService(
  code = PARENT,
  changes: Partial<StartServicesOptions> = {},
  /** All that the driver will be asked to do. Only what has to be known beforehand is needed. */
  actions: readonly FaultAction[] = [],
): Promise<OneService> {
  const port = await pickFreePort();
  const url = `http://127.0.0.1:${port}/`;
  const spec = serviceSpec([process.execPath, "-e", code], {
    name: "db",
    env: { PORT: String(port) },
    cwd: mkdtempSync(join(tmpdir(), "faultline-service-")),
    ready: url,
    readyTimeoutMs: 15_000,
  });
  const faults = await loadDrivers([PROCESS]);
  onTestFinished(() => faults.close());
  const entries: UndoEntry[] = [];
  const journal = { undoable: (entry: UndoEntry) => void entries.push(entry) };
  await faults.prepare({ ...driverContext(), actions, journal });
  const services = await startServices([spec], {
    onLaunch: (name, pid) => faults.serviceStarted(name, pid),
    runId: `test-${process.pid}-${port}`,
    env: process.env,
    secrets: [],
    signal: new AbortController().signal,
    ...changes,
  });
  onTestFinished(() => services.stop());
  const [service] = services.running();
  if (!service) throw new Error("it does not run");
  await faults.servicesReady(services.running());
  return { service, url, entries, faults };
}

/** Resolves with its answer; null when there is none in time. */
export async function answerOf(url: string, ms = 500): Promise<string | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ms), headers: { connection: "close" } });
    return await answer.text();
  } catch {
    return null;
  }
}
