import { startEmbedded } from "../faults/toxiproxy/embedded/start.js";

export interface ToxiproxyOptions {
  /** Where the API listens. Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: 0, the system picks one. */
  readonly port?: number;
  /** For toxicity, jitter and slices. Default: 1. */
  readonly seed?: number;
  /** Whether GET /metrics answers, for Prometheus. Default: false. */
  readonly metrics?: boolean;
  /** Every request to the API must carry it: `Authorization: Bearer TOKEN`. */
  readonly token?: string;
}

export interface RunningToxiproxy {
  /** The API's URL, for any client of Toxiproxy: "http://127.0.0.1:41234". */
  readonly url: string;
  /** Closes every port and connection. A second call does nothing. */
  close(): Promise<void>;
}

/**
 * Starts a Toxiproxy server in a thread of this process. It answers as Toxiproxy 2.13 does, and needs no binary. It
 * ends with `close()`, or with the process.
 * @throws FaultlineError PORT_IN_USE, TOXIPROXY_UNREACHABLE.
 */
export async function startToxiproxy(options: ToxiproxyOptions = {}): Promise<RunningToxiproxy> {
  const { host = "127.0.0.1", port = 0, seed = 1, metrics = false, token } = options;
  const server = await startEmbedded({
    host,
    port,
    seed,
    metrics,
    ...(token === undefined ? {} : { token }),
  });
  return { url: server.url, close: () => server.stop() };
}
