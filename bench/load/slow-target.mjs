// A target that keeps its own times: it answers each request after a fixed delay and tells when asked. Sockets only, so
// that next to nothing happens before its clock starts and after it stops.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

// Times on the monotonic clock that all processes of a machine share.
const SERVER = `
const now = () => Number(process.hrtime.bigint()) / 1e6;
const delayMs = Number(process.argv[1]);
const answerBytes = Buffer.from("HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello");
let arrivedMs = [], tookMs = [];
const server = require("node:net").createServer((socket) => {
  socket.setNoDelay();
  socket.on("error", () => {});
  socket.on("data", () => {
    const from = now();
    arrivedMs.push(from);
    const answer = () => { socket.write(answerBytes); tookMs.push(now() - from); };
    delayMs === 0 ? answer() : setTimeout(answer, delayMs);
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("data", () => {
  console.log(JSON.stringify({ arrivedMs, tookMs }));
  arrivedMs = [];
  tookMs = [];
});
process.stdin.on("end", () => process.exit());
`;

/** Resolves with { url, port, seen, stop }; `seen()`: { arrivedMs, tookMs } since it was asked last. */
export async function startSlowTarget(delayMs) {
  const child = spawn(process.execPath, ["-e", SERVER, String(delayMs)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value;
  const port = Number(await line());
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async seen() {
      child.stdin.write("report\n");
      return JSON.parse(await line());
    },
    stop: () => child.stdin.end(),
  };
}
