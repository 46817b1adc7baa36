// npm run bench -- worker-kills [--rounds 40] [--seed 1]
// Runs with three workers, in which at a random moment the run, a worker or the NATS server is killed, or the server is started
// anew. Counts: what was sent later than three seconds after, and what the records say. Needs nats-server. Build first (npm run build).
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../dist/support/random.js";
import { startChild } from "../test/helpers/children/start-child.mjs";
import { machine, option, printTable, sleep, sum } from "./load/measure.mjs";
import { BIN, startNats } from "./workers/servers.mjs";

const rounds = option("rounds", 40);
const seed = option("seed", 1);
const RATE = 300;
const SECONDS = 8;
const VICTIMS = ["run", "worker", "server", "server, started anew"];
const random = seededRandom(seed);

let sent = [];
const target = createServer((_, response) => {
  sent.push(performance.now());
  response.end("ok");
}).listen(0, "127.0.0.1");
await once(target, "listening");

async function round(victim) {
  const folder = await mkdtemp(join(tmpdir(), "faultline-kills-"));
  const { url, port, child } = await startNats();
  let nats = child;
  const env = { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state"), NO_COLOR: "1" };
  const start = (...args) =>
    startChild(process.execPath, [BIN, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const workers = ["a", "b", "c"].map((name) => start("worker", "--nats", url, "--name", name));
  try {
    await Promise.all(workers.map((worker) => once(worker.stdout, "data")));
    await writeFile(
      join(folder, "load.yaml"),
      `faultline: 1\nname: kills\nevidence: observed\nload: { target: "http://127.0.0.1:${target.address().port}", rate: ${RATE}/s }\n` +
        `phases: { warmup: 500ms, baseline: ${SECONDS}s }\nslos: [availability >= 99%]\n`,
    );
    sent = [];
    const run = start(
      "run",
      "load.yaml",
      "--workers",
      url,
      "--expect-workers",
      "3",
      "--out",
      "report",
      "--no-retry",
    );
    run.stderr.resume();
    run.stdout.resume();
    const ended = once(run, "exit");
    while (sent.length === 0) await sleep(5);
    await sleep(1000 * random() * (SECONDS - 2));
    const killedMs = performance.now();
    if (victim === "run") run.kill("SIGKILL");
    else if (victim === "worker") workers[Math.floor(random() * 3)].kill("SIGKILL");
    else nats.kill("SIGKILL");
    if (victim === "server, started anew") {
      await sleep(200 + 1000 * random());
      nats = (await startNats(port)).child;
    }
    const [code] = await ended;
    await sleep(Math.max(0, killedMs + 3500 - performance.now()));
    const late = sent.filter((atMs) => atMs > killedMs + 3000).length;
    const goesOn = victim !== "run" && victim !== "server";
    const record = await readFile(join(folder, "report", "record.json"), "utf8").then(JSON.parse, () => null);
    const scheduled = record === null ? 0 : sum(record.phases.flatMap(({ all }) => all.scheduled));
    const lost = (record?.workers ?? []).filter((worker) => worker.lost !== null).length;
    return { code, late: goesOn ? 0 : late, scheduled, lost, ending: record?.ending.kind ?? "none" };
  } finally {
    for (const child of [...workers, nats]) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
  }
}

process.stdout.write(
  `Machine: ${machine()}\nCommand: npm run bench -- worker-kills --rounds ${rounds} --seed ${seed}\n\n`,
);
const all = new Map(VICTIMS.map((victim) => [victim, []]));
for (let at = 0; at < rounds; at++) {
  const victim = VICTIMS[at % VICTIMS.length];
  const result = await round(victim);
  all.get(victim).push(result);
  process.stderr.write(`${at + 1}: ${victim}: ${JSON.stringify(result)}\n`);
}
const told = (results, pick) => [...new Set(results.map(pick))].sort().join(", ");
printTable([
  [
    "killed",
    "times",
    "sent after 3 s",
    "exit codes",
    "ending in the record",
    "requests in the record",
    "workers lost",
  ],
  ...[...all].map(([victim, results]) => [
    victim,
    results.length,
    sum(results.map(({ late }) => late)),
    told(results, ({ code }) => code ?? "killed"),
    told(results, ({ ending }) => ending),
    told(results, ({ scheduled }) => scheduled),
    told(results, ({ lost }) => lost),
  ]),
]);
target.close();
process.exit();
