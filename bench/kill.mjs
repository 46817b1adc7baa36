// npm run bench -- kill [--trials 300] [--at-once 6] [--seed N] [--only "Toxiproxy|disk"]: the kill test at length, with the times from when it
// happens to the end of the run and until nothing of it is left. TOXIPROXY_SERVER names a real toxiproxy-server to use
// instead of `faultline proxy`.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startChild } from "../test/helpers/children/start-child.mjs";

const { values } = parseArgs({
  options: {
    trials: { type: "string", default: "300" },
    "at-once": { type: "string", default: "6" },
    seed: { type: "string" },
    only: { type: "string" },
  },
});
const folder = mkdtempSync(join(tmpdir(), "faultline-bench-kill-"));
const results = join(folder, "results.json");
const root = fileURLToPath(new URL("../", import.meta.url));
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const child = startChild(process.execPath, [vitest, "run", "test/e2e/kill.test.ts"], {
  cwd: root,
  env: {
    ...process.env,
    KILL_TRIALS: values.trials,
    KILL_AT_ONCE: values["at-once"],
    KILL_RESULTS: results,
    ...(values.seed && { KILL_SEED: values.seed }),
    ...(values.only && { KILL_ONLY: values.only }),
  },
  stdio: "inherit",
});
const [status] = await once(child, "exit");
process.exitCode = status ?? 1;

const byEnding = new Map();
for (const trial of JSON.parse(readFileSync(results, "utf8"))) {
  byEnding.set(trial.ending, [...(byEnding.get(trial.ending) ?? []), trial]);
}
const at = (numbers, q) => numbers.toSorted((a, b) => a - b)[Math.ceil(q * numbers.length) - 1] ?? "-";
console.table(
  [...byEnding].map(([ending, trials]) => {
    const happened = trials.filter((trial) => trial.happened);
    const exitMs = happened.map((trial) => trial.exitMs);
    const cleanMs = happened.map((trial) => trial.cleanMs);
    return {
      ending,
      trials: trials.length,
      happened: happened.length,
      "broken promises": trials.filter((trial) => trial.problems.length > 0).length,
      exits: [...new Set(happened.map((trial) => trial.exit))].join(" "),
      "to the exit, median ms": at(exitMs, 0.5),
      "max ms": at(exitMs, 1),
      "until clean, median ms": at(cleanMs, 0.5),
      "max ms ": at(cleanMs, 1),
    };
  }),
);
rmSync(folder, { recursive: true });
