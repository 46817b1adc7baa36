/** What is asked for: so many workers, and where they meet their runs. */
export interface WorkersInput {
  readonly count: number;
  /** null: a server of their own goes with them. */
  readonly natsUrl: string | null;
  readonly allowedHosts: readonly string[];
  /** Has faultline. */
  readonly image: string;
  /** Program and first arguments that start faultline on this machine. */
  readonly program: readonly string[];
}

/** Text for whatever starts processes. @throws FaultlineError USAGE. */
export type WorkersEmitter = (input: WorkersInput) => string;

/** `--allow-host` of each worker. */
export function allowArguments({ allowedHosts }: WorkersInput): readonly string[] {
  return allowedHosts.flatMap((host) => ["--allow-host", host]);
}

/** What workers find in their environment when there is such a secret. */
export const OPTIONAL_CREDENTIALS = ["NATS_USER", "NATS_PASSWORD", "NATS_TOKEN"] as const;

export const NATS_IMAGE = "nats:2-alpine";
