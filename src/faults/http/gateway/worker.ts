/** All gateways of a run, in a thread of their own. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../../support/errors.js";
import { onLimitHit } from "../../../support/limit-hit.js";
import { StandstillLog } from "../../../support/standstills.js";
import { openEach } from "../../between/open-each.js";
import { STOP } from "../../between/server-thread.js";
import type { Asked } from "../../between/thread-questions.js";
import { Gateway } from "./gateway.js";
import type { FromGateways, GatewaysStart, Question } from "./messages.js";

const port = parentPort;
if (!port) throw new Error("runs only as a worker thread");
// start.ts is the only one that starts this file.
const { places, seed, standstills } = workerData as GatewaysStart;
new StandstillLog(standstills).watchThisThread();

function post(message: FromGateways): void {
  port?.postMessage(message);
}

function answerOf(question: Question, proxy: string, gateway: Gateway): unknown {
  switch (question.ask) {
    case "setRules":
      return gateway.setRules(question.about[proxy] ?? []);
    case "seen":
      return gateway.seen;
    case "counters":
      return gateway.counters;
    case "takeDials":
      return gateway.takeDials();
    case "takeTraffic":
      return gateway.takeTraffic();
  }
}

onLimitHit((code) => post({ kind: "limit", code }));
try {
  const listen = { host: "127.0.0.1", port: 0 };
  // Each draws numbers of its own.
  const gateways = await openEach(places, ({ upstream }, at) =>
    Gateway.open({ listen, upstream, seed: seed + at }),
  );
  port.on("message", (message: typeof STOP | Asked<Question>) => {
    if (message === STOP) {
      for (const gateway of gateways.values()) gateway.close();
      port.close();
      return;
    }
    const { id, question } = message;
    const byProxy = new Map([...gateways].map(([proxy, each]) => [proxy, answerOf(question, proxy, each)]));
    post({ kind: "answer", id, byProxy });
  });
  post({
    kind: "listening",
    addresses: [...gateways].map(([proxy, { address }]) => [proxy, address] as const),
  });
} catch (error) {
  post({ kind: "failed", message: messageOf(error) });
  port.close();
}
