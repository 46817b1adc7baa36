/** A service that takes every core for 450 ms every 2 s, as a collection of garbage on all of them does. */
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

/** With 400 ms just a tenth of the requests wait for 200 ms, and less when the phase begins within a spin. */
const SPIN_MS = 450;
const EVERY_MS = 2_000;

function spin() {
  const until = performance.now() + SPIN_MS;
  while (performance.now() < until);
}

if (isMainThread) {
  const others = Array.from(
    { length: availableParallelism() - 1 },
    () => new Worker(new URL(import.meta.url)),
  );
  createServer((request, response) => {
    request.resume();
    response.end("ok");
  }).listen(Number(process.env.PORT), "127.0.0.1");
  // On a schedule of its own: an interval of Node's would begin anew after each spin.
  let nextMs = performance.now() + EVERY_MS;
  const turn = () => {
    for (const other of others) other.postMessage("spin");
    spin();
    nextMs += EVERY_MS;
    setTimeout(turn, Math.max(0, nextMs - performance.now()));
  };
  setTimeout(turn, EVERY_MS);
} else {
  parentPort.on("message", spin);
}
