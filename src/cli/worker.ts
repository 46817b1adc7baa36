import { EXIT } from "../support/errors.js";
import type { RegisterCommand } from "./command.js";
import { collect } from "./options/option-values.js";
import { interruptOf } from "./process/interrupt.js";
import type { Io } from "./process/io.js";

interface WorkerFlags {
  readonly nats: string;
  readonly name?: string;
  readonly once?: boolean;
  readonly allowHost?: readonly string[];
  readonly allowSocket?: readonly string[];
}

const EXAMPLES = `
Examples:
  faultline worker --nats nats://127.0.0.1:4222
  FAULTLINE_WORKERS_KEY=… faultline worker --nats tls://nats.example.com:4222 --allow-host shop.example.com

A run uses it with: faultline run scenario.yaml --workers URL. NATS_USER and NATS_PASSWORD, NATS_TOKEN or NATS_CREDS, NATS_CA,
NATS_CERT and NATS_KEY are read from the environment.
`;

export const registerWorker: RegisterCommand = (program, io, done) => {
  program
    .command("worker")
    .summary("make load for runs on other machines")
    .description(
      "Waits at a NATS server for runs that want workers, and makes its share of their load. A run that ends, or falls silent, ends\nit at once; then it waits for the next.",
    )
    .requiredOption("--nats <url>", "the server: nats://HOST:PORT or tls://HOST:PORT")
    .option("--name <name>", "what reports call it (default: the name of this machine)")
    .option("--once", "leave after one run")
    .option("--allow-host <host>", "a host that is not loopback and may be loaded (repeatable)", collect)
    .option("--allow-socket <path>", "a unix socket that may be loaded (repeatable)", collect)
    .addHelpText("after", EXAMPLES)
    .action(async (flags: WorkerFlags) => {
      await work(flags, io);
      done(EXIT.ok);
    });
};

async function work(flags: WorkerFlags, io: Io): Promise<void> {
  const { workForRuns } = await import("../app/workers/work-for-runs.js");
  const interrupt = interruptOf(io, { first: "stopping the load", second: "its connections end with it" });
  try {
    await workForRuns({
      url: flags.nats,
      name: flags.name,
      once: flags.once ?? false,
      allowedHosts: flags.allowHost ?? [],
      allowedSockets: flags.allowSocket ?? [],
      env: io.env,
      signal: interrupt.signal,
      say: (text) => void io.stdout.write(`${text}\n`),
    });
  } finally {
    interrupt.release();
  }
}
