// npm run bench -- grpc [--rounds 3] [--seconds 4] [--connections 10] [--streams 10] [--rate 2000]
// What `protocol: grpc` costs: small requests over HTTP/2 without TLS to one NGINX worker, through the embedded Toxiproxy
// alone and with the gRPC gateway behind it (no rule; one that looks at every call and acts on none; one that acts on one in
// a hundred), and straight. As many as go through, then at a rate. In turns; the best run counts. Build first.
import { fileURLToPath } from "node:url";
import { closedModel, machine, measure, openModel, option, printTable, REQUEST } from "./load/measure.mjs";
import { startTarget } from "./load/target.mjs";
import { cpuUs, running, start } from "./proxy/processes.mjs";

const rounds = option("rounds", 3);
const seconds = option("seconds", 4);
const connections = option("connections", 10);
const streams = option("streams", 10);
const rate = option("rate", 2_000);
const plane = fileURLToPath(new URL("proxy/plane.mjs", import.meta.url));
/** NGINX answers them with 200 and a body. The gateway takes them for calls. */
const CALL = { ...REQUEST, headers: { "content-type": "application/grpc", te: "trailers" } };
const changes = {
  protocol: "h2",
  pipelining: streams,
  mix: { kind: "requests", requests: [CALL] },
};

const planeOf =
  (...args) =>
  async (port) => {
    const server = start(process.execPath, [plane, `127.0.0.1:${port}`, ...args]);
    return { ...JSON.parse(await server.line), pid: server.pid, stop: server.stop };
  };

const CONTENDERS = {
  direct: async (port) => ({ port, pid: null, stop: async () => {} }),
  "TCP pass-through": planeOf(),
  "protocol: grpc": planeOf("grpc"),
  "… with a rule for others": planeOf("grpc", JSON.stringify({ status: "UNAVAILABLE", method: "a.B/C" })),
  "… one in 100 answered": planeOf("grpc", JSON.stringify({ status: "UNAVAILABLE", every: 100 })),
};

const target = await startTarget({ http2: true });
const port = Number(new URL(target.url).port);
const runs = Object.fromEntries(Object.keys(CONTENDERS).map((name) => [name, []]));

/** What fails costs less than what is answered: such a figure would be of something else. */
function allOk({ outcomes, scheduled }) {
  if (outcomes.ok !== scheduled)
    throw new Error(`${outcomes.ok} of ${scheduled} were ok: ${JSON.stringify(outcomes)}`);
}

async function once(open) {
  const opened = await open(port);
  try {
    const url = `http://127.0.0.1:${opened.port}`;
    const before = cpuUs(opened.pid);
    const most = await measure(url, closedModel(connections), { seconds, changes });
    // The warm-up of a second counts as well, and sends as many.
    const used = (cpuUs(opened.pid) - before) / (most.scheduled * (1 + 1 / seconds));
    const paced = await measure(url, openModel(rate), { seconds, changes });
    allOk(most);
    allOk(paced);
    return {
      perS: most.scheduled / most.durationS,
      cpuUs: used,
      p50: paced.latency(50),
      p99: paced.latency(99),
    };
  } finally {
    await opened.stop();
  }
}

try {
  for (let round = 0; round < rounds; round++) {
    for (const [name, open] of Object.entries(CONTENDERS)) runs[name].push(await once(open));
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
} finally {
  for (const child of running) child.kill();
  await target.stop();
}
const best = (name) => ({
  perS: Math.max(...runs[name].map(({ perS }) => perS)),
  cpuUs: Math.min(...runs[name].map(({ cpuUs }) => cpuUs)),
  p50: Math.min(...runs[name].map(({ p50 }) => p50)),
  p99: Math.min(...runs[name].map(({ p99 }) => p99)),
});
const tcp = best("TCP pass-through");
process.stdout.write(
  `Machine: ${machine()}\nTarget: ${target.name}, one worker; ${connections} connections, ${streams} streams on each\n\n`,
);
printTable([
  ["", "requests/s", "of the TCP pass-through", "CPU for one", `p50 at ${rate}/s`, `p99 at ${rate}/s`],
  ...Object.keys(CONTENDERS).map((name) => {
    const { perS, cpuUs: used, p50, p99 } = best(name);
    return [
      name,
      perS.toFixed(0),
      `${(perS / tcp.perS).toFixed(2)} x`,
      used > 0 ? `${used.toFixed(1)} us` : "",
      `${p50.toFixed(2)} ms`,
      `${p99.toFixed(2)} ms`,
    ];
  }),
]);
