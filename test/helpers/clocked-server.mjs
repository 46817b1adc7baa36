// An HTTP server in a process of its own that answers after DELAY_MS and keeps the truth: for each request its path,
// when it came and when it was answered, in ms on the monotonic clock that all processes of the machine share.
// node clocked-server.mjs DELAY_MS [h2]; a line on stdin asks for the report.
import { createServer as createHttp1Server } from "node:http";
import { createServer as createHttp2Server } from "node:http2";

const delayMs = Number(process.argv[2] ?? 0);
const createServer = process.argv[3] === "h2" ? createHttp2Server : createHttp1Server;
const now = () => Number(process.hrtime.bigint()) / 1e6;
const seen = [];
const server = createServer((request, response) => {
  const entry = { path: request.url, arrivedMs: now(), answeredMs: null };
  seen.push(entry);
  const answer = () => {
    response.end("hello");
    entry.answeredMs = now();
  };
  if (delayMs === 0) answer();
  else setTimeout(answer, delayMs);
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
process.stdin.on("data", () => process.stdout.write(`${JSON.stringify(seen)}\n`));
process.stdin.on("end", () => process.exit());
