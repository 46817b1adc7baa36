import { Worker } from "node:worker_threads";
import { withDeadline } from "../../../support/clock.js";
import { FaultlineError, messageOf } from "../../../support/errors.js";
import { type Standstill, StandstillLog } from "../../../support/standstills.js";
import type { EmbeddedServerOptions } from "./server.js";

/** What the worker thread is started with. */
export interface WorkerStart {
  readonly options: EmbeddedServerOptions;
  readonly standstills: SharedArrayBuffer;
}

/** What the worker thread says; it is told only to stop. */
export type FromWorker =
  | { readonly kind: "listening"; readonly url: string }
  /** A connection was lost to a limit of this process; the system's code for it. */
  | { readonly kind: "limit"; readonly code: string }
  | { readonly kind: "failed"; readonly isInUse: boolean; readonly message: string };

const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 3_000;

export interface RunningServer {
  readonly url: string;
  /** Resolves with the reason when the thread ends without having been told to; its ports are closed then. */
  readonly died: Promise<string>;
  /** When the thread stood still, and with it all that passes through its proxies. */
  standstills(fromMs: number, untilMs: number): readonly Standstill[];
  /** Ends the thread; every port and connection is closed when it resolves. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded server in its own thread. Throws FaultlineError PORT_IN_USE, TOXIPROXY_UNREACHABLE.
 * `onLimit` is told the system's code when a connection was lost to a limit of this process.
 */
export async function startEmbedded(
  options: EmbeddedServerOptions,
  onLimit: (code: string) => void = () => {},
): Promise<RunningServer> {
  const log = new StandstillLog();
  const start: WorkerStart = { options, standstills: log.shared };
  const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: start });
  let stopping: Promise<void> | null = null;
  let lastError = "";
  worker.on("error", (error) => {
    lastError = `: ${messageOf(error)}`;
  });
  const exited = new Promise<number>((resolve) => worker.once("exit", resolve));
  const died = new Promise<string>((resolve) => {
    exited.then((code) => {
      if (!stopping) resolve(`the embedded Toxiproxy ended by itself (exit code ${code})${lastError}`);
    });
  });

  async function stopWorker(): Promise<void> {
    worker.postMessage("stop");
    // A thread that does not come to its messages is ended from outside: its ports close with it.
    await withDeadline(exited, STOP_DEADLINE_MS, () => new Error("late")).catch(() => worker.terminate());
  }
  const stop = () => {
    stopping ??= stopWorker();
    return stopping;
  };

  // worker.ts sends nothing else.
  worker.on("message", (message: FromWorker) => {
    if (message.kind === "limit") onLimit(message.code);
  });
  const first = await withDeadline(
    Promise.race([new Promise<FromWorker>((resolve) => worker.once("message", resolve)), died]),
    START_DEADLINE_MS,
    () => unreachable(`the embedded Toxiproxy did not start within ${START_DEADLINE_MS / 1000} s`),
  ).catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  if (typeof first === "string") throw unreachable(first);
  if (first.kind === "failed") {
    if (!first.isInUse) throw new Error(`the embedded Toxiproxy did not start: ${first.message}`);
    throw new FaultlineError(
      "PORT_IN_USE",
      `${options.host}:${options.port} is in use: the Toxiproxy API cannot listen there.`,
    );
  }
  if (first.kind !== "listening") throw unreachable(`the embedded Toxiproxy did not start (${first.code})`);
  const standstills = (fromMs: number, untilMs: number) => log.between(fromMs, untilMs);
  return { url: first.url, died, standstills, stop };
}

function unreachable(why: string): FaultlineError {
  return new FaultlineError("TOXIPROXY_UNREACHABLE", why);
}
