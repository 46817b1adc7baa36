import { FaultlineError } from "../../../support/errors.js";
import type { Standstill } from "../../../support/standstills.js";
import { type ServerThreadData, startServerThread } from "../../between/server-thread.js";
import type { EmbeddedServerOptions } from "./server.js";

/** What the worker thread is started with. */
export interface WorkerStart extends ServerThreadData {
  readonly options: EmbeddedServerOptions;
}

/** What the worker thread says. It is only ever told to stop. */
export type FromWorker =
  | { readonly kind: "listening"; readonly url: string }
  | { readonly kind: "failed"; readonly isInUse: boolean; readonly message: string };

export interface RunningServer {
  readonly url: string;
  /** Resolves with the reason when the thread ends by itself. Its ports are closed then. */
  readonly died: Promise<string>;
  /** When the thread stood still, and with it everything that passes through its proxies. */
  standstills(fromMs: number, untilMs: number): readonly Standstill[];
  /** Ends the thread. When it resolves, every port and connection is closed. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded server in its own thread. `onLimit` gets the system's code when a connection was lost to a limit
 * of this process.
 * @throws FaultlineError PORT_IN_USE, TOXIPROXY_UNREACHABLE.
 */
export async function startEmbedded(
  options: EmbeddedServerOptions,
  onLimit: (code: string) => void = () => {},
): Promise<RunningServer> {
  const thread = await startServerThread<FromWorker>({
    file: new URL("./worker.js", import.meta.url),
    data: { options },
    name: "the embedded Toxiproxy",
    onLimit,
    error: unreachable,
  });
  const { first, died, standstills, stop } = thread;
  if (first.kind === "failed") {
    await stop();
    if (!first.isInUse) throw unreachable(`the embedded Toxiproxy did not start: ${first.message}`);
    throw new FaultlineError(
      "PORT_IN_USE",
      `${options.host}:${options.port} is in use: the Toxiproxy API cannot listen there.`,
    );
  }
  return { url: first.url, died, standstills, stop };
}

function unreachable(why: string): FaultlineError {
  return new FaultlineError("TOXIPROXY_UNREACHABLE", why);
}
