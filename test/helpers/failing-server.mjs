// An HTTP server in a process of its own whose answers are bad, and which keeps the truth: for each request its path and
// when it failed, in ms on the monotonic clock that all processes of the machine share. /error/MS/… answers 500 after
// MS, /reset/MS/… closes the connection after MS, /hang/… never answers, /ok/… answers at once.
// node failing-server.mjs; a line on stdin asks for the report.
import { createServer } from "node:http";

const now = () => Number(process.hrtime.bigint()) / 1e6;
const seen = [];
const server = createServer((request, response) => {
  const [, kind, heldMs] = request.url.split("/");
  if (kind === "ok") return response.end("hello");
  if (kind === "hang") return seen.push({ path: request.url, failedMs: null });
  setTimeout(() => {
    if (kind === "error") response.writeHead(500).end("no");
    else request.socket.destroy();
    seen.push({ path: request.url, failedMs: now() });
  }, Number(heldMs));
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
process.stdin.on("data", () => process.stdout.write(`${JSON.stringify(seen)}\n`));
process.stdin.on("end", () => process.exit());
