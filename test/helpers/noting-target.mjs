// node noting-target.mjs PORT: answers every request, and prints a line for each: when it came, on the clock of monotonicMs(), from
// where, and what was asked for.
import { createServer } from "node:http";

createServer((request, response) => {
  const atMs = Number(process.hrtime.bigint()) / 1e6;
  process.stdout.write(`${atMs} ${request.socket.remoteAddress} ${request.url}\n`);
  response.end("ok");
}).listen(Number(process.argv[2]), "0.0.0.0", () => process.stdout.write("listens\n"));
