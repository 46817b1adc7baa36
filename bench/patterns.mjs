// npm run bench -- patterns [--rounds 1] [--at-once 2]: runs scenarios/service-chain/scenario.yaml with each of the 16 combinations of
// timeout, retries, circuit breaker and fallback, and holds what the report names against what was switched on. No service
// has a pool with a limit: none may be named.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startChild } from "../test/helpers/children/start-child.mjs";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "1" }, "at-once": { type: "string", default: "2" } },
});
const root = fileURLToPath(new URL("../", import.meta.url));
const BIN = join(root, "bin/faultline.js");
const SCENARIO = join(root, "scenarios/service-chain/scenario.yaml");
const folder = mkdtempSync(join(tmpdir(), "faultline-bench-patterns-"));
const IDS = ["timeout", "retries", "circuit_breaker", "fallback"];

/** What a report may say of a combination, by fault: the first answer is the right one, others are careful. */
function expected(on) {
  // Slow answers are failures only to those who give up.
  const noPool = { pool_queue: ["no", "unknown"], pool_leak: ["no", "unknown"] };
  const ifGivenUp = (is) => (is && on.timeout ? ["yes", "unknown"] : ["no", "unknown"]);
  return {
    "inventory answers 503": {
      timeout: ["unknown"],
      retries: [on.retries ? "yes" : "no"],
      circuit_breaker: [on.circuit_breaker ? "yes" : "no"],
      fallback: [on.fallback ? "yes" : "no"],
      ...noPool,
    },
    "inventory is slow": {
      timeout: [on.timeout ? "yes" : "no"],
      retries: ifGivenUp(on.retries),
      circuit_breaker: ifGivenUp(on.circuit_breaker),
      fallback: ifGivenUp(on.fallback),
      ...noPool,
    },
  };
}

async function run(on, number) {
  const out = join(folder, String(number));
  const vars = {
    timeout: on.timeout ? "300" : "",
    retries: on.retries ? "2" : "0",
    backoff: number % 2 === 0 ? "constant" : "exponential",
    breaker: on.circuit_breaker ? "on" : "off",
    fallback: on.fallback ? "on" : "off",
  };
  const args = Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}=${value}`]);
  const child = startChild(process.execPath, [BIN, "run", SCENARIO, "--out", out, "--no-history", ...args], {
    env: { ...process.env, FAULTLINE_STATE_DIR: join(folder, `state-${number}`) },
    stdio: "ignore",
  });
  const [code] = await once(child, "exit");
  const wrong = [];
  let report;
  try {
    report = JSON.parse(readFileSync(join(out, "report.json"), "utf8"));
  } catch {
    return [`no report, exit ${code}`];
  }
  for (const [fault, ids] of Object.entries(expected(on))) {
    const patterns = report.faults.find(({ name }) => name === fault)?.patterns;
    if (patterns === undefined) {
      wrong.push(`${fault}: nothing was named, exit ${code}: ${report.reason}`);
      continue;
    }
    for (const [id, allowed] of Object.entries(ids)) {
      const { seen, text } = patterns.find((pattern) => pattern.id === id) ?? { seen: "missing", text: "" };
      if (!allowed.includes(seen)) wrong.push(`${fault}: ${id} is ${seen}, not ${allowed[0]}: ${text}`);
    }
  }
  return wrong;
}

const combinations = Array.from({ length: 16 }, (_, bits) =>
  Object.fromEntries(IDS.map((id, at) => [id, Boolean(bits & (1 << at))])),
);
const jobs = Array.from({ length: Number(values.rounds) }, () => combinations).flat();
let next = 0;
let right = 0;
async function work() {
  while (next < jobs.length) {
    const number = next++;
    const on = jobs[number];
    const wrong = await run(on, number);
    const name = IDS.filter((id) => on[id]).join(", ") || "nothing";
    console.log(`${wrong.length === 0 ? "right" : "WRONG"}  ${name}`);
    for (const line of wrong) console.log(`       ${line}`);
    if (wrong.length === 0) right++;
  }
}
await Promise.all(Array.from({ length: Number(values["at-once"]) }, work));
console.log(`${right} of ${jobs.length} right`);
if (right < jobs.length) process.exitCode = 1;
rmSync(folder, { recursive: true });
