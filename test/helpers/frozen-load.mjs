// Makes load in a process of its own, so that a test can freeze it:
// node frozen-load.mjs URL RATE TIMEOUT_MS DURATION_MS [MAX_CONNECTIONS]
import { startLoad } from "../../dist/load/start-load.js";

const [url, rate, timeoutMs, durationMs, maxConnections = "100"] = process.argv.slice(2);
const expect = { status: ["2xx"], headers: {}, body: null, json: {} };
const request = {
  name: "home",
  kind: "http",
  method: "GET",
  path: "/",
  headers: {},
  body: null,
  bodyEncoding: "none",
  expect,
  weight: 1,
};
const session = await startLoad({
  plan: {
    target: { url, socketPath: null, tls: null },
    model: {
      kind: "open",
      arrivals: "even",
      profile: { startValue: Number(rate), stages: [] },
      maxConnections: Number(maxConnections),
    },
    timeoutMs: Number(timeoutMs),
    workers: 1,
    keepAlive: true,
    pipelining: 1,
    mix: { kind: "requests", requests: [request] },
    feeds: [],
    seed: 1,
  },
});
await session.begin({ id: "all", limits: [] });
process.stdout.write("started\n");
await new Promise((resolve) => setTimeout(resolve, Number(durationMs)));
await session.end();
process.stdout.write(`${JSON.stringify(await session.drain("all"))}\n`);
await session.stop();
