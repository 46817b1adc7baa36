// npm run bench -- http-corpus [--exchanges N] [--seed N]
// Exchanges of every kind that HTTP/1 knows (0 B to 10 MB, chunks, trailers, pipelining, casing and duplicates of headers)
// through a proxy with `protocol: http`; every byte is compared with what was sent. Once without rules, once with one.
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { sendCorpus } from "./proxy/http-corpus.mjs";
import { running, start } from "./proxy/processes.mjs";

const { values } = parseArgs({
  options: { exchanges: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } },
});
const plane = fileURLToPath(new URL("proxy/plane.mjs", import.meta.url));
const RULES = { "no rule": [], "a rule for others": [JSON.stringify({ status: 503, path: "/nobody" })] };

try {
  for (const [name, rule] of Object.entries(RULES)) {
    const startedMs = performance.now();
    let stop = async () => {};
    const { exchanges, bytes, altered } = await sendCorpus({
      exchanges: Number(values.exchanges) / 2,
      connections: 50,
      seed: Number(values.seed),
      open: async (port) => {
        const server = start(process.execPath, [plane, `127.0.0.1:${port}`, "http", ...rule]);
        stop = server.stop;
        return JSON.parse(await server.line).port;
      },
    });
    await stop();
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    process.stdout.write(
      `${name}: ${exchanges} exchanges, ${(bytes / 1e6).toFixed(0)} MB in ${seconds} s; altered: ${altered.requests} requests, ${altered.answers} answers\n`,
    );
    if (altered.requests + altered.answers > 0) process.exitCode = 1;
  }
} finally {
  for (const child of running) child.kill();
}
