import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { analyse } from "../../../src/analysis/analyse.js";
import { dueAndFailed } from "../../../src/measure/around-change.js";
import { runExperiment } from "../../../src/run/experiment.js";
import { pickFreePort } from "../../../src/run/reach/local-port.js";
import { temporaryFolder } from "../../helpers/faultline.js";
import { loadScenario } from "../../helpers/scenario-files.js";

async function listening<T extends Server | ReturnType<typeof createTcpServer>>(server: T): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on a port, so an address is an object.
  return (server.address() as AddressInfo).port;
}

/**
 * A shop asks a worker, which takes 700 ms for an answer. A call that breaks is an error for the shop's caller. A worker
 * that refuses is one that the shop can do without.
 */
async function shopAndWorker() {
  const held = new Set<Socket>();
  const worker = createTcpServer((socket) => {
    held.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => setTimeout(() => socket.end("done"), 700));
  });
  const upstream = await listening(worker);
  const port = await pickFreePort();
  const shop = createServer((_, response) => {
    let isConnected = false;
    let isDone = false;
    const answer = (status: number) => {
      if (!response.writableEnded) response.writeHead(status).end();
    };
    const call = connect(port, "127.0.0.1", () => {
      isConnected = true;
      call.write("go");
    });
    call.on("data", () => {
      isDone = true;
    });
    call.on("error", () => {});
    call.on("close", () => answer(isDone || !isConnected ? 200 : 500));
  });
  return { worker, shop, port, upstream, target: await listening(shop), held };
}

test("requests that were under way when a fault went in are told, cost budget, and forbid that nobody noticed", async () => {
  const { worker, shop, port, upstream, target, held } = await shopAndWorker();
  const folder = await temporaryFolder();
  const file = join(folder, "scenario.yaml");
  const scenario = {
    faultline: 1,
    name: "The worker goes",
    evidence: "observed",
    proxies: { worker: { listen: `127.0.0.1:${port}`, upstream: `127.0.0.1:${upstream}` } },
    load: { target: `http://127.0.0.1:${target}`, rate: "50/s", timeout: "3s" },
    phases: { baseline: "3s", fault: "3s", recovery: "3s" },
    slos: ["availability >= 99%"],
    faults: [{ name: "gone", proxy: "worker", down: true }],
  };
  await writeFile(file, stringify(scenario));
  const env = { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state") };
  const plan = await loadScenario(file, { env, cwd: folder });
  try {
    const { record } = await runExperiment({ plan, toolVersion: "0.0.0", env, observer: {} });
    const [recorded] = record.faults;
    // 700 ms of 50/s were under way. A machine that is busy makes them more, or the load later.
    const { due, failed } = dueAndFailed(recorded?.around?.injection, null);
    expect(failed).toBeGreaterThan(15);
    expect(failed).toBeLessThanOrEqual(due);
    expect(due).toBeLessThanOrEqual(record.unjudged.scheduled);
    expect(failed).toBeLessThanOrEqual(record.unjudged.outcomes.http_error);
    // The worker is asked by all of them again once it is back.
    expect(dueAndFailed(recorded?.around?.removal, null).failed).toBe(0);
    const [fault] = analyse(record).faults;
    expect(fault?.around).toEqual(recorded?.around);
    const told = fault?.findings[fault.findingIds?.indexOf("around_change") ?? -1];
    expect(told).toMatch(
      new RegExp(
        `^${failed} of ${due} requests that were under way when the fault went in, or due before the first second of its phase, failed: ${failed} answers with an error\\.`,
      ),
    );
    expect(fault?.findingIds).not.toContain("absorbed");
    expect(fault?.errorBudget?.sentence).toContain(`with ${failed} failed requests around its changes, used`);
    expect(fault?.errorBudget?.consumed).toBeGreaterThan(0);
  } finally {
    for (const socket of held) socket.destroy();
    worker.close();
    shop.closeAllConnections();
    shop.close();
  }
}, 60_000);
