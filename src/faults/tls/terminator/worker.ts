/** All that ends TLS in a run, in a thread of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "../../../support/errors.js";
import { onLimitHit } from "../../../support/limit-hit.js";
import { StandstillLog } from "../../../support/standstills.js";
import { openEach } from "../../between/open-each.js";
import { STOP } from "../../between/server-thread.js";
import type { Asked } from "../../between/thread-questions.js";
import type { FromTerminators, Question, TerminatorsStart } from "./messages.js";
import { Terminator } from "./terminator.js";

const port = parentPort;
if (!port) throw new Error("runs only as a worker thread");
// start.ts is the only one that starts this file.
const { places, standstills } = workerData as TerminatorsStart;
new StandstillLog(standstills).watchThisThread();

function post(message: FromTerminators): void {
  port?.postMessage(message);
}

/** With what was counted before anything changes. */
function answer({ id, question }: Asked<Question>, terminators: ReadonlyMap<string, Terminator>): void {
  const counts = [...terminators].map(([proxy, terminator]) => ({ proxy, ...terminator.takeCounts() }));
  if (question.ask === "set") {
    for (const [proxy, terminator] of terminators) terminator.set(question.faults[proxy] ?? null);
  }
  post({ kind: "answer", id, counts });
}

onLimitHit((code) => post({ kind: "limit", code }));
try {
  const terminators = await openEach(places, (place) => Terminator.open(place));
  port.on("message", (message: typeof STOP | Asked<Question>) => {
    if (message !== STOP) return answer(message, terminators);
    for (const terminator of terminators.values()) terminator.close();
    port.close();
  });
  post({
    kind: "listening",
    addresses: [...terminators].map(([proxy, { address }]) => [proxy, address] as const),
  });
} catch (error) {
  post({ kind: "failed", message: messageOf(error) });
  port.close();
}
