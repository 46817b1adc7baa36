import { Argument, Option } from "commander";
import type { ToxiproxyToEmit } from "../../app/toxiproxy-emit/toxiproxy-to-emit.js";
import { EXIT, FaultlineError } from "../../support/errors.js";
import { oneLine } from "../../support/printable.js";
import type { RegisterCommand } from "../command.js";
import { collect } from "../options/option-values.js";
import type { Io } from "../process/io.js";

const EXAMPLES = `
Examples:
  faultline emit kubernetes-toxiproxy scenario.yaml --image registry.example.com/faultline:1 | kubectl apply -f -
  faultline emit kubernetes-toxiproxy scenario.yaml --server toxiproxy --namespace shop
  faultline emit kubernetes-toxiproxy scenario.yaml --server toxiproxy --form sidecar --into cart

Nothing is started and nothing is connected to.`;

interface EmitFlags {
  readonly form: ToxiproxyToEmit["form"];
  readonly server: ToxiproxyToEmit["server"];
  readonly image?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly into?: string;
  readonly set?: readonly string[];
  readonly var?: readonly string[];
  readonly allowHost?: readonly string[];
}

export const registerEmit: RegisterCommand = (program, io, done) => {
  program
    .command("emit")
    .summary("print a Toxiproxy that stands in a cluster, for the proxies of a scenario")
    .description(
      "Prints manifests of a Toxiproxy that stands in a Kubernetes cluster. `run --toxiproxy URL` drives it.",
    )
    .addArgument(new Argument("<what>", "what is printed").choices(["kubernetes-toxiproxy"]))
    .argument("<scenario>", "scenario file: its proxies stand there")
    .addOption(
      new Option("--form <form>", "a server of its own, or one in each pod of a Deployment")
        .choices(["deployment", "sidecar"])
        .default("deployment"),
    )
    .addOption(
      new Option("--server <server>", "`faultline proxy`, or Toxiproxy itself")
        .choices(["faultline", "toxiproxy"])
        .default("faultline"),
    )
    .option(
      "--image <name>",
      "the image of the server: your own, or with --server toxiproxy that of Toxiproxy",
    )
    .option("--name <name>", "of what is made", "faultline-toxiproxy")
    .option("--namespace <name>", "where it is made (default: where it is applied)")
    .option("--into <deployment>", "the Deployment that a sidecar goes into")
    .option("--set <key=value>", "change a value, as `run` does (repeatable)", collect)
    .option("--var <name=value>", "give a variable (repeatable)", collect)
    .option("--allow-host <host>", "allow a host beside this machine (repeatable)", collect)
    .addHelpText("after", EXAMPLES)
    .action(async (_what: string, file: string, flags: EmitFlags) => done(await emit(file, flags, io)));
};

async function emit(file: string, flags: EmitFlags, io: Io): Promise<number> {
  const { form, server, image, name, namespace, into, ...ofScenario } = flags;
  if (form === "sidecar" && into === undefined)
    throw new FaultlineError("USAGE", "--form sidecar needs --into DEPLOYMENT");
  const { scenarioToRun } = await import("../scenario-to-run.js");
  const { emitToxiproxy, imageFor } = await import("../../app/toxiproxy-emit/emit-toxiproxy.js");
  const { standingProxies } = await import("../../app/toxiproxy-emit/toxiproxy-to-emit.js");
  const scenario = await scenarioToRun(file, ofScenario, io);
  if (typeof scenario === "number") return scenario;
  const text = emitToxiproxy({
    form,
    server,
    image: imageFor(server, image ?? null),
    name,
    namespace: namespace ?? null,
    into: into ?? name,
    file: oneLine(file),
    allowedHosts: flags.allowHost ?? [],
    set: flags.set ?? [],
    vars: flags.var ?? [],
    proxies: standingProxies(scenario.plan, form),
  });
  io.stdout.write(text);
  return EXIT.ok;
}
