/** A service that takes every core for 400 ms every 2 s, as a collection of garbage on all of them does. */
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

const SPIN_MS = 400;
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
  setInterval(() => {
    for (const other of others) other.postMessage("spin");
    spin();
  }, EVERY_MS);
} else {
  parentPort.on("message", spin);
}
