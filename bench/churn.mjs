// npm run bench -- churn [--seconds N] [--seed N] [--server URL]
// Toxics come, change and go at random on connections under load, and every byte that arrives is compared with what was
// sent: it must be a prefix of it, and the whole where no toxic may lose anything. Without --server the embedded
// Toxiproxy is started, as a process of its own. Exits 1 after a corrupt read.
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startChild } from "../test/helpers/children/start-child.mjs";
import { CheckedStream, checkedLine, seeded } from "./proxy/checked-stream.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
    server: { type: "string" },
  },
});
const CONNECTIONS_PER_PROXY = 8;
const MOST_TOXICS = 5;
const END_DEADLINE_MS = 15_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const once = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));
const random = seeded(Number(values.seed));
const below = (limit) => Math.floor(random() * limit);
const oneOf = (list) => list[below(list.length)];

/** Attributes of the types that only delay and cut up. */
const LOSSLESS = {
  latency: () => ({ latency: below(60), jitter: below(40) }),
  bandwidth: () => ({ rate: oneOf([0, 50, 500, 5_000, 50_000]) }),
  slicer: () => ({ average_size: 50 + below(5_000), size_variation: below(50), delay: below(2_000) }),
  slow_close: () => ({ delay: below(100) }),
  noop: () => ({}),
};
const ALL = {
  ...LOSSLESS,
  limit_data: () => ({ bytes: below(150_000) }),
  timeout: () => ({ timeout: oneOf([0, 10, 50, 200]) }),
  reset_peer: () => ({ timeout: below(100) }),
};

const tally = { connections: 0, changes: 0, bytes: 0, whole: 0 };
const faults = [];
const endMs = performance.now() + Number(values.seconds) * 1000;
const running = () => performance.now() < endMs;

async function startServer() {
  const faultline = fileURLToPath(new URL("../bin/faultline.js", import.meta.url));
  const child = startChild(process.execPath, [faultline, "proxy", "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = /http:[^\s,]+/.exec(String(await once(child.stdout, "data")))[0];
  return { url, stop: () => child.kill() };
}

/** A proxy, its toxics, and what has lately been changed about them. */
async function makeProxy(url, types, name) {
  const line = await checkedLine();
  const call = async (method, path, body) => {
    const answer = await fetch(url + path, { method, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  };
  const upstream = `127.0.0.1:${line.upstreamPort}`;
  const made = await call("POST", "/proxies", { name, listen: "127.0.0.1:0", upstream });
  const path = `/proxies/${name}/toxics`;
  const toxics = [];
  const changes = [];
  let number = 0;

  async function change() {
    const what = oneOf(["add", "add", "update", "remove"]);
    const toxicity = oneOf([1, 1, 1, 0.5, 0]);
    if (what === "add" && toxics.length < MOST_TOXICS) {
      const type = oneOf(Object.keys(types));
      const toxic = { name: `t${++number}`, type, stream: oneOf(["upstream", "downstream"]), toxicity };
      toxics.push(toxic);
      await noted("add", { ...toxic, attributes: types[type]() }, (body) => call("POST", path, body));
    } else if (what === "update" && toxics.length > 0) {
      const { name: toxic, type } = oneOf(toxics);
      const body = { toxicity, attributes: types[type]() };
      await noted(`update ${toxic}`, body, () => call("PATCH", `${path}/${toxic}`, body));
    } else if (toxics.length > 0) {
      const [{ name: toxic }] = toxics.splice(below(toxics.length), 1);
      await noted(`remove ${toxic}`, null, () => call("DELETE", `${path}/${toxic}`));
    }
  }

  async function noted(what, body, work) {
    changes.push({ atMs: Math.round(performance.now()), what, body });
    if (changes.length > 20) changes.shift();
    tally.changes++;
    await work(body);
  }

  const clear = async () => {
    for (const { name: toxic } of toxics.splice(0)) await call("DELETE", `${path}/${toxic}`);
  };
  return {
    name,
    port: Number(made.listen.split(":").pop()),
    open: line.open,
    changes,
    change,
    clear,
    close: line.close,
  };
}

function fault(proxy, what) {
  faults.push(what);
  if (faults.length > 3) return;
  process.stderr.write(`${proxy.name}: ${what}\n`);
  for (const change of proxy.changes) process.stderr.write(`  ${JSON.stringify(change)}\n`);
}

function receive(proxy, socket, stream, what) {
  let isSound = true;
  socket.on("data", (bytes) => {
    tally.bytes += bytes.length;
    const offset = stream.arrived;
    if (isSound && !stream.matches(bytes)) {
      isSound = false;
      fault(proxy, `${what}: other bytes than were sent, within ${bytes.length} bytes from offset ${offset}`);
    }
  });
  socket.on("end", () => socket.end());
}

/** Runs one connection to its end. */
async function converse(proxy, isLossless) {
  const { client, upstream } = await proxy.open(proxy.port);
  tally.connections++;
  const closed = Promise.all([once(client, "close"), once(upstream, "close")]);
  const [up, down] = [new CheckedStream(below), new CheckedStream(below)];
  receive(proxy, upstream, up, "upstream");
  receive(proxy, client, down, "downstream");
  const untilMs = performance.now() + 100 + below(1_500);
  if (isLossless) {
    // One way only: an end from one side closes both, and loses what is under way in the other direction.
    await down.write(upstream, untilMs);
    upstream.end();
    await closed;
    if (down.arrived === down.sent) tally.whole++;
    else fault(proxy, `${down.sent - down.arrived} of ${down.sent} bytes are missing`);
    return;
  }
  await Promise.all([up.write(client, untilMs), down.write(upstream, untilMs)]);
  const side = oneOf([client, upstream]);
  if (below(5) === 0) side.resetAndDestroy();
  else side.end();
  // A toxic may hold the end for ever.
  await Promise.race([closed, sleep(500)]);
  client.destroy();
  upstream.destroy();
}

async function churn(proxy, isLossless) {
  const connections = Array.from({ length: CONNECTIONS_PER_PROXY }, async () => {
    while (running()) await converse(proxy, isLossless);
  });
  while (running()) {
    await proxy.change();
    await sleep(below(15));
  }
  await proxy.clear();
  const late = sleep(END_DEADLINE_MS).then(() => "late");
  if ((await Promise.race([Promise.all(connections), late])) === "late") {
    fault(proxy, `connections are still open ${END_DEADLINE_MS / 1000} s after the last toxic was removed`);
  }
  proxy.close();
}

const server = values.server ? { url: values.server, stop: () => {} } : await startServer();
try {
  const losing = await Promise.all(
    ["a", "b", "c"].map((name) => makeProxy(server.url, ALL, `losing-${name}`)),
  );
  const lossless = await makeProxy(server.url, LOSSLESS, "lossless");
  await Promise.all([...losing.map((proxy) => churn(proxy, false)), churn(lossless, true)]);
} finally {
  server.stop();
}
const { connections, changes, bytes, whole } = tally;
process.stdout.write(
  `${connections} connections, ${changes} changes of toxics, ${(bytes / 1e6).toFixed(0)} MB in ${values.seconds} s: ` +
    `${faults.length} corrupt; ${whole} of the lossless ones arrived whole (seed ${values.seed})\n`,
);
process.exit(faults.length === 0 ? 0 : 1);
