// npm run bench -- schedule [--runs 30] [--kills 20] [--seed N]: the scheduler on the real clock. First `runs` runs a minute
// apart: how late each began. Then the scheduler is killed `kills` times at random moments of a run, and started again:
// each must heal, tell of the interrupted run once and go on, and history must have each run once.
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startChild } from "../test/helpers/children/start-child.mjs";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "30" },
    kills: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
  },
});
const BIN = fileURLToPath(new URL("../bin/faultline.js", import.meta.url));
const random = randomOf(Number(values.seed));

/** Mulberry32: the same moments for the same seed. */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function makeFolder(cron) {
  const folder = mkdtempSync(join(tmpdir(), "faultline-bench-schedule-"));
  cpSync(fileURLToPath(new URL("schedule/", import.meta.url)), folder, { recursive: true });
  writeFileSync(
    join(folder, "day.yaml"),
    `gameday: 1\nname: Bench\nschedule: { cron: "${cron}", catchUp: once }\nscenarios: [slow.yaml]\n`,
  );
  return folder;
}

/** A scheduler as a process of its own, with what it has said so far. */
function start(folder) {
  const child = startChild(process.execPath, [BIN, "schedule", "day.yaml"], {
    cwd: folder,
    env: { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state"), NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      said += chunk;
    });
  const ended = once(child, "exit");
  const says = async (pattern, withinMs = 90_000) => {
    for (const untilMs = performance.now() + withinMs; performance.now() < untilMs; await sleep(50)) {
      if (pattern.test(said)) return true;
    }
    return false;
  };
  return { child, ended, says, said: () => said };
}

const daysIn = (folder) => {
  const reports = join(folder, "reports", "bench");
  return readdirSync(reports)
    .map((name) => join(reports, name, "day.json"))
    .filter(existsSync)
    .map((file) => JSON.parse(readFileSync(file, "utf8")));
};

const ledgerOf = (folder) => {
  const file = join(folder, "reports", "history.jsonl");
  return existsSync(file)
    ? readFileSync(file, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
    : [];
};

async function punctuality(count) {
  const folder = makeFolder("* * * * *");
  const scheduler = start(folder);
  while (!existsSync(join(folder, "reports", "bench"))) await sleep(1000);
  const untilMs = Date.now() + (count + 2) * 60_000;
  while (daysIn(folder).length < count && Date.now() < untilMs) await sleep(1000);
  scheduler.child.kill("SIGTERM");
  await scheduler.ended;
  const startedMs = daysIn(folder).map(({ startedAt }) => Date.parse(startedAt));
  const lateMs = startedMs.map((ms) => ms % 60_000).toSorted((a, b) => a - b);
  const minutes = new Set(startedMs.map((ms) => Math.floor(ms / 60_000)));
  console.table([
    {
      runs: startedMs.length,
      "minutes with a run": minutes.size,
      "late, median ms": lateMs[lateMs.length >> 1],
      "late, most ms": lateMs.at(-1),
    },
  ]);
  rmSync(folder, { recursive: true });
}

const LONG_AGO_MS = 3 * 3_600_000;

/** The next start finds a run that was due while it was away, so that no trial waits for the clock. */
function putBack(folder) {
  const reports = join(folder, "reports", "bench");
  mkdirSync(reports, { recursive: true });
  const file = join(reports, "schedule.json");
  const handledUntil = new Date(Date.now() - LONG_AGO_MS).toISOString();
  const fresh = { formatVersion: 1, gameDay: "Bench", schedule: "0 * * * * UTC", running: null, last: null };
  const known = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : fresh;
  writeFileSync(file, JSON.stringify({ ...known, handledUntil }));
}

async function kills(count) {
  const folder = makeFolder("0 * * * *");
  const problems = [];
  let interrupted = 0;
  let whole = 0;
  const RUN_MS = 16_000;
  for (let trial = 1; trial <= count; trial += 1) {
    putBack(folder);
    const scheduler = start(folder);
    if (!(await scheduler.says(/begins, due/))) problems.push(`${trial}: no run began\n${scheduler.said()}`);
    const afterMs = Math.round(random() * RUN_MS);
    await sleep(afterMs);
    const didEnd = /Bench: (pass|fail|inconclusive|invalid|error)/.test(scheduler.said());
    scheduler.child.kill("SIGKILL");
    await scheduler.ended;
    const next = start(folder);
    const isListed = await next.says(/Bench: next run/);
    if (!isListed) problems.push(`${trial}: the next one does not go on\n${next.said()}`);
    const tells = await next.says(/was interrupted/, didEnd ? 1_000 : 10_000);
    if (tells) interrupted += 1;
    else if (didEnd) whole += 1;
    else problems.push(`${trial}: killed ${afterMs} ms into the run, and nothing is told of it`);
    next.child.kill("SIGTERM");
    const [code] = await next.ended;
    if (code !== 0) problems.push(`${trial}: the next one ended with ${code}\n${next.said()}`);
    const heal = startChild(process.execPath, [BIN, "heal", "--dry-run"], {
      cwd: folder,
      env: { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let left = "";
    heal.stdout.on("data", (chunk) => {
      left += chunk;
    });
    await once(heal, "exit");
    if (!/nothing to heal/i.test(left)) problems.push(`${trial}: something is left\n${left}`);
  }
  const runs = ledgerOf(folder);
  const ids = new Set(runs.map(({ id }) => id));
  if (ids.size !== runs.length) problems.push(`history has ${runs.length} lines of ${ids.size} runs`);
  console.table([
    {
      kills: count,
      "told as interrupted": interrupted,
      "had ended": whole,
      "lines of history": runs.length,
      "different runs": ids.size,
      problems: problems.length,
    },
  ]);
  for (const problem of problems) console.log(problem);
  if (problems.length > 0) process.exitCode = 1;
  else rmSync(folder, { recursive: true });
}

console.log(`seed ${values.seed}`);
if (Number(values.kills) > 0) await kills(Number(values.kills));
if (Number(values.runs) > 0) await punctuality(Number(values.runs));
