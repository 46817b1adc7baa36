import { parentPort, workerData } from "node:worker_threads";
import { nowUs } from "../thread-clock.js";
import { PUBLISHED_WORD, SLEEPS_WORD, TIMES_BYTES } from "./pacer.js";

/** Times nearer than this are now: a sleep cannot be shorter. */
const NEAR_US = 5;

// Only Pacer starts this file, and it hands over the shared memory.
const shared = workerData as SharedArrayBuffer;
const words = new Int32Array(shared);
const times = new Float64Array(shared, TIMES_BYTES, 3);

let seen = -1;
let nextUs = Number.POSITIVE_INFINITY;
let followingUs = Number.POSITIVE_INFINITY;
for (;;) {
  // The count is read before the times. When times are written in between, the count differs, and the wait returns.
  const published = Atomics.load(words, PUBLISHED_WORD);
  if (published !== seen) {
    seen = published;
    nextUs = times[0]!;
    followingUs = times[1]!;
  }
  const leftUs = nextUs - nowUs();
  if (leftUs > NEAR_US) {
    // What is published before the wait begins ends it. Whoever publishes later sees how long it will last.
    times[2] = nextUs;
    Atomics.add(words, SLEEPS_WORD, 1);
    Atomics.wait(words, PUBLISHED_WORD, seen, leftUs / 1000);
  } else {
    parentPort?.postMessage(nextUs);
    nextUs = followingUs;
    followingUs = Number.POSITIVE_INFINITY;
  }
}
