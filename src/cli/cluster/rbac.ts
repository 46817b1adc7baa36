import { Option } from "commander";
import type { RunPlan } from "../../plan/run-plan.js";
import { EXIT } from "../../support/errors.js";
import type { RegisterCommand } from "../command.js";
import { collect } from "../options/option-values.js";
import type { Io } from "../process/io.js";

interface RbacFlags {
  readonly emit: "kubernetes" | "list";
  readonly to?: string;
  readonly name?: string;
  readonly set?: readonly string[];
  readonly var?: readonly string[];
  readonly allowHost?: readonly string[];
}

const EXAMPLES = `
Examples:
  faultline rbac scenario.yaml | kubectl apply -f -
  faultline rbac scenario.yaml --to user:jane
  faultline rbac scenario.yaml --emit list      one right in a line

Nothing is started and nothing is connected to.`;

export const registerRbac: RegisterCommand = (program, io, done) => {
  program
    .command("rbac")
    .summary("print the rights in a cluster that scenarios need")
    .description(
      "Prints the rights in a Kubernetes cluster that the faults, loads and looks of scenarios need, and no others.",
    )
    .argument("<scenarios...>", "scenario files")
    .addOption(
      new Option("--emit <what>", "manifests for kubectl, or one right in a line")
        .choices(["kubernetes", "list"])
        .default("kubernetes"),
    )
    .option(
      "--to <who>",
      "user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME (default: a service account `faultline`)",
    )
    .option("--name <name>", "name of the roles (default: by the names of the scenarios)")
    .option("--set <key=value>", "change a value, as `run` does (repeatable)", collect)
    .option("--var <name=value>", "give a variable (repeatable)", collect)
    .option("--allow-host <host>", "allow a host beside this machine (repeatable)", collect)
    .addHelpText("after", EXAMPLES)
    .action(async (files: readonly string[], flags: RbacFlags) => done(await rbac(files, flags, io)));
};

async function rbac(
  files: readonly string[],
  { emit, to, name, ...flags }: RbacFlags,
  io: Io,
): Promise<number> {
  const { scenarioToRun } = await import("../scenario-to-run.js");
  const { rbacOfRights, rightsInWords, rightsOfPlans, roleNameFor } = await import(
    "../../app/rbac-of-plans.js"
  );
  const plans: RunPlan[] = [];
  for (const file of files) {
    const scenario = await scenarioToRun(file, flags, io);
    if (typeof scenario === "number") return scenario;
    plans.push(scenario.plan);
  }
  const rights = await rightsOfPlans(plans);
  io.stdout.write(
    emit === "list"
      ? rightsInWords(rights)
      : rbacOfRights(rights, to ?? null, name ?? roleNameFor(plans.map((plan) => plan.name))),
  );
  return EXIT.ok;
}
