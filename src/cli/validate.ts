import { resolve } from "node:path";
import { type Command, Option } from "commander";
import type { FileCheck } from "../app/check-file.js";
import type { CheckScenarioOptions } from "../plan/check-and-plan.js";
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
  faultline validate scenarios/ other.yaml       every scenario and game day in a folder
  faultline validate --format json scenarios/    for editors and CI
  faultline validate --set load.rate=50/s scenario.yaml

Exit code 0 when all are valid, 2 otherwise. Nothing is started and nothing is connected to.`;

export const registerValidate: RegisterCommand = (program, io, done) => {
  const command = program
    .command("validate")
    .summary("check scenarios and game days without running them")
    .description("Checks scenarios and game days, and says what is wrong, where, and what to do about it.")
    .argument("<paths...>", "files of scenarios and game days, or folders of them")
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
  const { findScenarios } = await import("../scenario/read/find-scenarios.js");
  const { checkFile, checksJson } = await import("../app/check-file.js");
  // A mistake in an option is told once, not for each file.
  const isTrusted = grantsOf(options, io) === null;
  const files = await findScenarios(paths, io.cwd, { isTrusted, versionKeys: ["faultline", "gameday"] });
  if (files.length === 0) {
    throw new FaultlineError(
      "FILE_NOT_FOUND",
      `no scenario in ${paths.join(", ")} (it begins with \`faultline: 1\`, a game day with \`gameday: 1\`)`,
    );
  }
  const gameDays = await gameDaysAmong(files, io.cwd, isTrusted);
  const checked = await checkGameDaysOf(gameDays, options, io);
  const all: FileCheck[] = [];
  for (const file of files) {
    all.push(checked.get(file) ?? (await checkFile(file, optionsFor(options, io))));
  }
  const results = eachComplaintOnce(all, io.cwd);
  if (options.format === "json") io.stdout.write(`${harmlessJson(checksJson(results))}\n`);
  else {
    const paint = await painter(color);
    const { diagnosticDetails, diagnosticHead } = await import("../scenario/diagnostics/diagnostic.js");
    const { leftToTargetText } = await import("../plan/left-to-target.js");
    for (const { file, diagnostics, dropped, summary, leftToTarget } of results) {
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
      for (const left of leftToTarget) io.stdout.write(`  ${harmless(leftToTargetText(left))}\n`);
    }
    io.stdout.write(`${countText(results, gameDays.length)}\n`);
  }
  return results.every(({ valid }) => valid) ? EXIT.ok : EXIT.usage;
}

/** What is wrong with a scenario belongs to it, where it is checked itself; else to the first game day that names it. */
function eachComplaintOnce(checks: readonly FileCheck[], cwd: string): readonly FileCheck[] {
  const own = new Set(checks.map(({ file }) => resolve(cwd, file)));
  const told = new Set<string>();
  return checks.map((check) => ({
    ...check,
    diagnostics: check.diagnostics.filter(({ file, line, column, message }) => {
      const place = resolve(cwd, file);
      if (place === resolve(cwd, check.file)) return true;
      const complaint = JSON.stringify([place, line, column, message]);
      if (own.has(place) || told.has(complaint)) return false;
      told.add(complaint);
      return true;
    }),
  }));
}

/** The files that are game days. */
async function gameDaysAmong(
  files: readonly string[],
  cwd: string,
  isTrusted: boolean,
): Promise<readonly string[]> {
  const { isGameDay } = await import("../gameday/is-game-day.js");
  const found: string[] = [];
  for (const file of files) if (await isGameDay(resolve(cwd, file), { isTrusted })) found.push(file);
  return found;
}

/** By file. Most command lines name none, and need not load the checks. */
async function checkGameDaysOf(
  files: readonly string[],
  options: ValidateOptions,
  io: Io,
): Promise<ReadonlyMap<string, FileCheck>> {
  if (files.length === 0) return new Map();
  if (grantsOf(options, io) !== null) {
    const why = `${files[0]}: a game day names commands and webhooks, so its author must be trusted`;
    throw new FaultlineError("USAGE", `${why}; leave out --untrusted`);
  }
  const { checkGameDays } = await import("../app/check-game-days.js");
  const checks = await checkGameDays(files, { ...optionsFor(options, io), nowMs: Date.now() });
  return new Map(checks.map((check) => [check.file, check]));
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

function countText(results: readonly FileCheck[], gameDays: number): string {
  const all = results.flatMap(({ diagnostics }) => diagnostics);
  const of = (severity: Diagnostic["severity"]) => all.filter((one) => one.severity === severity).length;
  const count = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const invalid = results.filter(({ valid }) => !valid).length;
  const files = count(results.length, gameDays === 0 ? "scenario" : "file");
  return `${files}, ${invalid} invalid: ${count(of("error"), "error")}, ${count(of("warning"), "warning")}`;
}
