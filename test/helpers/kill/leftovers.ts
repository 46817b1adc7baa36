import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isListening } from "../../../src/run/tcp-probe.js";
import type { Ending } from "./endings.js";
import { BIN, processesOf, proxiesOf, type Surroundings } from "./surroundings.js";

/** What is promised: nothing is left so long after the end has come. */
const PROMISED_MS = 3_000;
/** On top of that, for the machine: the tests run several trials at once on few cores. */
const GRACE_MS = 3_000;

/** What is still there when the promised time is over. */
export async function leftovers(
  ending: Ending,
  here: Surroundings,
  sinceMs: number,
): Promise<readonly string[]> {
  let deadline = sinceMs + PROMISED_MS + GRACE_MS;
  if (ending === "Toxiproxy hangs") {
    // What it holds can be undone only when it answers again; that is what the exit code and `heal` are for.
    await pause(PROMISED_MS);
    here.external?.process.kill("SIGCONT");
    const healed = spawnSync(process.execPath, [BIN, "heal"], {
      env: { ...process.env, FAULTLINE_STATE_DIR: here.state },
      encoding: "utf8",
    });
    deadline = performance.now() + PROMISED_MS;
    if (healed.status !== 0) return [`heal exited with ${healed.status}: ${healed.stdout}${healed.stderr}`];
  }
  let problems = await look(here);
  while (problems.length > 0 && performance.now() < deadline) {
    await pause(50);
    problems = await look(here);
  }
  return problems;
}

async function look(here: Surroundings): Promise<string[]> {
  const problems = processesOf(here).map(({ pid, command }) => `process ${pid} is left: ${command}`);
  for (const port of here.ports) {
    if (await isListening("127.0.0.1", port)) problems.push(`port ${port} is still open`);
  }
  const runs = join(here.state, "runs");
  const state = [
    ...(existsSync(runs) ? readdirSync(runs) : []),
    ...(existsSync(here.state) ? readdirSync(here.state) : []),
  ];
  const foreign = state.filter((name) => name !== "runs" && name !== "ballast");
  if (foreign.length > 0) problems.push(`left in the state folder: ${foreign.join(", ")}`);
  problems.push(...reportProblems(here), ...(await serverProblems(here)));
  return problems;
}

/** Every report file is whole, or not there. */
function reportProblems({ reports }: Surroundings): readonly string[] {
  if (!existsSync(join(reports, "run"))) return [];
  return readdirSync(join(reports, "run")).flatMap((name) => {
    const text = readFileSync(join(reports, "run", name), "utf8");
    if (name.startsWith(".")) return [`unfinished file ${name}`];
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
  const now = await proxiesOf(external.url);
  return JSON.stringify(now) === JSON.stringify(external.theirsBefore)
    ? []
    : [`Toxiproxy has ${JSON.stringify(now)} instead of ${JSON.stringify(external.theirsBefore)}`];
}
