// npm run bench -- http [--rounds N]
// What `protocol: http` costs: small requests on 50 connections through the embedded Toxiproxy alone, with the HTTP gateway
// behind it (no rule, and one that acts on nobody), through NGINX's proxy_pass, and straight. In turns; the best run counts.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startChild } from "../test/helpers/children/start-child.mjs";
import { freePort, installed, running, sleep, small, start } from "./proxy/processes.mjs";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
const plane = fileURLToPath(new URL("proxy/plane.mjs", import.meta.url));

/** `small` asks for its CPU time once the process is there. */
async function through(open) {
  let stop = async () => {};
  const contender = {
    pid: null,
    async through(port) {
      const opened = await open(port);
      contender.pid = opened.pid;
      stop = opened.stop;
      return opened.port;
    },
  };
  try {
    return await small(contender);
  } finally {
    await stop();
  }
}

const planeOf =
  (...args) =>
  async (port) => {
    const server = start(process.execPath, [plane, `127.0.0.1:${port}`, ...args]);
    return { ...JSON.parse(await server.line), pid: server.pid, stop: server.stop };
  };

async function proxyPass(upstream) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "faultline-bench-"));
  writeFileSync(
    join(folder, "nginx.conf"),
    `worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 8192; }
http { access_log off; keepalive_requests 1000000000;
  upstream behind { server 127.0.0.1:${upstream}; keepalive 64; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:${port};
    location / { proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`,
  );
  const child = startChild("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], { stdio: "ignore" });
  running.add(child);
  const exited = new Promise((resolve) => child.once("exit", resolve));
  await sleep(500);
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
    running.delete(child);
    rmSync(folder, { recursive: true });
  };
  return { port, pid: child.pid, stop };
}

const CONTENDERS = {
  direct: async (port) => ({ port, pid: null, stop: async () => {} }),
  "TCP pass-through": planeOf(),
  "protocol: http": planeOf("http"),
  "  with a rule for others": planeOf("http", JSON.stringify({ status: 503, path: "/nobody" })),
  ...(installed("nginx", "-v") ? { "NGINX proxy_pass": proxyPass } : {}),
};

const runs = Object.fromEntries(Object.keys(CONTENDERS).map((name) => [name, []]));
try {
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, open] of Object.entries(CONTENDERS)) runs[name].push(await through(open));
    process.stderr.write(`round ${round + 1} of ${values.rounds}\n`);
  }
} finally {
  for (const child of running) child.kill();
}
const best = (name) => ({
  ratePerS: Math.max(...runs[name].map(({ ratePerS }) => ratePerS)),
  p99: Math.min(...runs[name].map(({ p99 }) => p99)),
  cpuUs: Math.min(...runs[name].map(({ cpuUs }) => cpuUs)),
});
const tcp = best("TCP pass-through");
const rows = [["", "requests/s", "p99", "CPU for one", "of the TCP pass-through"]];
for (const name of Object.keys(CONTENDERS)) {
  const { ratePerS, p99, cpuUs } = best(name);
  const compared = `${(ratePerS / tcp.ratePerS).toFixed(2)} x, p99 ${(p99 / tcp.p99).toFixed(2)} x`;
  rows.push([
    name,
    ratePerS.toFixed(0),
    `${p99.toFixed(2)} ms`,
    cpuUs > 0 ? `${cpuUs.toFixed(1)} us` : "-",
    compared,
  ]);
}
const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
for (const row of rows)
  process.stdout.write(
    `${row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join("  ")
      .trimEnd()}\n`,
  );
process.stdout.write(
  `best of ${values.rounds} rounds in turns; goal for protocol: http at least 0.5 x, p99 at most 2 x; ${cpus().length} CPUs, load ${loadavg()[0].toFixed(1)}, Node ${process.versions.node}\n`,
);
