// npm run bench -- shipped [--runs 10] [--only redis-cache,saga] [--at-once 1]: the test of each shipped scenario so many times, with no
// second try, and what the runs' verdicts were: those of careful services, and those of careless ones.
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startChild } from "../test/helpers/children/start-child.mjs";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10" },
    only: { type: "string" },
    "at-once": { type: "string", default: "1" },
  },
});
const root = fileURLToPath(new URL("../", import.meta.url));
const TESTS = "test/e2e/scenarios";
const folder = mkdtempSync(join(tmpdir(), "faultline-bench-shipped-"));
const vitest = join(root, "node_modules/vitest/vitest.mjs");

const all = readdirSync(join(root, TESTS)).map((file) => file.replace(/\.test\.ts$/, ""));
const names = values.only?.split(",") ?? all;
const unknown = names.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no test in ${TESTS} is called ${unknown.join(", ")}: there are ${all.join(", ")}`);
  process.exit(2);
}

/** Runs the test once. */
async function runTest(name, number) {
  const [results, runs] = [join(folder, `${name}-${number}.json`), join(folder, `${name}-${number}.jsonl`)];
  const args = ["run", `${TESTS}/${name}.test.ts`, "--reporter", "json", "--outputFile", results];
  const child = startChild(process.execPath, [vitest, ...args], {
    cwd: root,
    env: { ...process.env, CI: "true", SHIPPED_RETRIES: "0", SHIPPED_RESULTS: runs },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  await once(child, "close");
  const { testResults = [] } = existsSync(results) ? JSON.parse(readFileSync(results, "utf8")) : {};
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  // As where dist/ is not of these sources.
  if (tests.length === 0) throw new Error(`the test of ${name} did not run:\n${stderr}`);
  return {
    isRight: tests.every(({ status }) => status === "passed"),
    tookS: tests.reduce((sum, { duration }) => sum + (duration ?? 0), 0) / 1000,
    messages: tests.flatMap(({ failureMessages }) => failureMessages ?? []),
    runs: existsSync(runs)
      ? readFileSync(runs, "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line))
      : [],
  };
}

function count(words) {
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, times]) => `${times} ${word}`).join(", ");
}

const done = new Map(names.map((name) => [name, []]));
const jobs = Array.from({ length: Number(values.runs) }, (_, number) =>
  names.map((name) => ({ name, number })),
).flat();
async function work() {
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    const { name, number } = job;
    const result = await runTest(name, number);
    done.get(name).push(result);
    console.log(`${result.isRight ? "right" : "WRONG"}  ${name}, ${Math.round(result.tookS)} s`);
    for (const message of result.messages) console.log(message.replaceAll(/^/gm, "       "));
  }
}
await Promise.all(Array.from({ length: Number(values["at-once"]) }, work));

const variant = ({ vars }) =>
  Object.entries(vars)
    .map(([key, value]) => `${key}: ${value}`)
    .join(", ") || "careful";
console.table(
  [...done].map(([name, results]) => {
    const runs = results.flatMap((result) => result.runs);
    const variants = [...new Set(runs.map(variant))];
    const seconds = results.map(({ tookS }) => tookS).toSorted((a, b) => a - b);
    return {
      scenario: name,
      right: `${results.filter(({ isRight }) => isRight).length} of ${results.length}`,
      "median s": Math.round(seconds[Math.ceil(seconds.length / 2) - 1] ?? 0),
      verdicts: variants
        .map(
          (each) =>
            `${each}: ${count(runs.filter((run) => variant(run) === each).map(({ verdict }) => verdict))}`,
        )
        .join("; "),
    };
  }),
);
if ([...done.values()].flat().some(({ isRight }) => !isRight)) process.exitCode = 1;
rmSync(folder, { recursive: true });
