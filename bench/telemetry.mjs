// npm run bench -- telemetry [--seconds 10] [--rounds 5] [--rate 20000]
// What telemetry costs: the open model at one rate without it, with trace ids on all requests, and with these and all exporters:
// to a receiver that takes all, and to one that never answers. In turns. Build first (npm run build).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { RunTelemetry } from "../dist/telemetry/run-telemetry.js";
import {
  machine,
  measure,
  median,
  option,
  printTable,
  rampedModel,
  sleep,
  stolenShare,
  sum,
} from "./load/measure.mjs";
import { startTarget } from "./load/target.mjs";

const RAMP_S = 3;
const seconds = option("seconds", 10);
const rounds = option("rounds", 5);
const rate = option("rate", 20_000);

/** A receiver in a process of its own, as a real one would be. */
async function startReceiver(answers) {
  const code = `
    const server = require("node:http").createServer((request, response) => {
      request.resume().on("end", () => ${answers ? `response.end('{"errors":false,"items":[]}')` : "{}"});
    });
    server.listen(0, "127.0.0.1", () => process.stdout.write(String(server.address().port)));
    process.stdin.resume().on("end", () => process.exit());`;
  const child = spawn(process.execPath, ["-e", code], { stdio: ["pipe", "pipe", "inherit"] });
  const [port] = await once(child.stdout, "data");
  const stop = async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, "exit");
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

function specsFor(url) {
  return [
    { kind: "remoteWrite", url: `${url}/api/v1/write`, headers: {}, labels: {} },
    { kind: "otlp", url, headers: {} },
    { kind: "grafana", url, headers: {} },
    { kind: "elasticsearch", url, index: "bench", headers: {} },
  ];
}

const TRACING = { sampling: 1, traceLink: null, runKey: "00112233445566778899aabbccddeeff" };

async function measureWith(target, { tracing, receiver = null }) {
  const telemetry =
    receiver &&
    (await RunTelemetry.open({
      specs: specsFor(receiver.url),
      run: { scenario: "bench", version: "bench", folder: null },
      mask: (text) => text,
    }));
  telemetry?.phase({ id: "measured", kind: "baseline", fault: null, trial: null, plannedMs: seconds * 1000 });
  const measured = await measure(target.url, rampedModel(rate, RAMP_S), {
    seconds,
    warmupSeconds: RAMP_S + 1,
    timeoutMs: 2000,
    tracing,
    onLive: (sample) => telemetry?.live(sample),
    onTraces: (traces) => telemetry?.traces(traces),
  });
  const rssMiB = process.memoryUsage().rss / 2 ** 20;
  const told = (await telemetry?.finish(null)) ?? [];
  return { measured, rssMiB, told };
}

const target = await startTarget();
const [taking, silent] = await Promise.all([startReceiver(true), startReceiver(false)]);
const contenders = [
  ["without", {}],
  ["trace ids alone", { tracing: TRACING }],
  ["all exporters, all is taken", { tracing: TRACING, receiver: taking }],
  ["all exporters, nobody answers", { tracing: TRACING, receiver: silent }],
];
const results = new Map(contenders.map(([name]) => [name, []]));
process.stdout.write(`Machine: ${machine()}\nTarget: ${target.name}\n`);
process.stdout.write(
  `Command: npm run bench -- telemetry --seconds ${seconds} --rounds ${rounds} --rate ${rate}\n\n`,
);
try {
  for (let round = 1; round <= rounds; round++) {
    for (const [name, how] of contenders) {
      process.stderr.write(`round ${round} of ${rounds}: ${name}\n`);
      const { value, share } = await stolenShare(() => measureWith(target, how));
      results.get(name).push({ ...value, share });
      await sleep(500);
    }
  }
  const per = (name, pick) => median(results.get(name).map(pick));
  printTable([
    [
      "telemetry",
      "ok/s",
      "of due",
      "lag p99 ms",
      "all rounds",
      "p99 ms",
      "RSS MiB",
      "sent",
      "dropped",
      "stolen",
    ],
    ...contenders.map(([name]) => [
      name,
      Math.round(per(name, ({ measured: { outcomes, durationS } }) => outcomes.ok / durationS)),
      per(name, ({ measured: { outcomes, scheduled } }) => outcomes.ok / scheduled).toFixed(5),
      per(name, ({ measured }) => measured.lag(99)).toFixed(3),
      results
        .get(name)
        .map(({ measured }) => measured.lag(99).toFixed(2))
        .join(" "),
      per(name, ({ measured }) => measured.latency(99)).toFixed(3),
      Math.round(per(name, ({ rssMiB }) => rssMiB)),
      per(name, ({ told }) => sum(told.map(({ sent }) => sent))),
      per(name, ({ told }) => sum(told.map(({ dropped }) => dropped))),
      results
        .get(name)
        .map(({ share }) => share)
        .join(" "),
    ]),
  ]);
} finally {
  await Promise.all([target, taking, silent].map(({ stop }) => stop()));
}
