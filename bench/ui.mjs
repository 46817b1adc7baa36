// npm run bench -- ui [--watchers 200] [--seconds 10] [--rate 1000] [--rounds 5]
// What the live page costs: the generator's own lateness (p99) and this process's CPU time and memory with nobody and with
// many who watch, in turns. Those who watch are a process of their own. Build first (npm run build).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { LivePage } from "../dist/live/live-page.js";
import { startLoad } from "../dist/load/start-load.js";
import { machine, median, openModel, option, planFor, printTable, sleep, sum } from "./load/measure.mjs";
import { startTarget } from "./load/target.mjs";

const watchers = option("watchers", 200);
const seconds = option("seconds", 10);
const rate = option("rate", 1000);
const rounds = option("rounds", 5);

const WATCHERS = `
const { get, Agent } = require("node:http");
const [url, count] = [process.argv[1], Number(process.argv[2])];
const agent = new Agent({ keepAlive: false });
let open = 0;
for (let n = 0; n < count; n++) {
  get(url + "events", { agent }, (answer) => {
    answer.resume();
    open += 1;
    if (open === count) console.log("all");
  });
}
`;

/** `count` null: there is no page at all. */
async function round(url, count) {
  const page =
    count === null ? null : await LivePage.open({ address: LOOPBACK, halt: () => {}, note: () => {} });
  const run = { name: "bench", file: "bench.yaml", folder: null, lineOf: () => null };
  page?.start(run);
  page?.phase({ id: "measured", kind: "baseline", fault: null, trial: null, plannedMs: seconds * 1000 });
  const crowd = count ? spawn(process.execPath, ["-e", WATCHERS, page.url, String(count)]) : null;
  if (crowd) await once(crowd.stdout, "data");
  const session = await startLoad({
    plan: planFor(url, openModel(rate)),
    onLive: (sample) => page?.live(sample),
  });
  try {
    await session.begin({ id: "warm-up", limits: [] });
    await sleep(2000);
    const before = process.cpuUsage();
    await session.begin({ id: "measured", limits: [] });
    await sleep(seconds * 1000);
    const used = process.cpuUsage(before);
    await session.end();
    const { lag } = (await session.drain("measured")).all.histograms;
    return {
      lagP99Ms: lag.atRankUs(Math.ceil(0.99 * lag.count)) / 1000,
      cpuShare: (used.user + used.system) / (seconds * 1e6),
      rssMiB: process.memoryUsage().rss / 2 ** 20,
      watched: page?.watchers ?? { count: 0, dropped: 0 },
    };
  } finally {
    await session.stop();
    crowd?.kill();
    await page?.close();
  }
}

const LOOPBACK = { host: "127.0.0.1", port: 0 };
const contenders = [
  ["no page", null],
  ["a page, nobody watches", 0],
  [`${watchers} watch`, watchers],
];
const target = await startTarget();
const results = new Map(contenders.map(([name]) => [name, []]));
process.stdout.write(
  `Machine: ${machine()}\nTarget: ${target.name}, ${rate} requests/s for ${seconds} s\n\n`,
);
try {
  for (let number = 1; number <= rounds; number++) {
    for (const [name, count] of contenders) {
      process.stderr.write(`round ${number} of ${rounds}: ${name}\n`);
      results.get(name).push(await round(target.url, count));
    }
  }
} finally {
  await target.stop();
}
const rows = [...results].map(([name, all]) => {
  const lags = all.map(({ lagP99Ms }) => lagP99Ms);
  return [
    name,
    `${median(lags).toFixed(2)} ms (${Math.min(...lags).toFixed(2)}–${Math.max(...lags).toFixed(2)})`,
    `${(100 * median(all.map(({ cpuShare }) => cpuShare))).toFixed(1)} %`,
    `${median(all.map(({ rssMiB }) => rssMiB)).toFixed(0)} MiB`,
    String(sum(all.map(({ watched }) => watched.dropped))),
  ];
});
printTable([["", "lag p99, median (least–most)", "CPU of one core", "memory", "dropped"], ...rows]);
