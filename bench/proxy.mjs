// npm run bench -- proxy [--rounds N] [--only NAME]
// The embedded Toxiproxy (as `faultline proxy`, a process of its own) against a real toxiproxy-server when one is on
// PATH, else against the direct connection; in alternating runs, the better of which count (of rates the median).
// Linux: RSS from /proc.
import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startChild } from "../test/helpers/children/start-child.mjs";
import {
  cpuUs,
  freePort,
  installed,
  running,
  SECONDS,
  sleep,
  small,
  start,
  traffic,
} from "./proxy/processes.mjs";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, only: { type: "string" } },
});
const rounds = Number(values.rounds);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const GIB = 2 ** 30;
const BANDWIDTH_SECONDS = 10;
const BANDWIDTHS_KB_PER_S = [100, 1_000, 5_000, 10_000, 20_000, 50_000];

/** What stands between client and upstream: `through(port)` gives the port to connect to. */
const contenders = {
  async faultline() {
    const server = start(process.execPath, [here("../bin/faultline.js"), "proxy", "--port", "0"]);
    const url = /http:[^\s,]+/.exec(await server.line)[0];
    return {
      pid: server.pid,
      stop: server.stop,
      through: (port, toxic, name) => makeProxy(url, port, toxic, name),
    };
  },
  async toxiproxy() {
    const port = await freePort();
    const child = startChild("toxiproxy-server", ["-port", String(port)], { stdio: "ignore" });
    running.add(child);
    const url = `http://127.0.0.1:${port}`;
    for (let i = 0; i < 50 && !(await fetch(`${url}/version`).catch(() => null)); i++) await sleep(100);
    const stop = async () => {
      child.kill();
      running.delete(child);
    };
    return {
      pid: child.pid,
      stop,
      through: (upstream, toxic, name) => makeProxy(url, upstream, toxic, name),
    };
  },
  direct: async () => ({ pid: null, stop: async () => {}, through: async (port) => port }),
};

async function makeProxy(url, port, toxic, name = "bench") {
  const post = async (path, body) => {
    const answer = await fetch(url + path, { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  const made = await post("/proxies", {
    name,
    listen: "127.0.0.1:0",
    upstream: `127.0.0.1:${port}`,
  });
  if (toxic) await post(`/proxies/${name}/toxics`, toxic);
  return Number(made.listen.split(":").pop());
}

const rssMiB = (pid) =>
  pid === null ? null : Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;

async function bulk(contender) {
  const source = traffic("source", { bytes: GIB });
  const port = await contender.through((await source.result).port);
  const before = cpuUs(contender.pid);
  const { bytes, seconds } = await traffic("sink", { port }).result;
  const cpuS = (cpuUs(contender.pid) - before) / 1e6;
  await source.stop();
  if (bytes !== GIB) throw new Error(`${bytes} of ${GIB} bytes arrived`);
  return { gibPerS: 1 / seconds, cpuS };
}

async function latency(contender) {
  const echo = traffic("echo");
  const toxic = { type: "latency", attributes: { latency: 100 } };
  const port = await contender.through((await echo.result).port, toxic);
  const result = await traffic("pings", { port, connections: 200, seconds: SECONDS }).result;
  await echo.stop();
  return result;
}

async function bandwidth(contender) {
  const percent = {};
  for (const rate of BANDWIDTHS_KB_PER_S) {
    const source = traffic("source", { bytes: rate * 1000 * BANDWIDTH_SECONDS });
    const toxic = { type: "bandwidth", attributes: { rate } };
    const port = await contender.through((await source.result).port, toxic, `rate-${rate}`);
    const { bytesPerMs } = await traffic("sink", { port }).result;
    await source.stop();
    // 1 KB is 1,000 bytes.
    percent[rate] = (100 * bytesPerMs) / rate;
  }
  return percent;
}

async function open5000(contender) {
  const echo = traffic("echo");
  const port = await contender.through((await echo.result).port);
  const holders = traffic("holders", { port, connections: 5000 });
  const result = await holders.result;
  const rss = rssMiB(contender.pid);
  await Promise.all([holders.stop(), echo.stop()]);
  return { ...result, rss };
}

async function slowReaders(contender) {
  const source = traffic("source");
  const port = await contender.through((await source.result).port);
  const readers = traffic("slowReaders", { port, connections: 1000 });
  await readers.result;
  let rss = 0;
  for (let i = 0; i < 12; i++) {
    await sleep(500);
    rss = Math.max(rss, rssMiB(contender.pid) ?? 0);
  }
  await Promise.all([readers.stop(), source.stop()]);
  return { rss };
}

const highest = (runs, key) => Math.max(...runs.map((run) => run[key]));
const medianOf = (runs, key) => runs.map((run) => run[key]).sort((a, b) => a - b)[runs.length >> 1];
const lowest = (runs, key) => Math.min(...runs.map((run) => run[key]));
const ratio = (ours, theirs) => `${(ours / theirs).toFixed(2)} x`;

/** Each: how to run it, and the rows it gives: [what, ours, theirs, target, met]. */
const BENCHMARKS = {
  small: {
    run: small,
    rows(ours, theirs, peer) {
      const [rate, theirRate] = [highest(ours, "ratePerS"), highest(theirs, "ratePerS")];
      const [p99, theirP99] = [lowest(ours, "p99"), lowest(theirs, "p99")];
      const real = peer === "toxiproxy";
      return [
        [
          "small requests, 50 connections",
          `${rate.toFixed(0)}/s`,
          `${theirRate.toFixed(0)}/s`,
          `${ratio(rate, theirRate)}${real ? " (>= 1.0 x)" : ""}`,
          !real || rate >= theirRate,
        ],
        [
          "  their p99",
          `${p99.toFixed(2)} ms`,
          `${theirP99.toFixed(2)} ms`,
          real ? "not above" : "",
          !real || p99 <= theirP99,
        ],
        ["  CPU for one", us(lowest(ours, "cpuUs")), us(lowest(theirs, "cpuUs")), "", true],
      ];
    },
  },
  bulk: {
    run: bulk,
    rows(ours, theirs, peer) {
      const [rate, theirRate] = [highest(ours, "gibPerS"), highest(theirs, "gibPerS")];
      const real = peer === "toxiproxy";
      return [
        [
          "bulk, 1 GiB",
          `${rate.toFixed(2)} GiB/s`,
          `${theirRate.toFixed(2)} GiB/s`,
          `${ratio(rate, theirRate)}${real ? " (>= 0.8 x)" : ""}`,
          !real || rate >= 0.8 * theirRate,
        ],
        ["  CPU for it", cpuS(lowest(ours, "cpuS")), cpuS(lowest(theirs, "cpuS")), "", true],
      ];
    },
  },
  latency: {
    run: latency,
    rows(ours, theirs) {
      const row = (name, q, limit) => {
        const [value, other] = [lowest(ours, q), lowest(theirs, q)];
        return [name, `${value.toFixed(1)} ms`, `${other.toFixed(1)} ms`, `<= ${limit} ms`, value <= limit];
      };
      const min = lowest(ours, "min");
      return [
        row("latency 100 ms, 200 connections: p50", "p50", 102),
        row("  p99", "p99", 108),
        [
          "  fastest",
          `${min.toFixed(2)} ms`,
          `${lowest(theirs, "min").toFixed(2)} ms`,
          ">= 100 ms",
          min >= 100,
        ],
      ];
    },
  },
  bandwidth: {
    run: bandwidth,
    rows: (ours, theirs, peer) =>
      BANDWIDTHS_KB_PER_S.map((rate) => {
        const [mine, other] = [medianOf(ours, rate), medianOf(theirs, rate)];
        const most = rate > 20_000 ? 3 : 1;
        return [
          `bandwidth ${rate.toLocaleString("en")} KB/s: kept to`,
          `${mine.toFixed(2)} %`,
          peer === "toxiproxy" ? `${other.toFixed(2)} %` : "-",
          `100 % ± ${most} %`,
          Math.abs(mine - 100) <= most,
        ];
      }),
  },
  open: {
    run: open5000,
    rows: (ours, theirs) => [
      [
        "5,000 connections: working at once",
        String(lowest(ours, "open")),
        String(lowest(theirs, "open")),
        "5000",
        lowest(ours, "open") === 5000,
      ],
      [
        "  opened in",
        `${lowest(ours, "seconds").toFixed(1)} s`,
        `${lowest(theirs, "seconds").toFixed(1)} s`,
        "",
        true,
      ],
      ["  resident memory", mib(highest(ours, "rss")), mib(highest(theirs, "rss")), "", true],
    ],
  },
  slow: {
    run: slowReaders,
    rows: (ours, theirs) => [
      [
        "1,000 slow readers: resident memory",
        mib(highest(ours, "rss")),
        mib(highest(theirs, "rss")),
        "< 150 MiB",
        highest(ours, "rss") < 150,
      ],
    ],
  },
};

function us(value) {
  return value ? `${value.toFixed(1)} us` : "-";
}

function cpuS(value) {
  return value ? `${value.toFixed(2)} s` : "-";
}

function mib(value) {
  return value ? `${value.toFixed(0)} MiB` : "-";
}

async function measure(benchmark, name) {
  const contender = await contenders[name]();
  try {
    return await benchmark.run(contender);
  } finally {
    await contender.stop();
  }
}

const peer = installed("toxiproxy-server", "-version") ? "toxiproxy" : "direct";
const table = [["", "faultline", peer, "target", ""]];
try {
  for (const [name, benchmark] of Object.entries(BENCHMARKS)) {
    if (values.only && values.only !== name) continue;
    const [ours, theirs] = [[], []];
    for (let round = 0; round < rounds; round++) {
      ours.push(await measure(benchmark, "faultline"));
      theirs.push(await measure(benchmark, peer));
      process.stderr.write(
        `${name} ${round + 1}/${rounds} ${JSON.stringify({ faultline: ours.at(-1), [peer]: theirs.at(-1) })}\n`,
      );
    }
    for (const [what, mine, other, target, met] of benchmark.rows(ours, theirs, peer)) {
      table.push([what, mine, other, target, met ? "" : "MISSED"]);
    }
  }
} finally {
  for (const child of running) child.kill();
}
const widths = table[0].map((_, i) => Math.max(...table.map((row) => row[i].length)));
for (const row of table)
  process.stdout.write(
    `${row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join("  ")
      .trimEnd()}\n`,
  );
process.stdout.write(
  `best of ${rounds} alternating runs; ${cpus().length} CPUs, load ${loadavg()[0].toFixed(1)}, Node ${process.versions.node}\n`,
);
