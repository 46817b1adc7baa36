import path from "node:path";
import { EXIT, FaultlineError } from "../../support/errors.js";
import type { RegisterCommand } from "../command.js";
import type { Io } from "../process/io.js";
import type { IncidentAnswers, IncidentOptions } from "./from-incident.js";
import { isIncident } from "./incident-source.js";
import { askFor, checked, type Question, questionList } from "./questions.js";
import { refuseExisting, schemaPath, writeNewFile } from "./write-files.js";

interface InitOptions extends IncidentOptions {
  readonly from?: string;
  readonly name?: string;
  readonly target?: string;
  readonly dependency?: string;
  readonly rate?: string;
  readonly run?: string;
  readonly variable?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
}

const EXAMPLES = `
Examples:
  faultline init                      asks a few questions, writes scenario.yaml
  faultline init chaos/cache.yaml --yes
  faultline init --from docker-compose.yml
  faultline init --from prometheus --range 2026-11-24T10:00/11:00 --latency 'max(redis_latency_seconds)'
  faultline init --from incident.csv
  faultline init --target http://127.0.0.1:8080 --dependency 127.0.0.1:5432 --run "node server.js"`;

export const registerInit: RegisterCommand = (program, io, done) => {
  program
    .command("init")
    .summary("write a scenario to begin with")
    .description(
      "Writes a commented scenario to begin with. On a terminal it asks for what the options do not say.",
    )
    .argument("[file]", "file to write", "scenario.yaml")
    .option(
      "--from <source>",
      "a compose file: for its services; `prometheus` or a .csv file: plays an incident again",
    )
    .option("--range <from/until>", "when the incident was, such as 2026-11-24T10:00/11:00")
    .option("--latency <query>", "PromQL for the dependency's latency in seconds, one series")
    .option("--errors <query>", "PromQL for the share of the dependency's answers that were errors")
    .option("--traffic <query>", "PromQL for requests per second at the system")
    .option("--prometheus <url>", "the server (default: http://127.0.0.1:9090)")
    .option("--token-env <name>", "environment variable with a bearer token for it")
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
  const { from } = options;
  if (from === undefined || !isIncident(from)) refuseWithoutIncident(options);
  if (from !== undefined && !isIncident(from)) {
    await fromCompose(file, from, options, io);
    return;
  }
  const scenario = { name: file, absolute: path.resolve(io.cwd, file) };
  const folder = path.dirname(scenario.absolute);
  // Before the questions: nobody wants to answer them for nothing.
  if (!options.force) await refuseExisting(scenario);
  const questions = await questionList();
  const ask = io.stdin.isTTY === true && io.stderr.isTTY === true && !options.yes;
  const given = Object.fromEntries(
    questions.map((question) => [question.key, checked(question, options[question.key])]),
  );
  const answers = ask ? await askFor(questions, given, io) : given;
  const value = (key: Question["key"]) => {
    const answer = answers[key] ?? "";
    return answer === "" ? (questions.find((question) => question.key === key)?.fallback ?? "") : answer;
  };
  const starter: IncidentAnswers = {
    name: answers.name || null,
    target: value("target"),
    dependency: value("dependency"),
    rate: value("rate"),
    run: value("run") === "" ? null : value("run"),
    cwd: serviceFolder(folder, io.cwd),
    variable: value("variable"),
  };
  const schema = await schemaPath(folder, io.cwd);
  const text = await textFor(from, options, starter, schema, io);
  await writeNewFile({ ...scenario, text }, options.force === true);
  io.stdout.write(`${file}\n`);
  io.stderr.write(
    `Written. Look it over, then:\n  npx faultline validate ${file}\n  npx faultline run ${file}\n`,
  );
}

async function textFor(
  from: string | undefined,
  options: InitOptions,
  answers: IncidentAnswers,
  schema: string | null,
  io: Io,
): Promise<string> {
  if (from !== undefined) {
    const { incidentText } = await import("./from-incident.js");
    return incidentText(from, options, answers, schema, io);
  }
  const { starterScenario } = await import("../../scenario/generate/starter.js");
  const questions = await questionList();
  const name = answers.name ?? questions.find(({ key }) => key === "name")?.fallback ?? "";
  return starterScenario({ ...answers, name }, schema);
}

function refuseWithoutIncident(options: IncidentOptions): void {
  const keys = ["range", "latency", "errors", "traffic", "prometheus"] as const;
  const given = keys.find((key) => options[key] !== undefined) ?? (options.tokenEnv && "token-env");
  if (given) throw new FaultlineError("USAGE", `--${given} is for --from prometheus`);
}

/** Asks nothing: what the options do not say stands in the compose file. */
async function fromCompose(file: string, from: string, options: InitOptions, io: Io): Promise<void> {
  for (const key of ["dependency", "run", "variable"] as const) {
    if (options[key] !== undefined)
      throw new FaultlineError("USAGE", `--${key} is not for --from: the compose file says it`);
  }
  const questions = await questionList();
  const answer = (key: Question["key"]) => {
    const question = questions.find((each) => each.key === key);
    return question && checked(question, options[key]);
  };
  const { initFromCompose } = await import("./from-compose.js");
  await initFromCompose(
    file,
    {
      from,
      name: answer("name"),
      target: answer("target"),
      rate: answer("rate") ?? "100/s",
      replace: options.force === true,
    },
    io,
  );
}

/** The command is meant for the folder in which `init` runs. Services start in the scenario's folder. */
function serviceFolder(scenarioFolder: string, cwd: string): string | null {
  const relative = path.relative(scenarioFolder, cwd).split(path.sep).join("/");
  return relative === "" ? null : relative;
}
