// How long the command line takes to start, in alternating runs against `node -e 0`: npm run bench -- cli [--runs N]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { runs: { type: "string", default: "15" } } });
const runs = Number(values.runs);
const root = fileURLToPath(new URL("..", import.meta.url));
const bin = `${root}bin/faultline.js`;

const COMMANDS = {
  "node -e 0": ["-e", "0"],
  "faultline --version": [bin, "--version"],
  "faultline --help": [bin, "--help"],
  "faultline validate scenarios/quickstart.yaml": [bin, "validate", `${root}scenarios/quickstart.yaml`],
};

const times = Object.fromEntries(Object.keys(COMMANDS).map((name) => [name, []]));
for (let run = -1; run < runs; run += 1) {
  for (const [name, args] of Object.entries(COMMANDS)) {
    const startMs = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    if (status !== 0) throw new Error(`${name} exited with ${status}\n${stderr}`);
    if (run >= 0) times[name].push(performance.now() - startMs);
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const base = times["node -e 0"];
console.log(`| command | median of ${runs} | ratio to \`node -e 0\` (median of pairs) |\n|---|---|---|`);
for (const [name, values] of Object.entries(times)) {
  const ratio = median(values.map((value, index) => value / base[index]));
  console.log(`| \`${name}\` | ${median(values).toFixed(0)} ms | ${ratio.toFixed(2)} |`);
}
