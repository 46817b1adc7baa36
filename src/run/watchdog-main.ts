/** The watchdog process, see watchdog.ts. Arguments: state folder, path of the journal. */

import { sleep } from "../support/clock.js";
import { healRun } from "./heal.js";
import { WATCHDOG_DONE, WATCHDOG_READY } from "./watchdog-protocol.js";

/**
 * No new attempt after this; what is left then waits for `faultline heal`. Servers that are busy or paused for some
 * seconds answer again by then.
 */
const TRY_FOR_MS = 15_000;
const PAUSE_MS = 250;

// It ends with the pipe, not with a terminal or a service manager that signals whole trees.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
// Nobody listens to its output any more when it matters.
process.stdout.on("error", () => {});

const [stateFolder = "", journalPath = ""] = process.argv.slice(2);
process.stdout.write(WATCHDOG_READY);

let said = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (text: string) => {
  said += text;
});
process.stdin.on("error", () => {});
process.stdin.once("close", () => void onRunnerGone());

async function onRunnerGone(): Promise<void> {
  if (said === WATCHDOG_DONE) process.exit(0);
  const deadline = performance.now() + TRY_FOR_MS;
  for (;;) {
    const healed = await healRun(stateFolder, journalPath, { justDied: true }).catch(() => null);
    if (healed?.failures.length === 0) process.exit(0);
    if (performance.now() > deadline) process.exit(1);
    await sleep(PAUSE_MS);
  }
}
