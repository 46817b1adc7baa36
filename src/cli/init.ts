import { access, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import type { StarterAnswers } from "../scenario/generate/starter.js";
import { EXIT, FaultlineError, hasCode, messageOf } from "../support/errors.js";
import type { RegisterCommand } from "./command.js";
import { harmlessIo } from "./process/harmless-io.js";
import type { Io } from "./process/io.js";

interface InitOptions {
  readonly name?: string;
  readonly target?: string;
  readonly dependency?: string;
  readonly rate?: string;
  readonly run?: string;
  readonly variable?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
}

const SCHEMA = "schema/scenario.schema.json";

const EXAMPLES = `
Examples:
  faultline init                      asks a few questions, writes scenario.yaml
  faultline init chaos/cache.yaml --yes
  faultline init --target http://127.0.0.1:8080 --dependency 127.0.0.1:5432 --run "node server.js"`;

export const registerInit: RegisterCommand = (program, io, done) => {
  program
    .command("init")
    .summary("write a scenario to begin with")
    .description(
      "Writes a commented scenario to begin with. On a terminal it asks for what the options do not say.",
    )
    .argument("[file]", "file to write", "scenario.yaml")
    .option("--name <text>", "what is to be shown")
    .option("--target <url>", "URL of the system under test")
    .option("--dependency <host:port>", "the dependency that is to be disturbed")
    .option("--rate <rate>", "requests, such as 100/s")
    .option("--run <command>", "command that starts the system (default: it runs already)")
    .option("--variable <name>", "environment variable that tells it where the dependency is")
    .option("-y, --yes", "ask nothing, take the defaults")
    .option("--force", "replace the file if it is there")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, options: InitOptions) => {
      await init(file, options, io);
      done(EXIT.ok);
    });
};

async function init(file: string, options: InitOptions, io: Io): Promise<void> {
  const absolute = path.resolve(io.cwd, file);
  // Before the questions: nobody wants to answer them for nothing.
  if (!options.force && (await exists(absolute)))
    throw new FaultlineError("FILE_EXISTS", `${file} is there already`);
  const questions = await questionList();
  const ask = io.stdin.isTTY === true && io.stderr.isTTY === true && !options.yes;
  const given = Object.fromEntries(
    questions.map((question) => [question.key, checked(question, options[question.key])]),
  );
  const answers = ask ? await askFor(questions, given, io) : given;
  const { starterScenario } = await import("../scenario/generate/starter.js");
  const value = (key: Question["key"]) => {
    const answer = answers[key] ?? "";
    return answer === "" ? (questions.find((question) => question.key === key)?.fallback ?? "") : answer;
  };
  const starter: StarterAnswers = {
    name: value("name"),
    target: value("target"),
    dependency: value("dependency"),
    rate: value("rate"),
    run: value("run") === "" ? null : value("run"),
    cwd: serviceFolder(path.dirname(absolute), io.cwd),
    variable: value("variable"),
  };
  const text = starterScenario(starter, await schemaPath(path.dirname(absolute), io.cwd));
  try {
    await mkdir(path.dirname(absolute), { recursive: true });
    await writeFile(absolute, text, { flag: options.force ? "w" : "wx" });
  } catch (error) {
    if (hasCode(error, "EEXIST")) throw new FaultlineError("FILE_EXISTS", `${file} is there already`);
    throw new FaultlineError("USAGE", `cannot write ${file}: ${messageOf(error)}`, { cause: error });
  }
  io.stdout.write(`${file}\n`);
  io.stderr.write(
    `Written. Look it over, then:\n  npx faultline validate ${file}\n  npx faultline run ${file}\n`,
  );
}

/** The command is meant for the folder in which `init` runs. Services start in the scenario's folder. */
function serviceFolder(scenarioFolder: string, cwd: string): string | null {
  const relative = path.relative(scenarioFolder, cwd).split(path.sep).join("/");
  return relative === "" ? null : relative;
}

interface Question {
  readonly key: "name" | "target" | "dependency" | "rate" | "run" | "variable";
  readonly text: string;
  readonly fallback: string;
  /** What is wrong with an answer. @returns null when nothing is. */
  readonly complaint: (answer: string) => string | null;
}

async function questionList(): Promise<readonly Question[]> {
  const { parseAddress } = await import("../support/hosts.js");
  const { isHttpUrl } = await import("../support/address.js");
  const { parseRate } = await import("../quantities/units.js");
  const { splitCommand } = await import("../scenario/values/split-command.js");
  return [
    {
      key: "name",
      text: "What do you want to show?",
      fallback: "Service survives a bad dependency",
      complaint: (answer) => (answer.length > 200 ? "at most 200 characters" : null),
    },
    {
      key: "target",
      text: "URL of the system under test?",
      fallback: "http://127.0.0.1:3000",
      complaint: (answer) => (isHttpUrl(answer) ? null : "expected a URL such as http://127.0.0.1:3000"),
    },
    {
      key: "dependency",
      text: "Address of the dependency to disturb?",
      fallback: "127.0.0.1:6379",
      complaint: (answer) => (parseAddress(answer) ? null : "expected host:port, such as 127.0.0.1:6379"),
    },
    {
      key: "variable",
      text: "Environment variable that tells the system where it is?",
      fallback: "DEPENDENCY_ADDRESS",
      complaint: (answer) =>
        /^[A-Za-z_]\w*$/.test(answer) ? null : "expected a variable's name, such as REDIS_URL",
    },
    {
      key: "run",
      text: "Command that starts the system (empty: it runs already)?",
      fallback: "",
      complaint: (answer) => {
        try {
          splitCommand(answer);
          return null;
        } catch (error) {
          return messageOf(error);
        }
      },
    },
    {
      key: "rate",
      text: "How many requests?",
      fallback: "100/s",
      complaint: (answer) => ((parseRate(answer)?.perS ?? 0) > 0 ? null : "expected a rate such as 100/s"),
    },
  ];
}

function checked({ key, complaint }: Question, answer: string | undefined): string | undefined {
  const wrong = answer === undefined ? null : complaint(answer);
  if (wrong !== null) throw new FaultlineError("USAGE", `--${key}: ${wrong}`);
  return answer;
}

type Answers = Readonly<Record<string, string | undefined>>;

async function askFor(questions: readonly Question[], given: Answers, io: Io): Promise<Answers> {
  const prompt = createInterface({ input: io.stdin, output: harmlessIo(io).terminal });
  // Ctrl-C or the end of input: nothing has been written yet.
  const closed = new AbortController();
  prompt.once("close", () => closed.abort());
  const answers: Record<string, string | undefined> = { ...given };
  try {
    for (const { key, text, fallback, complaint } of questions) {
      if (given[key] !== undefined) continue;
      for (;;) {
        const shown = fallback === "" ? "" : ` (${fallback})`;
        const answer = (await prompt.question(`${text}${shown} `, { signal: closed.signal })).trim();
        const wrong = answer === "" ? null : complaint(answer);
        if (wrong === null) {
          answers[key] = answer;
          break;
        }
        io.stderr.write(`  ${wrong}\n`);
      }
    }
    return answers;
  } catch (error) {
    if (!closed.signal.aborted) throw error;
    throw new FaultlineError("USAGE", "stopped; nothing was written");
  } finally {
    prompt.close();
  }
}

/** Where editors find the schema. Only as part of the user's own project, so that the path lasts. */
async function schemaPath(folder: string, cwd: string): Promise<string | null> {
  const relative = (schema: string) => path.relative(folder, schema).split(path.sep).join("/");
  for (let above = folder; ; above = path.dirname(above)) {
    const installed = path.join(above, "node_modules", "faultline", SCHEMA);
    if (await exists(installed)) return relative(installed);
    if (above === path.dirname(above)) break;
  }
  const own = fileURLToPath(new URL(`../../${SCHEMA}`, import.meta.url));
  const inside = !path.relative(cwd, own).startsWith("..") && !path.isAbsolute(path.relative(cwd, own));
  return inside && (await exists(own)) ? relative(own) : null;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
