/** All gateways of a run, in a thread of their own. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../../support/errors.js";
import { onLimitHit } from "../../../support/limit-hit.js";
import { StandstillLog } from "../../../support/standstills.js";
import { STOP } from "../../server-thread.js";
import { Gateway } from "./gateway.js";
import type { Asked, FromGateways, GatewaysStart } from "./messages.js";

const port = parentPort;
if (!port) throw new Error("runs only as a worker thread");
// start.ts is the only one that starts this file.
const { places, standstills } = workerData as GatewaysStart;
new StandstillLog(standstills).watchThisThread();

const gateways = new Map<string, Gateway>();

function post(message: FromGateways): void {
  port?.postMessage(message);
}

function answer({ id }: Asked): void {
  const dials = [...gateways].map(([proxy, gateway]) => ({ proxy, ...gateway.takeDials() }));
  post({ kind: "answer", id, dials });
}

onLimitHit((code) => post({ kind: "limit", code }));
try {
  for (const { proxy, upstream } of places) {
    gateways.set(proxy, await Gateway.open({ listen: { host: "127.0.0.1", port: 0 }, upstream }));
  }
  port.on("message", (message: typeof STOP | Asked) => {
    if (message !== STOP) return answer(message);
    for (const gateway of gateways.values()) gateway.close();
    port.close();
  });
  post({
    kind: "listening",
    addresses: [...gateways].map(([proxy, { address }]) => [proxy, address] as const),
  });
} catch (error) {
  post({ kind: "failed", message: messageOf(error) });
  port.close();
}
