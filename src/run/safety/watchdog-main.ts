/** The watchdog process, see watchdog.ts. Arguments: state folder, path of the journal, names of drivers. */

import { loadUndos } from "../../faults/undo-entries.js";
import { Patience, sleep } from "../../support/clock.js";
import { cpuSOf } from "../../support/processes/process-table.js";
import { msSinceBoot } from "./boot-clock.js";
import { healRun } from "./heal/heal.js";
import { liftFaults } from "./heal/lift-faults.js";
import { BEAT_MS, Silence } from "./lease.js";
import {
  WATCHDOG_BEAT,
  WATCHDOG_DONE,
  WATCHDOG_LAPSED,
  WATCHDOG_LIFTED,
  WATCHDOG_READY,
} from "./watchdog-protocol.js";

/**
 * No new attempt after this time. What is left then waits for `faultline heal`. A server that is paused for some seconds,
 * or whose machine has far too much to do, answers again by then.
 */
const TRY_FOR_MS = 60_000;
const PAUSE_MS = 250;

// It ends with the pipe. A terminal or a service manager that signals whole trees does not end it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
// When it matters, nobody listens to its output any more.
process.stdout.on("error", () => {});

const [stateFolder = "", journalPath = "", ...drivers] = process.argv.slice(2);

/** The end of what the runner has said. */
let said = "";
/** Of the runner. */
const silence = new Silence();
const runner = process.ppid;
let isRunnerGone = false;
/** Pending while the faults of a runner that stands still are being taken out. */
let lifting: Promise<void> | null = null;

process.stdin.setEncoding("utf8");
process.stdin.on("data", (text: string) => {
  said = (said + text).slice(-WATCHDOG_DONE.length);
  if (!text.includes(WATCHDOG_BEAT)) return;
  silence.heard(msSinceBoot());
});
process.stdin.on("error", () => {});
process.stdin.once("close", () => void onRunnerGone());

// After what the runner has said is read: this process may have had no CPU itself.
const looking = setInterval(() => setImmediate(look), BEAT_MS);

// Before it is ready: the files may be out of reach when it matters.
await loadUndos(drivers);
process.stdout.write(WATCHDOG_READY);

function look(): void {
  if (isRunnerGone || !silence.isOver({ atMs: msSinceBoot(), cpu: cpuSOf(runner) })) return;
  lifting ??= lift().finally(forgetLifting);
}

/** Repeats until it has worked, or until the runner goes on or ends. At its end everything is undone. */
async function lift(): Promise<void> {
  // Said first: a runner that goes on must not judge what follows.
  process.stdout.write(WATCHDOG_LAPSED);
  const silentSinceMs = silence.heardAtMs;
  const goesOn = () => isRunnerGone || silence.heardAtMs !== silentSinceMs;
  while ((await liftFaults(journalPath)).failures.length > 0 && !goesOn()) await sleep(BEAT_MS);
  process.stdout.write(WATCHDOG_LIFTED);
  // Once for each standstill: the next sign of life begins a new lease.
  silence.forget();
}

function forgetLifting(): void {
  lifting = null;
}

async function onRunnerGone(): Promise<void> {
  isRunnerGone = true;
  clearInterval(looking);
  await lifting;
  if (said === WATCHDOG_DONE) process.exit(0);
  const diedAtMs = performance.now();
  const patience = new Patience(TRY_FOR_MS);
  for (;;) {
    const healed = await healRun(stateFolder, journalPath, { diedAtMs }).catch(() => null);
    if (healed?.failures.length === 0) process.exit(0);
    if (patience.leftMs === 0) process.exit(1);
    await sleep(PAUSE_MS);
  }
}
