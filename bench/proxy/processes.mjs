// Programs of the proxy benchmarks: upstreams, clients, and how much CPU time somebody has used.
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startChild } from "../../test/helpers/children/start-child.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
export const installed = (program, ...args) =>
  spawnSync(program, args, { stdio: "ignore" }).error === undefined;
/** How long each measurement takes. */
export const SECONDS = 6;

/** They are ended with the benchmark. */
export const running = new Set();
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a program; `line` resolves with the first line it prints. */
export function start(program, args) {
  const child = startChild(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  running.add(child);
  const exited = new Promise((resolve) => child.once("exit", resolve)).then(() => running.delete(child));
  const line = new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (part) => {
      text += part;
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
    child.once("exit", () => reject(new Error(`${program} ended without a line`)));
    child.once("error", reject);
  });
  line.catch(() => {});
  const stop = () => {
    child.kill();
    return exited;
  };
  return { pid: child.pid, line, stop };
}

/** A role of traffic.mjs; `result` is the JSON of its first line. */
export function traffic(role, options = {}) {
  const { line, ...rest } = start(process.execPath, [here("traffic.mjs"), role, JSON.stringify(options)]);
  return { ...rest, result: line.then(JSON.parse) };
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** CPU time that a process has used so far, in microseconds; the kernel counts hundredths of a second. */
export const cpuUs = (pid) => {
  if (pid === null) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
};

/** NGINX with one worker where it is installed; else a server of ours. */
export async function httpUpstream() {
  if (!installed("nginx", "-v")) {
    const server = traffic("http");
    return { ...(await server.result), stop: server.stop };
  }
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "faultline-bench-"));
  writeFileSync(
    join(folder, "nginx.conf"),
    `worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 8192; }
http { access_log off; keepalive_requests 1000000000;
  server { listen 127.0.0.1:${port}; location / { return 200 "hello world, this is a small answer\\n"; } } }`,
  );
  const child = startChild("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], { stdio: "ignore" });
  running.add(child);
  const exited = new Promise((resolve) => child.once("exit", resolve));
  await sleep(500);
  const stop = async () => {
    child.kill("SIGQUIT");
    await exited;
    running.delete(child);
    rmSync(folder, { recursive: true });
  };
  return { port, stop };
}

/** Small requests on 50 connections through what stands between: {ratePerS, p99, cpuUs}. */
export async function small(contender) {
  const upstream = await httpUpstream();
  const port = await contender.through(upstream.port);
  const before = cpuUs(contender.pid);
  const withCpu = (result) => ({
    ...result,
    cpuUs: (cpuUs(contender.pid) - before) / (result.ratePerS * SECONDS),
  });
  try {
    if (!installed("wrk", "-v")) {
      return withCpu(await traffic("requests", { port, connections: 50, seconds: SECONDS }).result);
    }
    const args = ["-t1", "-c50", `-d${SECONDS}s`, "--latency", `http://127.0.0.1:${port}/`];
    const { stdout } = await promisify(execFile)("wrk", args);
    const [, amount, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout);
    const p99 = Number(amount) * { us: 1e-3, ms: 1, s: 1000 }[unit];
    return withCpu({ ratePerS: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]), p99 });
  } finally {
    await upstream.stop();
  }
}
