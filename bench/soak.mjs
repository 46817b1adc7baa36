// npm run bench -- soak [--minutes 10] [--rate 5000]
// Whether memory stays flat, and how large an hour's record becomes. Build first (npm run build).
import { startLoad } from "../dist/load/start-load.js";
import { machine, openModel, option, planFor, printTable, REQUEST, sleep, sum } from "./load/measure.mjs";
import { startTarget } from "./load/target.mjs";

const minutes = option("minutes", 10);
const rate = option("rate", 5000);
const MIB = 2 ** 20;

const target = await startTarget();
const requests = ["a", "b", "c"].map((name) => ({ ...REQUEST, name, path: `/${name}` }));
const session = await startLoad({
  plan: planFor(target.url, openModel(rate), { timeoutMs: 2000, mix: { kind: "requests", requests } }),
});
process.stdout.write(`Machine: ${machine()}\nTarget: ${target.name}\n`);
process.stdout.write(`Command: npm run bench -- soak --minutes ${minutes} --rate ${rate}\n\n`);
try {
  await session.begin({ id: "soak", limits: [{ request: null, limitUs: 100_000 }] });
  const rows = [["minute", "resident MiB (mean of the minute's last 20 s)"]];
  for (let minute = 1; minute <= minutes; minute++) {
    await sleep(40_000);
    const samples = [];
    for (let i = 0; i < 20; i++) {
      await sleep(1000);
      samples.push(process.memoryUsage.rss() / MIB);
    }
    rows.push([minute, (sum(samples) / samples.length).toFixed(1)]);
    process.stderr.write(`minute ${minute}: ${rows.at(-1)[1]} MiB\n`);
  }
  await session.end();
  const measured = await session.drain("soak");
  printTable(rows);
  const growth = Number(rows.at(-1)[1]) - Number(rows[1][1]);
  const perHour = (JSON.stringify(measured).length / measured.durationS) * 3600;
  process.stdout.write(
    `\nGrowth since minute 1: ${growth.toFixed(1)} MiB. ` +
      `Scheduled ${sum(measured.all.scheduled)}, ok ${sum(measured.all.outcomes.ok)}. ` +
      `Record of an hour with 3 request names: ${(perHour / MIB).toFixed(2)} MiB.\n`,
  );
} finally {
  await session.stop();
  await target.stop();
}
