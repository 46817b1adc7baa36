/**
 * Does the gate decide on a busy machine, and rightly? Runs scenarios beside endless loops, or under a CPU quota.
 * npm run bench -- busy [--scenario quickstart,fragile,trap] [--loops N | --quota CORES] [--runs N] [--at-once N]
 * A quota takes the right to make a control group (as root, cgroup v1 or v2). What it started ends with it, also when it is
 * killed; its group then goes with the next run.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startChild } from "../test/helpers/children/start-child.mjs";
import { openQuotaGroup } from "./children/quota-group.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const LOOP = fileURLToPath(new URL("children/busy-loop.mjs", import.meta.url));
const SCENARIOS = {
  quickstart: { file: "scenarios/quickstart.yaml", wanted: [0] },
  fragile: { file: "scenarios/quickstart-fragile.yaml", wanted: [1] },
  // Fail, or undecided; a pass would be wrong.
  trap: { file: "bench/busy/trap.yaml", wanted: [1, 3] },
};
/** Of one run, with all that is measured twice. */
const MOST_RUN_MS = 400_000;

const { values } = parseArgs({
  options: {
    scenario: { type: "string", default: "quickstart,fragile,trap" },
    loops: { type: "string", default: "0" },
    quota: { type: "string" },
    runs: { type: "string", default: "5" },
    "at-once": { type: "string", default: "1" },
  },
});
const [loops, runs] = [Number(values.loops), Number(values.runs)];
const quota = values.quota === undefined ? null : Number(values.quota);

/** A lane runs one after the other; each has its own quota, so that lanes do not slow one another down. */
const lanes = [];
for (let at = 0; at < Number(values["at-once"]); at++) {
  lanes.push(quota === null ? null : await openQuotaGroup(quota, at));
}
const busy = Array.from({ length: loops }, () =>
  startChild(process.execPath, [LOOP, String(process.pid)], { stdio: "ignore" }),
);
const folder = mkdtempSync(join(tmpdir(), "faultline-busy-"));

function end() {
  for (const loop of busy) loop.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));
process.on("exit", end);

function run(file, out, group) {
  return new Promise((resolve) => {
    const program = 'if [ -n "$1" ]; then echo $$ > "$1"; fi; shift; exec "$@"';
    const child = startChild(
      "/bin/sh",
      [
        "-c",
        program,
        "sh",
        group?.procs ?? "",
        process.execPath,
        "bin/faultline.js",
        "run",
        file,
        "--out",
        out,
      ],
      { cwd: root, stdio: ["ignore", "ignore", "pipe"] },
    );
    let stderr = "";
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    const timer = setTimeout(() => child.kill("SIGTERM"), MOST_RUN_MS);
    child.on("exit", (code) => {
      clearTimeout(timer);
      resolve({ code, stderr });
    });
  });
}

let isWrong = false;
try {
  for (const name of values.scenario.split(",")) {
    const { file, wanted } = SCENARIOS[name];
    const codes = [];
    let [next, again] = [0, 0];
    const inLane = async (group) => {
      while (next < runs) {
        const at = next++;
        const out = join(folder, `${name}-${at}`);
        const { code, stderr } = await run(file, out, group);
        codes.push(code);
        const twice = stderr.split("\n").filter((line) => line.includes("measured again")).length;
        again += twice;
        const reason = existsSync(join(out, "report.json"))
          ? JSON.parse(readFileSync(join(out, "report.json"), "utf8")).reason
          : stderr.trim().split("\n").at(-2);
        const load = loadavg()[0].toFixed(0);
        console.log(`${name} ${at + 1}: exit ${code}, ${twice} measured again, load ${load}: ${reason}`);
      }
    };
    await Promise.all(lanes.map(inLane));
    const right = codes.filter((code) => wanted.includes(code)).length;
    const counts = [...new Set(codes)]
      .sort()
      .map((code) => `${codes.filter((c) => c === code).length}x exit ${code}`);
    const where = quota === null ? `beside ${loops} loops` : `under a quota of ${quota} of a core`;
    console.log(
      `${name} ${where}: ${right} of ${runs} as wanted (${counts.join(", ")}), ${again} phases measured again`,
    );
    // A pass of what is broken, or a failure of what is good, is wrong however busy the machine is.
    if (codes.some((code) => (code === 0 || code === 1) && !wanted.includes(code))) isWrong = true;
  }
} finally {
  end();
  for (const group of lanes) await group?.close();
}
process.exitCode = isWrong ? 1 : 0;
