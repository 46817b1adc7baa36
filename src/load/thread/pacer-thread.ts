import { parentPort, workerData } from "node:worker_threads";
import { ARMED_WORD, WAKE_AT_BYTES } from "./pacer.js";
import { nowUs } from "./thread-clock.js";

/** Times nearer than this are now: a sleep cannot be shorter. */
const NEAR_US = 5;

// Pacer is the only one to start this file, and hands over the shared memory.
const shared = workerData as SharedArrayBuffer;
const armed = new Int32Array(shared);
const wakeAt = new Float64Array(shared, WAKE_AT_BYTES, 1);

let seen = 0;
for (;;) {
  while (Atomics.load(armed, ARMED_WORD) === seen) Atomics.wait(armed, ARMED_WORD, seen);
  for (;;) {
    // Read the count before the time: a time written in between makes the count differ, and the wait returns.
    seen = Atomics.load(armed, ARMED_WORD);
    const leftUs = (wakeAt[0] ?? 0) - nowUs();
    if (leftUs <= NEAR_US) break;
    Atomics.wait(armed, ARMED_WORD, seen, leftUs / 1000);
  }
  parentPort?.postMessage(null);
}
