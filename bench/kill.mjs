// npm run bench -- kill [--trials 300] [--at-once 6] [--seed N]: the kill test at length. TOXIPROXY_SERVER names a real
// toxiproxy-server to be used beside the embedded one.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    trials: { type: "string", default: "300" },
    "at-once": { type: "string", default: "6" },
    seed: { type: "string" },
  },
});
const { status } = spawnSync("npx", ["vitest", "run", "test/e2e/kill.test.ts"], {
  cwd: fileURLToPath(new URL("../", import.meta.url)),
  env: {
    ...process.env,
    KILL_TRIALS: values.trials,
    KILL_AT_ONCE: values["at-once"],
    ...(values.seed && { KILL_SEED: values.seed }),
  },
  stdio: "inherit",
});
process.exitCode = status ?? 1;
