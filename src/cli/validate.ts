import { type Command, Option } from "commander";
import type { FileCheck } from "../app/check-file.js";
import type { CheckScenarioOptions } from "../plan/check-scenario.js";
import type { Diagnostic } from "../scenario/diagnostics/diagnostic.js";
import { EXIT, FaultlineError } from "../support/errors.js";
import { harmless, harmlessJson, oneLine } from "../support/printable.js";
import type { RegisterCommand } from "./command.js";
import { collect } from "./options/option-values.js";
import { addTrustOptions, grantsOf, type TrustFlags } from "./options/trust-options.js";
import { colorFor, type Io } from "./process/io.js";
import { wrapLines } from "./process/wrap-lines.js";

interface ValidateOptions extends TrustFlags {
  readonly format: "text" | "json";
  readonly set: readonly string[];
  readonly var: readonly string[];
  readonly allowHost: readonly string[];
}

const EXAMPLES = `
Examples:
  faultline validate scenario.yaml
  faultline validate scenarios/ other.yaml       every scenario in a folder
  faultline validate --format json scenarios/    for editors and CI
  faultline validate --set load.rate=50/s scenario.yaml

Exit code 0 when all are valid, 2 otherwise. Nothing is started and nothing is connected to.`;

export const registerValidate: RegisterCommand = (program, io, done) => {
  const command = program
    .command("validate")
    .summary("check scenarios without running them")
    .description("Checks scenarios and says what is wrong, where, and what to do about it.")
    .argument("<paths...>", "scenario files, or folders of them")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .option("--set <key=value>", "change a value, as `run` does (repeatable)", collect, [])
    .option("--var <name=value>", "give a variable (repeatable)", collect, [])
    .option("--allow-host <host>", "allow a host beside this machine (repeatable)", collect, [])
    .addHelpText("after", EXAMPLES);
  addTrustOptions(command).action(async (paths: string[], options: ValidateOptions, command: Command) => {
    done(
      await validate(
        paths,
        options,
        io,
        colorFor(io.stdout, io, command.optsWithGlobals<{ color?: boolean }>()),
      ),
    );
  });
};

async function validate(
  paths: readonly string[],
  options: ValidateOptions,
  io: Io,
  color: boolean,
): Promise<number> {
  // Asked for together, so that the many small files are read side by side.
  const [{ findScenarios }, { checkFile }] = await Promise.all([
    import("../scenario/read/find-scenarios.js"),
    import("../app/check-file.js"),
    import("../app/decisions.js"),
  ]);
  // A mistake in an option is told once, and not as each file's.
  const isTrusted = grantsOf(options, io) === null;
  const files = await findScenarios(paths, io.cwd, { isTrusted });
  if (files.length === 0) {
    throw new FaultlineError(
      "FILE_NOT_FOUND",
      `no scenario in ${paths.join(", ")} (a scenario begins with \`faultline: 1\`)`,
    );
  }
  const results: FileCheck[] = [];
  for (const file of files) results.push(await checkFile(file, optionsFor(options, io)));
  if (options.format === "json") io.stdout.write(`${jsonText(results)}\n`);
  else {
    const paint = await painter(color);
    const { diagnosticDetails, diagnosticHead } = await import("../scenario/diagnostics/diagnostic.js");
    for (const { file, diagnostics, dropped, summary } of results) {
      for (const diagnostic of diagnostics) {
        const mark = diagnostic.severity === "error" ? paint.red : paint.yellow;
        const details = diagnosticDetails(diagnostic)
          .flatMap((part) => harmless(part).split("\n"))
          .map((line) => (/^ +\| +\^+$/.test(line) ? mark(line) : line));
        const { isTTY, columns } = io.stdout;
        const complaint = [paint.bold(harmless(diagnosticHead(diagnostic))), ...details].join("\n");
        io.stdout.write(`${isTTY && columns ? wrapLines(complaint, columns) : complaint}\n\n`);
      }
      if (dropped > 0) io.stdout.write(`… and ${dropped} more\n\n`);
      if (summary !== null) io.stdout.write(`${oneLine(file)}: ${paint.green("valid")} (${summary})\n`);
    }
    io.stdout.write(`${countText(results)}\n`);
  }
  return results.every(({ valid }) => valid) ? EXIT.ok : EXIT.usage;
}

type Paint = Readonly<Record<"bold" | "red" | "yellow" | "green", (text: string) => string>>;

/** Without colour there is nothing to load. */
async function painter(color: boolean): Promise<Paint> {
  const plain = (text: string) => text;
  if (!color) return { bold: plain, red: plain, yellow: plain, green: plain };
  const { Chalk } = await import("chalk");
  return new Chalk({ level: 1 });
}

function optionsFor(options: ValidateOptions, io: Io): CheckScenarioOptions {
  return {
    set: options.set,
    vars: options.var,
    allowHosts: options.allowHost,
    untrusted: grantsOf(options, io),
    env: io.env,
    cwd: io.cwd,
  };
}

function jsonText(results: readonly FileCheck[]): string {
  const files = results.map(({ file, valid, diagnostics, dropped }) => ({
    file,
    valid,
    dropped,
    diagnostics: diagnostics.map(({ frame: _, isAboutFormat: __, ...rest }) => rest),
  }));
  return harmlessJson({ formatVersion: 1, valid: results.every(({ valid }) => valid), files });
}

function countText(results: readonly FileCheck[]): string {
  const all = results.flatMap(({ diagnostics }) => diagnostics);
  const of = (severity: Diagnostic["severity"]) => all.filter((one) => one.severity === severity).length;
  const count = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const invalid = results.filter(({ valid }) => !valid).length;
  const files = `${results.length} ${results.length === 1 ? "scenario" : "scenarios"}`;
  return `${files}, ${invalid} invalid: ${count(of("error"), "error")}, ${count(of("warning"), "warning")}`;
}
