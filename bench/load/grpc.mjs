// npm run bench -- load --protocol grpc [--seconds 5] [--rounds 3] [--connections 10] [--streams 10]
// Unary calls of gRPC without TLS on a server in Go: the closed model against ghz in turns, with as many connections and
// calls at once, and CPU time for each call. Takes, on PATH:
//   (cd bench/load/greeter && go build -o SOMEWHERE/greeter .)
//   go install github.com/bojand/ghz/cmd/ghz@v0.121.0
// Build first (npm run build).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "../../test/helpers/children/start-child.mjs";
import { closedModel, machine, measure, median, option, printTable, sleep } from "./measure.mjs";
import { ownCost, peer } from "./peers.mjs";
import { freePort, listening, tryVersion } from "./target.mjs";

const seconds = option("seconds", 5);
const rounds = option("rounds", 3);
const connections = option("connections", 10);
const streams = option("streams", 10);
const PROTO = `syntax = "proto3";
package helloworld;
service Greeter { rpc SayHello (HelloRequest) returns (HelloReply); }
message HelloRequest { string name = 1; }
message HelloReply { string message = 1; }
`;
const CALL = {
  name: "hello",
  kind: "grpc",
  method: {
    path: "/helloworld.Greeter/SayHello",
    takes: "helloworld.HelloRequest",
    gives: "helloworld.HelloReply",
    takesStream: false,
    givesStream: false,
  },
  protos: { files: [{ path: "helloworld.proto", text: PROTO }], bundled: [] },
  messages: [{ name: "ada" }],
  captured: [],
  metadata: {},
  expect: { statuses: [0], message: {}, metadata: {} },
  weight: 1,
};

/** Calls per second, and µs of CPU time for each. */
function faultline({ url }) {
  const changes = { pipelining: streams, mix: { kind: "requests", requests: [CALL] } };
  return ownCost(seconds, () => measure(url, closedModel(connections), { seconds, changes }));
}

async function ghz({ address, proto }) {
  const load = ["-c", connections * streams, "--connections", connections, "-z", `${seconds}s`];
  const call = ["--call", "helloworld.Greeter/SayHello", "-d", '{"name":"ada"}', "--proto", proto];
  const how = ["--insecure", "--duration-stop", "wait", "-O", "json"];
  const { stdout, cpuUs } = await peer("ghz", ...how, ...call, ...load, address);
  const { rps, count, statusCodeDistribution } = JSON.parse(stdout);
  if (statusCodeDistribution.OK !== count)
    throw new Error(`ghz: not all ok: ${JSON.stringify(statusCodeDistribution)}`);
  return { perS: rps, cpuUs: cpuUs / count };
}

const version = tryVersion("ghz", ["--version"]);
const contenders = [
  ["faultline, closed, 1 thread", faultline],
  ...(version === null ? [] : [[`ghz ${version}`, ghz]]),
];
const results = new Map(contenders.map(([name]) => [name, []]));
const folder = mkdtempSync(join(tmpdir(), "faultline-bench-"));
const proto = join(folder, "helloworld.proto");
writeFileSync(proto, PROTO);
const port = await freePort();
const server = startChild("greeter", ["-port", String(port)], { stdio: "ignore" });
await listening(port);
const target = { url: `http://127.0.0.1:${port}`, address: `127.0.0.1:${port}`, proto };
process.stdout.write(
  `Machine: ${machine()}\nTarget: a server of grpc-go, without TLS\n` +
    `${connections} connections, ${streams} calls at once on each\n`,
);
if (version === null) process.stdout.write("ghz is not on PATH: see bench/load/grpc.mjs\n");
process.stdout.write("\n");
try {
  for (let round = 1; round <= rounds; round++) {
    for (const [name, contend] of contenders) {
      process.stderr.write(`round ${round} of ${rounds}: ${name}\n`);
      results.get(name).push(await contend(target));
      await sleep(500);
    }
  }
  const of = (name, what) => median(results.get(name).map((result) => result[what]));
  const [first, second] = contenders.map(([name]) => name);
  printTable([
    ["unary calls", "calls/s (median)", "all rounds", "CPU µs a call", "compared"],
    ...contenders.map(([name]) => [
      name,
      Math.round(of(name, "perS")),
      results
        .get(name)
        .map(({ perS }) => Math.round(perS))
        .join(" "),
      of(name, "cpuUs").toFixed(1),
      name === first && second !== undefined
        ? `${(of(first, "perS") / of(second, "perS")).toFixed(2)} × the calls, ${(of(first, "cpuUs") / of(second, "cpuUs")).toFixed(2)} × the CPU time`
        : "",
    ]),
  ]);
} finally {
  server.kill("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
}
