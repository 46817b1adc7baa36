import { type ChildProcess, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LEASE_MS } from "../../../src/run/safety/lease.js";
import { processTable } from "../../../src/support/processes/process-table.js";
import { BIN, processesOf, proxiesOf, type Surroundings } from "./surroundings.js";

/** On top of the lease, for a machine that does much else. */
const GRACE_MS = 6_000;

/**
 * Stops the run for longer than its lease, sees what becomes of its faults and what `heal` says of it, and lets it go on.
 * Resolves with what was wrong.
 */
export async function stopForAWhile(run: ChildProcess, here: Surroundings): Promise<readonly string[]> {
  run.kill("SIGSTOP");
  // Its way into the state folder may just have begun, or ended.
  const hasJournal = journals(here).length > 0;
  const deadline = performance.now() + LEASE_MS + GRACE_MS;
  // So long that the run itself sees it, too.
  await pause(LEASE_MS + 1_500);
  const inPlace = async () => [...(await faultsOf(here)), ...stoppedOf(here, run.pid)];
  let faults = await inPlace();
  while (faults.length > 0 && performance.now() < deadline) {
    await pause(100);
    faults = await inPlace();
  }
  const problems = faults.map((fault) => `${fault} is in place, and the run stands still`);
  if (hasJournal) {
    const healed = spawnSync(process.execPath, [BIN, "heal"], {
      env: { ...process.env, FAULTLINE_STATE_DIR: here.state },
      encoding: "utf8",
    });
    if (healed.status !== 5 || !/left alone, process \d+ is stopped/.test(healed.stdout))
      problems.push(`heal exited with ${healed.status} and said of a stopped run: ${healed.stdout}`);
  }
  run.kill("SIGCONT");
  return problems;
}

function journals({ state }: Surroundings): readonly string[] {
  const runs = join(state, "runs");
  return existsSync(runs) ? readdirSync(runs).filter((name) => name.endsWith(".jsonl")) : [];
}

/** Processes of its service that are stopped, as the run itself is. */
function stoppedOf(here: Surroundings, run: number | undefined): readonly string[] {
  return processesOf(here)
    .filter(({ pid }) => pid !== run && processTable.row(pid)?.isStopped === true)
    .map(({ pid, command }) => `stopped process ${pid} (${command})`);
}

/** What of the run acts on its own proxy. */
async function faultsOf({ external }: Surroundings): Promise<readonly string[]> {
  if (!external) return [];
  const listed = await proxiesOf(external.ownUrl);
  const { dependency } = JSON.parse(JSON.stringify(listed));
  if (!dependency) return [];
  const toxics: { readonly name: string }[] = dependency.toxics;
  return [
    ...toxics.filter(({ name }) => name.startsWith("faultline_")).map(({ name }) => `toxic ${name}`),
    ...(dependency.enabled ? [] : ["a disabled proxy"]),
  ];
}
