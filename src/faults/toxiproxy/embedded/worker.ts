/** The embedded server in a thread of its own, so that load and screen do not disturb what passes through it. */
import { parentPort, workerData } from "node:worker_threads";
import { hasCode, messageOf } from "../../../support/errors.js";
import { onLimitHit } from "../../../support/limit-hit.js";
import { StandstillLog } from "../../../support/standstills.js";
import { EmbeddedServer } from "./server.js";
import type { FromWorker, WorkerStart } from "./start.js";

const port = parentPort;
if (!port) throw new Error("runs only as a worker thread");
// start.ts is the only one that starts this file.
const { options, standstills } = workerData as WorkerStart;
new StandstillLog(standstills).watchThisThread();

function post(message: FromWorker): void {
  port?.postMessage(message);
}

onLimitHit((code) => post({ kind: "limit", code }));
try {
  const server = await EmbeddedServer.listen(options);
  // The only message there is: stop.
  port.once("message", async () => {
    await server.close();
    port.close();
  });
  post({ kind: "listening", url: server.url });
} catch (error) {
  post({ kind: "failed", isInUse: hasCode(error, "EADDRINUSE"), message: messageOf(error) });
  port.close();
}
