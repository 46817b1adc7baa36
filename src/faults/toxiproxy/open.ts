import { randomBytes } from "node:crypto";
import { SpareDescriptors } from "../../support/spare-descriptors.js";
import { describeLimit } from "../../support/system-limits.js";
import type { DriverJournal } from "../fault-driver.js";
import { Heartbeat } from "./client/heartbeat.js";
import { ToxiproxyApi } from "./client/toxiproxy-api.js";
import { startEmbedded } from "./embedded/start.js";
import { ToxiproxyPlane } from "./toxiproxy-plane.js";

export interface FaultPlaneOptions {
  /** null: the embedded server. */
  readonly toxiproxyUrl: string | null;
  /** Sent to a real server that asks for one. */
  readonly toxiproxyToken?: string | null;
  /** Of everything random in the embedded server (jitter, toxicity). */
  readonly seed: number;
  /** Upstreams (host:port) whose resets are passed on as resets; a real server passes on none. */
  readonly passesResetsOf?: readonly string[];
  /** Told before each deed on a real server; the embedded one dies with its process. */
  readonly journal?: DriverJournal;
  /** The server is gone (thread died, process killed) or hangs while the plane is open; called once. */
  readonly onLost?: (reason: string) => void;
  /** The embedded server lost connections to a limit of this process or its machine; may be called again and again. */
  readonly onLimit?: (reason: string) => void;
}

/**
 * Opens the fault plane: starts the embedded server, or meets a real one.
 * Throws FaultlineError TOXIPROXY_UNREACHABLE.
 */
export function openFaultPlane(options: FaultPlaneOptions): Promise<ToxiproxyPlane> {
  return options.toxiproxyUrl === null ? openEmbedded(options) : openExternal(options.toxiproxyUrl, options);
}

async function openEmbedded({
  seed,
  passesResetsOf = [],
  onLost,
  onLimit,
}: FaultPlaneOptions): Promise<ToxiproxyPlane> {
  // Other users of this machine can reach the port, too: without it they could lead the proxies elsewhere.
  const token = randomBytes(32).toString("hex");
  const server = await startEmbedded(
    { host: "127.0.0.1", port: 0, metrics: false, seed, token, passesResetsOf },
    (code) => onLimit?.(`the embedded Toxiproxy lost connections, as ${describeLimit(code)}`),
  );
  if (onLost) server.died.then(onLost);
  try {
    const api = new ToxiproxyApi(server.url, { token, keepsConnections: true });
    const version = await api.version();
    return new ToxiproxyPlane({
      kind: "embedded",
      api,
      version,
      stopServer: () => server.stop(),
      journal: null,
      heartbeat: null,
      standstills: (fromMs, untilMs) => server.standstills(fromMs, untilMs),
    });
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function openExternal(
  url: string,
  { journal, onLost, toxiproxyToken }: FaultPlaneOptions,
): Promise<ToxiproxyPlane> {
  const api = new ToxiproxyApi(url, { token: toxiproxyToken ?? null, spare: new SpareDescriptors() });
  const version = await api.version();
  return new ToxiproxyPlane({
    kind: "external",
    api,
    version,
    stopServer: null,
    journal: journal ?? null,
    heartbeat: onLost ? new Heartbeat(api, onLost) : null,
  });
}
