// A proxy as a run has it, in a process of its own: node plane.mjs UPSTREAM [PROTOCOL] [RULE as JSON]. Prints its port.
import { driversFor, loadDrivers } from "../../dist/faults/compose.js";
import { httpAction } from "../../dist/faults/http-rule.js";
import { grpcAction } from "../../dist/faults/kinds/grpc/grpc-rule.js";

const [upstream, protocol, rule] = process.argv.slice(2);
const proxies = [{ name: "bench", listen: "127.0.0.1:0", upstream, ...(protocol ? { protocol } : {}) }];
const faults = await loadDrivers(driversFor([], proxies));
const names = await faults.prepare({
  actions: [],
  proxies,
  toxiproxyUrl: null,
  allowedHosts: [],
  seed: 1,
  env: {},
  journal: { undoable() {} },
  onStatus() {},
  onLost: (error) => {
    throw error;
  },
  onLimit() {},
});
const action = protocol === "grpc" ? grpcAction : httpAction;
if (rule) await faults.inject([action("bench", JSON.parse(rule))]);
process.stdout.write(`${JSON.stringify({ port: Number(names.get("proxies.bench.port")) })}\n`);
