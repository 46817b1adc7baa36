import { FaultlineError } from "../../../support/errors.js";

/** What is asked for: so many workers, and where they meet their runs. */
export interface WorkersInput {
  readonly count: number;
  /** null: a server of their own goes with them. */
  readonly natsUrl: string | null;
  readonly allowedHosts: readonly string[];
  /** Absolute paths of unix sockets. */
  readonly allowedSockets: readonly string[];
  /** Has faultline. */
  readonly image: string;
  /** Program and first arguments that start faultline on this machine. */
  readonly program: readonly string[];
}

/** Text for whatever starts processes. @throws FaultlineError USAGE. */
export type WorkersEmitter = (input: WorkersInput) => string;

/** `--allow-host` and `--allow-socket` of each worker. */
export function allowArguments({ allowedHosts, allowedSockets }: WorkersInput): readonly string[] {
  return [
    ...allowedHosts.flatMap((host) => ["--allow-host", host]),
    ...allowedSockets.flatMap((path) => ["--allow-socket", path]),
  ];
}

/**
 * A run refuses load.socket where a worker is in another network than its own, and so is each container.
 * @throws FaultlineError USAGE.
 */
export function refuseSockets(emitter: string, { allowedSockets }: WorkersInput): void {
  const [path] = allowedSockets;
  if (path === undefined) return;
  const message = `--allow-socket ${path}: workers of --emit ${emitter} are in networks of their own, and a run has sockets loaded on its own machine alone. Use --emit systemd there`;
  throw new FaultlineError("USAGE", message);
}

/** What workers find in their environment when there is such a secret. */
export const OPTIONAL_CREDENTIALS = ["NATS_USER", "NATS_PASSWORD", "NATS_TOKEN"] as const;

export const NATS_IMAGE = "nats:2-alpine";
