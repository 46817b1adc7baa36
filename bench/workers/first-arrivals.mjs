// node first-arrivals.mjs COUNT: a target that notes when the requests /1 to /COUNT came, on the clock of monotonicMs(). Those are the
// first requests of so many workers. → { port }; ← "tell" → the times, in that order.
import { createServer } from "node:http";
import { monotonicMs } from "../../dist/support/clock.js";

const count = Number(process.argv[2]);
const none = () => Array.from({ length: count }, () => null);
let cameMs = none();

const server = createServer((request, response) => {
  const number = Number(request.url.slice(1));
  if (number >= 1 && number <= count) cameMs[number - 1] ??= monotonicMs();
  response.end("ok");
}).listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));

process.on("message", () => {
  process.send(cameMs);
  cameMs = none();
});
process.on("disconnect", () => process.exit());
