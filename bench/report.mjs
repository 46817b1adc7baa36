// npm run bench -- report [seconds]: every reporter on a saved run of an hour (100 requests/s, two names, five
// faults): wall time and peak memory of reading the record, judging it and rendering all formats, in a new process.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROUNDS = 5;
const [, , hours = "1"] = process.argv;
const seconds = Math.max(60, Math.round(Number(hours) * 3600));
const dist = (path) => new URL(`../dist/${path}`, import.meta.url).href;

/** One synthetic second after the other; the histograms are real ones, as long as those of a real run. */
async function record() {
  const hdr = await import("hdr-histogram-js");
  const outcomes = ["ok", "http_error", "timeout", "refused", "reset", "unsent"];
  const series = (request, length, rate, medianUs) => {
    const histogram = hdr.build({ highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: 3 });
    const column = (value) => Array.from({ length }, (_, index) => value(index));
    const bad = (index) => (index % 11 === 0 ? 1 : 0);
    const answers = column((index) => rate - bad(index)).reduce((sum, count) => sum + count, 0);
    for (let index = 0; index < answers; index += 1) {
      const noise = ((index * 2654435761) % 4294967296) / 4294967296;
      histogram.recordValue(Math.max(1, Math.round(medianUs * (0.5 + 4 * noise ** 6))));
    }
    const encoded = hdr.encodeIntoCompressedBase64(histogram);
    const ms = (factor) =>
      column((index) => Number(((medianUs / 1000) * factor * (1 + (index % 7) / 20)).toFixed(3)));
    return {
      request,
      scheduled: column(() => rate),
      outcomes: Object.fromEntries(
        outcomes.map((name) => [
          name,
          column((index) => (name === "ok" ? rate - bad(index) : name === "timeout" ? bad(index) : 0)),
        ]),
      ),
      unsentByGenerator: column(() => 0),
      slow: [{ limitUs: 400_000, due: column(() => 0), dispatch: column(() => 0) }],
      latencyMs: { p50: ms(1), p90: ms(1.8), p99: ms(3), max: ms(4.4) },
      lagP99Ms: column(() => 0.1),
      histograms: { latency: encoded, dispatchLatency: encoded, lag: encoded },
    };
  };
  const slo = (text) => ({
    text,
    metric: { kind: "quantile", q: 0.99 },
    request: null,
    operator: "<",
    target: { kind: "absolute", value: 400, unit: "ms" },
    windowS: null,
    phases: ["fault"],
    fault: null,
    exceptFaults: [],
  });
  const kinds = [
    ["baseline", null],
    ...[1, 2, 3, 4, 5].flatMap((n) => [
      ["fault", `fault ${n}`],
      ["recovery", `fault ${n}`],
    ]),
  ];
  const length = Math.floor(seconds / kinds.length);
  const phases = kinds.map(([kind, fault], index) => ({
    id: `${kind}-${index}`,
    kind,
    fault,
    startS: index * length,
    durationS: length,
    startedAt: new Date(1_772_366_400_000 + index * length * 1000).toISOString(),
    all: series(null, length, 100, 8000 + 9000 * index),
    requests: ["browse", "checkout"].map((name) => series(name, length, 50, 8000 + 9000 * index)),
    connectionsOpened: 10,
    bytesSent: 1,
    bytesReceived: 1,
    lost: null,
    reasons: { "status 503": 10 },
  }));
  return {
    format: "faultline-record",
    formatVersion: 1,
    tool: { name: "faultline", version: "0.0.0" },
    scenario: { name: "An hour", hypothesis: null, file: "hour.yaml", sha256: "0".repeat(64) },
    seed: 1,
    startedAt: phases[0].startedAt,
    durationS: length * kinds.length,
    environment: {
      node: process.version,
      platform: "bench",
      cpus: 1,
      toxiproxy: { kind: "embedded", version: "2.12.0", url: null },
    },
    evidence: "interval",
    slos: [slo("p99 < 400ms")],
    load: {
      targetUrl: "http://127.0.0.1:1",
      model: {
        kind: "open",
        arrivals: "even",
        profile: { startValue: 100, stages: [] },
        maxConnections: 100,
      },
      timeoutMs: 2000,
      workers: 1,
      keepAlive: true,
      pipelining: 1,
      requestNames: ["browse", "checkout"],
    },
    plannedPhases: [],
    phases,
    unjudged: { scheduled: 0, outcomes: Object.fromEntries(outcomes.map((name) => [name, 0])) },
    faults: [1, 2, 3, 4, 5].map((n) => ({
      name: `fault ${n}`,
      injections: [],
      injectedAtS: (2 * n - 1) * length,
      removedAtS: 2 * n * length,
      notRun: null,
      proof: { strength: "observed", proven: true, explanation: "", proxies: [] },
      search: null,
    })),
    events: [],
    services: [],
    ending: { kind: "completed" },
  };
}

/** What a new process does; prints one line of JSON. */
const CHILD = `
  const [file] = process.argv.slice(1);
  const { readRecord } = await import(${JSON.stringify(dist("measure/read-record.js"))});
  const { analyse } = await import(${JSON.stringify(dist("analysis/analyse.js"))});
  const { REPORTERS } = await import(${JSON.stringify(dist("report/registry.js"))});
  const { renderTerminal } = await import(${JSON.stringify(dist("report/terminal/terminal.js"))});
  const times = {};
  const timed = async (name, work) => {
    const start = performance.now();
    const result = await work();
    times[name] = performance.now() - start;
    return result;
  };
  const record = await timed("read record", () => readRecord(file));
  const report = await timed("analyse", () => analyse(record));
  const sizes = {};
  const start = performance.now();
  for (const reporter of REPORTERS) {
    const text = await timed(reporter.name, () => reporter.render({ report, record }));
    sizes[reporter.name] = Buffer.byteLength(text);
  }
  await timed("terminal", () => renderTerminal(report, record, { columns: 100, color: true }));
  times["all reporters"] = performance.now() - start;
  console.log(JSON.stringify({ times, sizes, peakMiB: process.resourceUsage().maxRSS / 1024 }));
`;

const folder = mkdtempSync(join(tmpdir(), "faultline-bench-"));
try {
  const file = join(folder, "record.json");
  writeFileSync(file, JSON.stringify(await record()));
  const rounds = Array.from({ length: ROUNDS }, () =>
    JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "--eval", CHILD, file], {
        encoding: "utf8",
        cwd: fileURLToPath(new URL("..", import.meta.url)),
      }),
    ),
  );
  const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  const line = (name, ...cells) =>
    console.log([name.padEnd(16), ...cells.map((cell) => cell.padStart(12))].join(""));
  console.log(
    `record of ${seconds} s, ${(statSync(file).size / 1e6).toFixed(1)} MB; median and worst of ${ROUNDS} processes`,
  );
  line("", "median ms", "worst ms", "kB");
  for (const name of Object.keys(rounds[0].times)) {
    const values = rounds.map((round) => round.times[name]);
    const size = rounds[0].sizes[name];
    line(
      name,
      median(values).toFixed(0),
      Math.max(...values).toFixed(0),
      size ? (size / 1000).toFixed(0) : "",
    );
  }
  console.log(
    `peak memory of the process: ${Math.max(...rounds.map((round) => round.peakMiB)).toFixed(0)} MiB (limit 200)`,
  );
  console.log("limit for all reporters: 1500 ms");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
