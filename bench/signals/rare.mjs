/** What is rarely seen, many times at once: a real Prometheus scrapes it, and the verdicts on it are counted. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeSignal } from "../../dist/analysis/slo/signal.js";
import { openSource } from "../../dist/signals/sources.js";
import { metricOf } from "../../dist/slo/metrics/index.js";
import { parseSlo } from "../../dist/slo/parse.js";
import { monotonicMs } from "../../dist/support/clock.js";
import { startChild } from "../../test/helpers/children/start-child.mjs";
import { table } from "../simulation/table.mjs";

const PHASE_S = 45;
const GAP_S = 30;
const RATE_PER_S = 200;
/** Shares of bad ones; 1 % is promised. */
const TRUTHS = { good: 0.002, bad: 0.05 };
const READ_AT_ONCE = 8;
const SERVER_STARTS_WITHIN_MS = 60_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * What happens to a target, by the seconds since the phase began, and what is to be told of it. `at`: a second of the phase in
 * which it happens.
 */
const CASES = {
  nothing: { expect: "nothing" },
  "counter begins anew": { isAnew: (s, at) => s > at, expect: "restart" },
  "gap of 30 s": { isAway: (s, at) => s > at && s < at + GAP_S, expect: "gap, target_silent" },
  "one of two instances goes away": {
    instances: 2,
    isAway: (s, at, instance) => instance === 1 && s > at,
    expect: "series_gone",
  },
  "two series": { instances: 2, value: (job) => `queue{job="${job}"}`, expect: "several_series" },
  "no series": { value: (job) => `queues{job="${job}"}`, expect: "no_series" },
  "clock 3 s ahead": { clockS: 3, expect: "clock" },
  "clock 3 s behind": { clockS: -3, expect: "clock" },
};

export async function rareCases(times) {
  const jobs = Object.keys(CASES).flatMap((name, kind) =>
    Object.keys(TRUTHS).flatMap((truth) =>
      Array.from({ length: times }, (_, nth) => ({
        name,
        truth,
        job: `job-${kind}-${truth}-${nth}`,
        // Spread over the phase, so that each time is another one.
        at: 3 + (nth * (PHASE_S - GAP_S - 5)) / times,
      })),
    ),
  );
  const folder = mkdtempSync(join(tmpdir(), "faultline-rare-"));
  let phaseMs = Number.POSITIVE_INFINITY;
  const targets = await listening(
    createServer((request, response) => answer(jobs, request.url, response, () => phaseMs)),
  );
  const free = await listening(createServer(() => {}));
  const port = free.address().port;
  await closed(free);
  const server = `http://127.0.0.1:${port}`;
  writeFileSync(join(folder, "prometheus.yml"), configuration(jobs, targets.address().port));
  const prometheus = startChild(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=error",
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const ended = new Promise((resolve) => prometheus.once("exit", resolve));
  const clocks = [];
  try {
    await ready(server);
    // What is counted is there before the phase begins.
    await sleep(8_000);
    phaseMs = monotonicMs();
    const untilMs = phaseMs + PHASE_S * 1000;
    await sleep(PHASE_S * 1000 + 1_000);
    const shifted = async (clockS) => {
      const proxy = await listening(
        createServer((request, response) => forward(server, clockS, request.url, response)),
      );
      clocks.push(proxy);
      return `http://127.0.0.1:${proxy.address().port}`;
    };
    const addresses = new Map([[undefined, server]]);
    for (const { clockS } of Object.values(CASES)) {
      if (!addresses.has(clockS)) addresses.set(clockS, await shifted(clockS));
    }
    const found = [];
    const waiting = [...jobs];
    await Promise.all(
      Array.from({ length: READ_AT_ONCE }, async () => {
        for (let job = waiting.shift(); job; job = waiting.shift()) {
          found.push({
            ...job,
            ...(await judged(job, addresses.get(CASES[job.name].clockS), phaseMs, untilMs)),
          });
        }
      }),
    );
    report(found, times);
  } finally {
    for (const proxy of clocks) await closed(proxy);
    prometheus.kill("SIGTERM");
    await ended;
    await closed(targets);
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(found, times) {
  const rows = Object.entries(CASES).map(([name, { expect }]) => {
    const of = found.filter((each) => each.name === name);
    const verdicts = Object.keys(TRUTHS).map((truth) =>
      counted(of.filter((each) => each.truth === truth).map(({ verdict }) => verdict)),
    );
    const wrong = of.filter(({ truth, verdict }) => verdict === (truth === "good" ? "fail" : "pass")).length;
    return [name, ...verdicts, wrong, expect, counted(of.map(({ told }) => told))];
  });
  console.log(
    `A real Prometheus, scraping each second; phases of ${PHASE_S} s, each case ${times} times with each truth`,
  );
  table(
    "Rare cases",
    ["what happens", "0.2% bad, 1% promised", "5% bad", "wrong verdicts", "to be told", "told"],
    rows,
  );
}

function counted(words) {
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
}

async function judged({ name, job, truth }, url, fromMs, untilMs) {
  const { value } = CASES[name];
  const rate = (counter) => `sum(rate(${counter}{job="${job}"}[3s]))`;
  const reads = value
    ? { of: "values", value: value(job) }
    : { of: "counts", bad: rate("bad_total"), total: rate("all_total") };
  const source = { kind: "prometheus", url, headers: {}, tls: null };
  const spec = { name: "s", source, reads, everyMs: null, timeoutMs: 30_000 };
  const quote = (text, most) => text.slice(0, most);
  const opened = await openSource(spec, { env: () => ({}), starting: (start) => start(), quote });
  const read = await opened.between(fromMs, untilMs, new AbortController().signal);
  const { slo } = parseSlo(value ? "signal(s) max < 5" : "signal(s) error_rate < 1%");
  const column = (key) => read.samples.map((sample) => sample[key]);
  const reading = {
    everyS: read.everyMs / 1000,
    atS: read.samples.map(({ atMs }) => (atMs - fromMs) / 1000),
    values: value ? column("value") : null,
    counts: value ? null : { due: column("total"), bad: column("bad") },
    restarts: read.restarts,
    troubles: read.troubles,
  };
  const { verdict } = judgeSignal(
    slo,
    metricOf(slo.metric).signal,
    { durationS: PHASE_S, signal: () => reading },
    { evidence: "interval", verdicts: 8 },
  );
  const [trouble] = read.troubles;
  const why = trouble?.facts.why === undefined ? "" : `, ${trouble.facts.why}`;
  const told = trouble ? `${trouble.id}${why}` : read.restarts > 0 ? "restart" : "nothing";
  return { verdict, told, truth };
}

/** A page of metrics: /JOB/INSTANCE. */
function answer(jobs, url, response, phaseMs) {
  const [, name, instance] = url.split("/");
  const job = jobs.find((each) => each.job === name);
  const { isAnew, isAway } = CASES[job.name];
  const inPhaseS = (monotonicMs() - phaseMs()) / 1000;
  if (isAway?.(inPhaseS, job.at, Number(instance))) return response.writeHead(503).end();
  // 100 s ago it had begun to count; one that begins anew does so at its second.
  const sinceS = isAnew?.(inPhaseS, job.at) ? inPhaseS - job.at : 100 + monotonicMs() / 1000;
  const all = Math.floor(RATE_PER_S * sinceS);
  const bad = Math.floor(all * TRUTHS[job.truth]);
  const queue = job.truth === "good" ? 1 : 9;
  response.end(
    `# TYPE all_total counter\nall_total ${all}\n# TYPE bad_total counter\nbad_total ${bad}\nqueue ${queue}\n`,
  );
}

function configuration(jobs, port) {
  const scrape = jobs.flatMap(({ name, job }) =>
    Array.from({ length: CASES[name].instances ?? 1 }, (_, instance) => {
      const relabel = [
        `{ target_label: instance, replacement: "${instance}" }`,
        `{ target_label: job, replacement: "${job}" }`,
      ];
      return [
        `  - job_name: ${job}-${instance}`,
        `    metrics_path: /${job}/${instance}`,
        `    static_configs: [{ targets: ["127.0.0.1:${port}"] }]`,
        `    relabel_configs: [${relabel.join(", ")}]`,
      ].join("\n");
    }),
  );
  return `global: { scrape_interval: 1s }\nscrape_configs:\n${scrape.join("\n")}\n`;
}

/** What a server says whose clock is off by so much. */
async function forward(server, clockS, url, response) {
  const got = await fetch(`${server}${url}`);
  const body = await got.text();
  response.writeHead(got.status, { "content-type": "application/json" });
  if (new URL(url, server).searchParams.get("query") !== "time()") return response.end(body);
  const answered = JSON.parse(body);
  const [atS, nowS] = answered.data.result;
  answered.data.result = [atS + clockS, String(Number(nowS) + clockS)];
  response.end(JSON.stringify(answered));
}

async function ready(server) {
  const patienceMs = monotonicMs() + SERVER_STARTS_WITHIN_MS;
  for (;;) {
    const isReady = await fetch(`${server}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    if (monotonicMs() > patienceMs) throw new Error("prometheus did not start");
    await sleep(100);
  }
}

function listening(server) {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function closed(server) {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
}
