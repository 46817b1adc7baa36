// What the benchmarks of distributed load start: a NATS server, workers, the crew of a run.
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toolVersion } from "../../dist/app/tool-version.js";
import { Crew } from "../../dist/load/distributed/crew.js";
import { pickFreePort } from "../../dist/run/reach/local-port.js";
import { startChild } from "../../test/helpers/children/start-child.mjs";
import { listening } from "../load/target.mjs";

const SBIN = "/usr/sbin/nats-server";
export const NATS = existsSync(SBIN) ? SBIN : "nats-server";
export const BIN = fileURLToPath(new URL("../../bin/faultline.js", import.meta.url));

/** A server on this machine, which ends with this process. `told` asks its monitoring: "connz", "varz". */
export async function startNats(port = null) {
  const ownPort = port ?? (await pickFreePort());
  const monitorPort = await pickFreePort();
  const args = ["-a", "127.0.0.1", "-p", String(ownPort), "-m", String(monitorPort), "-l", "/dev/null"];
  const child = startChild(NATS, args, { stdio: "ignore" });
  await listening(ownPort);
  const told = async (what) => (await fetch(`http://127.0.0.1:${monitorPort}/${what}`)).json();
  return { url: `nats://127.0.0.1:${ownPort}`, port: ownPort, child, told };
}

/** Workers as processes of their own, which wait for runs. They end with this process. */
export async function startWorkers(url, names) {
  const workers = names.map((name) =>
    startChild(process.execPath, [BIN, "worker", "--nats", url, "--name", name], {
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  await Promise.all(workers.map((worker) => once(worker.stdout, "data")));
  for (const worker of workers) worker.stdout.resume();
  return workers;
}

/** A run's workers. */
export function gatherCrew(url, expect, onWarning = () => {}) {
  return Crew.gather({
    url,
    expect,
    withinMs: 60_000,
    env: {},
    version: toolVersion(),
    signal: new AbortController().signal,
    onStatus() {},
    onWarning,
  });
}

/** The CPU time of this process, in seconds. */
export function ownCpuS() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** How fast values grow, by least squares: [[time, value], …]. */
export function slopeOf(points) {
  const mean = (pick) => points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return above / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
