import { Option } from "commander";
import { EXIT } from "../support/errors.js";
import type { RegisterCommand } from "./command.js";
import { collect, wholeNumberOption } from "./options/option-values.js";

const EXAMPLES = `
Examples:
  faultline workers --emit kubernetes --image registry.example.com/faultline:1 --allow-host shop.default.svc | kubectl apply -f -
  faultline workers --emit compose --count 5 --allow-host shop > workers.yaml
  faultline workers --emit systemd --nats tls://nats.example.com:4222 > /etc/systemd/system/faultline-worker@.service
`;

interface WorkersFlags {
  readonly emit: "kubernetes" | "compose" | "systemd";
  readonly count: number;
  readonly nats?: string;
  readonly image: string;
  readonly allowHost?: readonly string[];
  readonly allowSocket?: readonly string[];
}

export const registerWorkers: RegisterCommand = (program, io, done) => {
  program
    .command("workers")
    .summary("print what starts workers: a Job of Kubernetes, a compose file, a unit of systemd")
    .description("Prints what starts workers elsewhere. Nothing is started.")
    .addOption(
      new Option("--emit <what>", "for whom")
        .choices(["kubernetes", "compose", "systemd"])
        .makeOptionMandatory(),
    )
    .option("--count <n>", "how many", wholeNumberOption(1, 10_000), 3)
    .option("--nats <url>", "the server where they wait (default: one of their own, but for systemd)")
    .option("--image <name>", "the image that has faultline", "faultline")
    .option("--allow-host <host>", "a host that is not loopback and may be loaded (repeatable)", collect)
    .option("--allow-socket <path>", "a unix socket that may be loaded, with systemd (repeatable)", collect)
    .addHelpText("after", EXAMPLES)
    .action(async (flags: WorkersFlags) => {
      const { emitWorkers } = await import("../app/workers/emit/emit-workers.js");
      const { emit, count, nats, image, allowHost, allowSocket } = flags;
      const allowed = { allowedHosts: allowHost ?? [], allowedSockets: allowSocket ?? [] };
      io.stdout.write(emitWorkers(emit, { count, natsUrl: nats ?? null, image, ...allowed }));
      done(EXIT.ok);
    });
};
