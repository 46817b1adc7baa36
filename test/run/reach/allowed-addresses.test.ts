import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runExperiment } from "../../../src/run/experiment.js";
import { checkAllowed } from "../../../src/run/reach/allowed-addresses.js";
import { temporaryFolder } from "../../helpers/faultline.js";
import { loadPlan, openModel } from "../../helpers/load-plans.js";
import { loadScenario, scenarioText } from "../../helpers/scenario-files.js";

const plan = (changes: Partial<Parameters<typeof checkAllowed>[0]> = {}) => ({
  allowedHosts: ["staging.test"],
  services: [],
  proxies: [{ name: "dep", listen: "127.0.0.1:0", upstream: "127.0.0.1:1" }],
  load: loadPlan("http://127.0.0.1:1", openModel(1)),
  ...changes,
});
const listens = (address: string) => new Map([["dep", address]]);

test("what a Toxiproxy server answers is no way to another host", () => {
  expect(() => checkAllowed(plan(), listens("127.0.0.1:7001"))).not.toThrow();
  expect(() => checkAllowed(plan(), listens("staging.test:7001"))).not.toThrow();
  for (const address of ["203.0.113.9:80", "evil.test:80", "nonsense", "127.0.0.1.evil.test:1"]) {
    expect(() => checkAllowed(plan(), listens(address)), address).toThrow(
      /^Toxiproxy says that the proxy "dep" listens on .* is not this machine$/,
    );
  }
});

test("targets and upstreams are looked at again as they are used", () => {
  const load = loadPlan("http://2130706433:80", openModel(1));
  expect(() => checkAllowed(plan({ load }), new Map())).not.toThrow();
  const elsewhere = loadPlan("http://23306706433/", openModel(1));
  expect(() => checkAllowed(plan({ load: elsewhere }), new Map())).toThrow(/is not this machine/);
  const proxies = [{ name: "dep", listen: "127.0.0.1:0", upstream: "203.0.113.9:1" }];
  expect(() => checkAllowed(plan({ proxies }), new Map())).toThrow(/upstream of proxy "dep"/);
});

/** A Toxiproxy that makes every proxy where it likes; resolves with its URL. */
async function strayingToxiproxy(): Promise<string> {
  const made = {
    name: "cache",
    listen: "203.0.113.9:80",
    upstream: "127.0.0.1:7000",
    enabled: true,
    toxics: [],
  };
  let isMade = false;
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === "/version") response.end('{"version":"2.12.0"}');
    else if (request.method === "DELETE") {
      isMade = false;
      response.writeHead(204).end();
    } else if (request.method === "POST") {
      isMade = true;
      response.writeHead(201).end(JSON.stringify(made));
    } else response.end(JSON.stringify(isMade ? { cache: made } : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on a port, so an address is an object.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a run whose Toxiproxy server names another host sends it nothing", async () => {
  const folder = await temporaryFolder();
  const text = scenarioText().replace("http://127.0.0.1:3000", '"http://${proxies.cache.listen}"');
  await writeFile(join(folder, "scenario.yaml"), text);
  const env = { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state") };
  const toxiproxyUrl = await strayingToxiproxy();
  const ready = await loadScenario("scenario.yaml", { env, cwd: folder, toxiproxyUrl });
  await expect(runExperiment({ plan: ready, toolVersion: "0.0.0", env })).rejects.toMatchObject({
    code: "HOST_NOT_ALLOWED",
    message: expect.stringContaining('the proxy "cache" listens on 203.0.113.9:80'),
  });
}, 30_000);
