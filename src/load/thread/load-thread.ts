import { setFlagsFromString } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { FaultlineError, messageOf } from "../../support/errors.js";
import type { FromThread, ThreadStart, ToThread } from "../thread-messages.js";
import { startEngine } from "./start-engine.js";

const port = parentPort;
if (port === null) throw new Error("load-thread.js is started as a worker thread");
// A pattern such as (a+)+$ would take years for some answers. V8 has a second engine for that, whose time is linear; it
// knows neither look-arounds nor references back.
setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");
const report = (message: FromThread) => port.postMessage(message);

try {
  // The session is the only one to start this file.
  const engine = startEngine(workerData as ThreadStart, report);
  port.on("message", (message: ToThread) => {
    switch (message.kind) {
      case "begin":
        return engine.begin(message.segment, message.atUs);
      case "end":
        return engine.end(message.atUs);
      case "snapshot":
        return engine.snapshot(message.segmentId, message.question);
    }
  });
  report({ kind: "ready" });
} catch (error) {
  report({
    kind: "failed",
    code: error instanceof FaultlineError ? error.code : null,
    message: messageOf(error),
  });
}
