import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { placesHere } from "../../../src/faults/process/control-group.js";
import { isListening } from "../../../src/run/reach/tcp-probe.js";
import type { Ending } from "./endings.js";
import { CA_FILE } from "./front.js";
import { leftOf } from "./listeners.js";
import { serviceName } from "./service-name.js";
import { BIN, patientProxiesOf, processesOf, type Surroundings, temporaryFilesOf } from "./surroundings.js";

/** What is promised: nothing is left so long after the end has come. */
const PROMISED_MS = 3_000;
/**
 * On top of that, for the machine: where so many programs want each core, a process has its turn so many times later. The
 * times themselves are what `npm run bench -- kill` prints.
 */
const GRACE_MS = 3_000;
const MOST_GRACE_MS = 65_000;

function graceMs(): number {
  const perCore = (loadavg()[0] ?? 0) / availableParallelism();
  return Math.min(MOST_GRACE_MS, GRACE_MS * Math.max(1, perCore));
}

/** What is still there when the promised time is over; and what was said to be clean and is not. */
export async function leftovers(
  ending: Ending,
  here: Surroundings,
  sinceMs: number,
): Promise<readonly string[]> {
  let deadline = sinceMs + PROMISED_MS + graceMs();
  const untrue = await healWhatHadToWait(ending, here);
  if (untrue !== null) {
    if (untrue.length > 0) return untrue;
    deadline = performance.now() + graceMs();
  }
  let problems = await look(here);
  while (problems.length > 0 && performance.now() < deadline) {
    await pause(50);
    problems = await look(here);
  }
  return problems;
}

/**
 * What a server holds that could not be asked can be undone only when it answers again; that is what the exit code and
 * `heal` are for. Resolves with what `heal` said untruly; null: nothing had to wait.
 */
async function healWhatHadToWait(ending: Ending, here: Surroundings): Promise<readonly string[] | null> {
  const { external } = here;
  if (ending === "the run is stopped for longer than its lease, with a service paused") return here.stopped;
  if (!external) return null;
  switch (ending) {
    case "the run is stopped for longer than its lease, on a real Toxiproxy":
      return here.stopped;
    case "Toxiproxy hangs":
      await pause(PROMISED_MS);
      external.process.kill("SIGCONT");
      return healTruly(here);
    case "Toxiproxy pauses for 8 s":
      await external.awake;
      // All that it was asked meanwhile is carried out now.
      await pause(1_000);
      return healTruly(here);
    case "Toxiproxy is killed":
      await external.startAnew();
      return healTruly(here);
    case "SIGKILL of the run and of its tunnel to Toxiproxy":
    case "the tunnel to Toxiproxy dies": {
      // The watchdog has tried, too.
      await pause(PROMISED_MS);
      const blind = await healTruly(here);
      await external.front?.start();
      return blind.length > 0 ? blind : healTruly(here, { mustSucceed: true });
    }
    default:
      return null;
  }
}

/** Runs `heal`. It may fail while the server cannot be asked; where it says that nothing is left, that has to be so. */
async function healTruly(
  here: Surroundings,
  { mustSucceed = here.external?.front === null } = {},
): Promise<readonly string[]> {
  const { status, output } = await heal(here);
  if (status !== 0) return mustSucceed ? [`heal exited with ${status}: ${output}`] : [];
  const left = await look(here);
  return left.length === 0
    ? []
    : [`heal exited with 0 and said ${JSON.stringify(output)}, but: ${left.join("; ")}`];
}

function heal({ state }: Surroundings): Promise<{ readonly status: number; readonly output: string }> {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: CA_FILE, FAULTLINE_STATE_DIR: state };
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, "heal"], { env, encoding: "utf8" }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code ?? -1), output: stdout + stderr }),
    );
  });
}

async function look(here: Surroundings): Promise<string[]> {
  const problems = processesOf(here).map(({ pid, command }) => `process ${pid} is left: ${command}`);
  for (const port of here.ports) {
    if (port !== foundPort(here) && (await isListening("127.0.0.1", port)))
      problems.push(`port ${port} is still open`);
  }
  problems.push(...leftOf(here.listeners).map((port) => `port ${port} of the run is still open`));
  const files = readdirSync(temporaryFilesOf(here)).filter((name) => name.startsWith("faultline"));
  if (files.length > 0) problems.push(`left among temporary files: ${files.join(", ")}`);
  const runs = join(here.state, "runs");
  const state = [
    ...(existsSync(runs) ? readdirSync(runs) : []),
    ...(existsSync(here.state) ? readdirSync(here.state) : []),
  ];
  const foreign = state.filter((name) => name !== "runs" && name !== "ballast");
  if (foreign.length > 0) problems.push(`left in the state folder: ${foreign.join(", ")}`);
  problems.push(...groupsOf(here).map((folder) => `control group ${folder} is left`));
  problems.push(...reportProblems(here), ...(await serverProblems(here)));
  return problems;
}

/** Control groups that were made for this trial's service. */
function groupsOf(here: Surroundings): readonly string[] {
  const ending = `-${serviceName(here)}`;
  return [...placesHere("cpu"), ...placesHere("memory")].flatMap(({ parent }) =>
    readdirSync(parent)
      .filter((name) => name.startsWith("faultline-") && name.endsWith(ending))
      .map((name) => join(parent, name)),
  );
}

/** Of the proxy that was there before: it goes on listening. */
function foundPort({ external, ports }: Surroundings): number | undefined {
  return external?.findsProxy ? ports[2] : undefined;
}

/** Every report file is whole, or not there. Folders hold what services have printed, up to wherever they came. */
function reportProblems({ reports }: Surroundings): readonly string[] {
  if (!existsSync(join(reports, "run"))) return [];
  const files = readdirSync(join(reports, "run"), { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap(({ name }) => {
    const text = readFileSync(join(reports, "run", name), "utf8");
    if (name.startsWith(".")) return [`unfinished file ${name}`];
    // The line of a killed writer may be cut off; the next one goes below it.
    if (name.endsWith(".jsonl")) return [];
    const whole = name.endsWith(".json") ? isJson(text) : /<\/(html|testsuites?)>\s*$|^#/.test(text);
    return whole ? [] : [`${name} is not whole`];
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A real server that still lives has exactly what it had before. */
async function serverProblems({ external }: Surroundings): Promise<readonly string[]> {
  if (!external || external.process.exitCode !== null || external.process.signalCode !== null) return [];
  const now = await patientProxiesOf(external.ownUrl);
  return JSON.stringify(now) === JSON.stringify(external.theirsBefore)
    ? []
    : [`Toxiproxy has ${JSON.stringify(now)} instead of ${JSON.stringify(external.theirsBefore)}`];
}
