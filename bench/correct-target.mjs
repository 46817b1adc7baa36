/**
 * Is anything found lost, doubled or invented where nothing was? A service that does all right is loaded through a proxy
 * with one fault after the other, while a check reads its store again and again. `npm run bench -- correct-target [runs]`
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const RUNS = Number(process.argv[2] ?? 20);
const FAULTS = [
  "latency: 300ms",
  "latency: 1500ms",
  "latency: 200ms, stream: upstream",
  "down: true",
  "partition: both",
  "partition: downstream",
  "partition: upstream",
  "reset: 20ms, stream: downstream",
  "reset: 20ms, stream: upstream",
  "bandwidth: 20kB/s",
  "slicer: { size: 20B, delay: 5ms }",
  "limit_data: 300B",
  "timeout: 500ms",
  "slow_close: 300ms",
];
const program = fileURLToPath(new URL("../bin/faultline.js", import.meta.url));

let found = 0;
for (let seed = 1; seed <= RUNS; seed++) {
  const { verdict, ids } = await checkOfRun(seed);
  const wrong = ids === undefined ? 1 : ids.lost.count + ids.duplicated.count + ids.unexpected.count;
  if (wrong > 0 || verdict !== "pass") found += 1;
  console.log(
    `run ${seed}: check ${verdict}; acknowledged ${ids?.acknowledged}, refused ${ids?.refused}, unknown ${ids?.unknown}, recovered ${ids?.recovered.count}; lost ${ids?.lost.count}, duplicated ${ids?.duplicated.count}, unexpected ${ids?.unexpected.count}`,
  );
}
console.log(`${found} of ${RUNS} runs of ${FAULTS.length} faults found something`);
process.exitCode = found === 0 ? 0 : 1;

async function checkOfRun(seed) {
  const folder = mkdtempSync(join(tmpdir(), "faultline-bench-correct-"));
  const service = await orders();
  try {
    const file = join(folder, "scenario.yaml");
    writeFileSync(file, scenario(seed, service.address().port));
    await run([program, "run", file, "--out", join(folder, "out")], join(folder, "state"));
    const { checks } = JSON.parse(readFileSync(join(folder, "out", "report.json"), "utf8"));
    return checks[0];
  } finally {
    service.close();
    service.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An order is stored before it is acknowledged. */
async function orders() {
  const stored = [];
  const server = createServer((request, response) => {
    if (request.method === "GET") return response.end(JSON.stringify({ orders: stored }));
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      stored.push(JSON.parse(body).id);
      response.writeHead(201).end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return server;
}

function scenario(seed, port) {
  return `faultline: 1
name: a correct service
seed: ${seed}
evidence: observed
proxies: { orders: { upstream: "127.0.0.1:${port}" } }
load:
  target: http://\${proxies.orders.listen}
  timeout: 2s
  rate: 50/s
  requests: [{ name: order, method: POST, path: /orders, json: { id: "\${uuid}" }, expect: { status: 201 } }]
phases: { warmup: 1s, baseline: 2s, fault: 1s, recovery: 1s }
maxRecoveryWait: 5s
slos: [availability >= 0.1%, completion(order) p50 < 5s]
faults:
${FAULTS.map((fault) => `  - { name: "${fault.replaceAll('"', "")}", proxy: orders, ${fault} }`).join("\n")}
checks:
  - name: stored once
    of: order
    id: \${uuid}
    http: http://127.0.0.1:${port}/orders
    ids: { list: $.orders }
    every: 200ms
    within: 10s
    lost: 0
    duplicated: 0
    unexpected: 0
`;
}

/** Its exit code says what became of the SLOs, which is not asked here. */
async function run(args, stateFolder) {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, FAULTLINE_STATE_DIR: stateFolder },
    stdio: "ignore",
  });
  await new Promise((resolve) => child.once("close", resolve));
}
