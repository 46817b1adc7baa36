import { setFlagsFromString } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { FaultlineError, messageOf } from "../../support/errors.js";
import type { Protocol } from "../protocol.js";
import { protocolFor } from "../protocols.js";
import { warmSockets } from "../sockets/warm-sockets.js";
import type { FromThread, Leave, Left, ThreadStart, ToThread } from "../thread-messages.js";
import { startEngine } from "./start-engine.js";

/** All that a worker thread of `LoadThreads` does, with these protocols to choose from. */
export async function runThread(protocols: readonly Protocol[]): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("load threads are worker threads");
  // A pattern such as (a+)+$ would take years for some answers. V8 has a second engine for that, whose time is linear.
  // That engine has no look-arounds and no back-references.
  setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");
  const report = (message: FromThread) => port.postMessage(message);
  try {
    // The session is the only one to start such a thread.
    const start = workerData as ThreadStart;
    const openWire = await protocolFor(start.plan, protocols).load(start.plan);
    await warmSockets();
    const engine = startEngine(start, openWire, report);
    const left: Left = { kind: "left" };
    port.on("message", (message: ToThread | Leave) => {
      switch (message.kind) {
        case "begin":
          return engine.begin(message.segment, message.atUs);
        case "end":
          return engine.end(message.atUs);
        case "snapshot":
          return engine.snapshot(message.segmentId, message.question);
        case "leave":
          return void engine.leave().finally(() => port.postMessage(left));
      }
    });
    report(engine.takesLeave ? { kind: "ready", takesLeave: true } : { kind: "ready" });
  } catch (error) {
    report({
      kind: "failed",
      code: error instanceof FaultlineError ? error.code : null,
      message: messageOf(error),
    });
  }
}
