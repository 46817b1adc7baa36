// Simulated workers in several processes: one has some hundreds of them at most.
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { mergeSparse } from "../../../dist/measure/histogram.js";
import { startChild } from "../children/start-child.mjs";

const SCRIPT = fileURLToPath(new URL("./crowd.mjs", import.meta.url));

/** Resolves when all of them wait for runs. */
export async function startCrowdProcesses(url, count, { processes = 1, connections = count } = {}) {
  const names = Array.from({ length: count }, (_, at) => `w${String(at).padStart(4, "0")}`);
  const children = Array.from({ length: processes }, (_, at) => {
    // Neighbours by name are in different processes, as they are on different machines.
    const own = names.filter((_, number) => number % processes === at);
    const ownConnections = Math.max(1, Math.round(connections / processes));
    const child = startChild(process.execPath, [SCRIPT, url, String(ownConnections)], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child.send({ start: own });
    return child;
  });
  await Promise.all(children.map((child) => once(child, "message")));
  return {
    names,
    pids: children.map(({ pid }) => pid),
    tell: async () => {
      const answers = children.map((child) => once(child, "message"));
      for (const child of children) child.send("tell");
      return joined((await Promise.all(answers)).map(([asked]) => asked));
    },
    leave: (leaving) => {
      for (const child of children) child.send({ leave: leaving });
    },
    end: () => {
      for (const child of children) child.kill("SIGKILL");
    },
  };
}

function joined(all) {
  const segments = {};
  for (const [id, { scheduled, byWorker, latency }] of all.flatMap((asked) => Object.entries(asked))) {
    const before = segments[id];
    segments[id] =
      before === undefined
        ? { scheduled, byWorker, latency }
        : {
            scheduled: longer(before.scheduled, scheduled).map(
              (_, second) => (before.scheduled[second] ?? 0) + (scheduled[second] ?? 0),
            ),
            byWorker: { ...before.byWorker, ...byWorker },
            latency: mergeSparse(before.latency, latency),
          };
  }
  return segments;
}

const longer = (a, b) => (a.length > b.length ? a : b);
