import { type Command, Option } from "commander";
import type { GateAnswer } from "../app/answer-gate.js";
import { exitCodeMapsOf, mappedExitCode, refuseUnprintedVerdict } from "../app/exit-code-maps.js";
import type { GateItem } from "../ledger/gate.js";
import { EXIT, FaultlineError } from "../support/errors.js";
import { harmlessJson, oneLine } from "../support/printable.js";
import type { RegisterCommand } from "./command.js";
import { colorFor, type Io } from "./process/io.js";

interface GateFlags {
  readonly maxAge?: string;
  readonly require?: string;
  readonly sinceLockfile?: boolean;
  readonly json?: boolean;
  readonly exitCodes?: string;
  readonly badge?: string;
  readonly coverage?: string;
  readonly color?: boolean;
}

const EXAMPLES = `
Exit codes: 0 all of it holds, 1 a promise was broken, 2 bad command line or file,
  3 the evidence is missing, undecided, too old, or older than a change.

Examples:
  faultline gate                                        all that reports/history.jsonl tells of
  faultline gate --max-age 30d --require faults.yaml    what must have evidence, none older than that
  faultline gate --since-lockfile                       evidence from before the last change of a lock file
                                                        or of the scenario does not count
`;

export const registerGate: RegisterCommand = (program, io, done) => {
  program
    .command("gate")
    .summary("say whether past runs are evidence enough: of what, how old, and still of this version")
    .description(
      "Reads the ledger that runs leave (history.jsonl) and says whether each fault has evidence that holds.",
    )
    .argument("[ledger]", "the ledger, or the folder that it is in", "reports")
    .option("--max-age <age>", "evidence may be this old: 30d, 2w, 12h")
    .option(
      "--require <file>",
      "what must have evidence: a YAML file (default: all that the ledger tells of)",
    )
    .option("--since-lockfile", "refuse evidence that is older than a change of a lock file or the scenario")
    .option("--json", "print the answer as JSON")
    .option("--badge <file>", "write the answer as a badge (SVG)")
    .option("--coverage <file>", "write a page of dependencies and faults (HTML)")
    .addOption(new Option("--exit-codes <reader>", "exit as it expects").choices(exitCodeMapsOf("gate")))
    .addHelpText("after", EXAMPLES)
    .action(async (ledger: string, flags: GateFlags, command: Command) => {
      done(await gate(ledger, { ...flags, ...command.optsWithGlobals<{ color?: boolean }>() }, io));
    });
};

async function gate(ledger: string, flags: GateFlags, io: Io): Promise<number> {
  const [{ answerGate }, { parseAgeMs }, { skippedText }] = await Promise.all([
    import("../app/answer-gate.js"),
    import("../quantities/age.js"),
    import("../ledger/read-ledger.js"),
  ]);
  const maxAgeMs = flags.maxAge === undefined ? null : parseAgeMs(flags.maxAge);
  if (flags.maxAge !== undefined && maxAgeMs === null) {
    throw new FaultlineError("USAGE", `--max-age: expected an age such as 30d, not "${flags.maxAge}"`);
  }
  refuseUnprintedVerdict(flags.exitCodes, flags.json ?? false);
  const nowMs = Date.now();
  const answer = await answerGate({
    cwd: io.cwd,
    ledger,
    require: flags.require ?? null,
    maxAgeMs,
    sinceLockfile: flags.sinceLockfile ?? false,
    nowMs,
  });
  for (const text of skippedText(answer.skipped, answer.ledger))
    io.stderr.write(`warning: left out: ${text}\n`);
  const exitCode = EXIT_CODES[answer.verdict];
  await writePictures(answer, flags, io);
  if (flags.json) {
    const { gateJson } = await import("../ledger/gate-json.js");
    io.stdout.write(`${harmlessJson(gateJson(answer, exitCode))}\n`);
  } else io.stdout.write(await gateText(answer, colorFor(io.stdout, io, flags)));
  return mappedExitCode(exitCode, flags.exitCodes ?? null);
}

async function writePictures(
  { verdict, items }: GateAnswer,
  { badge, coverage }: GateFlags,
  io: Io,
): Promise<void> {
  if (badge === undefined && coverage === undefined) return;
  const [{ renderBadge }, { renderCoveragePage }, { writeWhole }, { resolve }] = await Promise.all([
    import("../report/evidence/badge.js"),
    import("../report/evidence/coverage-page.js"),
    import("../support/write-whole.js"),
    import("node:path"),
  ]);
  if (badge !== undefined) await writeWhole(resolve(io.cwd, badge), renderBadge(verdict, items));
  if (coverage !== undefined) await writeWhole(resolve(io.cwd, coverage), renderCoveragePage(items));
}

const EXIT_CODES = { pass: EXIT.ok, fail: EXIT.sloBroken, inconclusive: EXIT.undecided } as const;

async function gateText({ verdict, items, ledger, runs }: GateAnswer, color: boolean): Promise<string> {
  const { countsText } = await import("../ledger/gate-in-words.js");
  const { VERDICT_WORDS } = await import("../report/shown/verdict-words.js");
  const { Chalk } = await import("chalk");
  const { sign, word, tone } = VERDICT_WORDS[verdict];
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const ink = { good: chalk.green, bad: chalk.red, unsure: chalk.yellow, muted: chalk.dim };
  const of =
    runs === null
      ? `there is no ${oneLine(ledger)}`
      : `${oneLine(ledger)}, ${runs} run${runs === 1 ? "" : "s"}`;
  const counts = items.length === 0 ? "no evidence" : countsText(items);
  const head = `${ink[tone](chalk.bold(`${sign} ${word.toUpperCase()}`))}  ${counts}  ${chalk.dim(`(${of})`)}\n`;
  if (items.length === 0) {
    return `${head}\nRun a scenario first: each run adds a line to the ledger. In a pipeline, keep it between the builds.\n`;
  }
  const texts = await Promise.all(items.map((item) => itemText(item, ledger, ink, chalk.dim)));
  return `${head}\n${texts.join("")}`;
}

async function itemText(
  item: GateItem,
  ledger: string,
  ink: Readonly<Record<"good" | "bad" | "unsure", (text: string) => string>>,
  dim: (text: string) => string,
): Promise<string> {
  const { adviceFor, GATE_WORDS, reasonOf, subjectOf } = await import("../ledger/gate-in-words.js");
  const { sign, word, tone } = GATE_WORDS[item.status];
  const title = `${ink[tone](sign)} ${subjectOf(item)}: ${ink[tone](word)}`;
  if (item.status === "held")
    return `${title} ${dim(`(${oneLine(item.scenario ?? "")}; ${reasonOf(item)})`)}\n`;
  const advice = adviceFor(item);
  const lines = [oneLine(reasonOf(item)), sourceText(item, ledger), ...(advice ? [`→ ${advice}`] : [])];
  return `${title}\n${lines.map((line) => `    ${line}\n`).join("")}`;
}

/** The ledger's line that shows it, and its run. When evidence is missing: the line that requires it. */
function sourceText({ evidence, requirement }: GateItem, ledger: string): string {
  if (!evidence) {
    const { file, line, column } = requirement?.place ?? { file: ledger, line: 1, column: 1 };
    return `${oneLine(file)}:${line}:${column} asks for it`;
  }
  const { number, line } = evidence.from;
  const commit = line.commit === null ? "" : `, commit ${line.commit.slice(0, 12)}`;
  const folder = line.folder === null ? "" : `, report in ${oneLine(line.folder)}`;
  return `${oneLine(ledger)}:${number}: ${oneLine(line.scenario.name)}, ${line.startedAt.slice(0, 16).replace("T", " ")}${commit}${folder}`;
}
