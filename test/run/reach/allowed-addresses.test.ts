import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runExperiment } from "../../../src/run/experiment.js";
import { checkAllowed } from "../../../src/run/reach/allowed-addresses.js";
import { temporaryFolder } from "../../helpers/faultline.js";
import { loadPlan, openModel } from "../../helpers/load-plans.js";
import { loadScenario, scenarioText } from "../../helpers/scenario-files.js";
import { strayingToxiproxy } from "../../helpers/straying-toxiproxy.js";

const plan = (changes: Partial<Parameters<typeof checkAllowed>[0]> = {}) => ({
  allowedHosts: ["staging.test"],
  services: [],
  proxies: [{ name: "dep", listen: "127.0.0.1:0", upstream: "127.0.0.1:1" }],
  load: loadPlan("http://127.0.0.1:1", openModel(1)),
  ...changes,
});
test("targets and upstreams are looked at again as they are used", () => {
  const load = loadPlan("http://2130706433:80", openModel(1));
  expect(() => checkAllowed(plan({ load }))).not.toThrow();
  const elsewhere = loadPlan("http://23306706433/", openModel(1));
  expect(() => checkAllowed(plan({ load: elsewhere }))).toThrow(/is not this machine/);
  const proxies = [{ name: "dep", listen: "127.0.0.1:0", upstream: "203.0.113.9:1" }];
  expect(() => checkAllowed(plan({ proxies }))).toThrow(/upstream of proxy "dep"/);
});

test("a run whose Toxiproxy server names another host sends it nothing", async () => {
  const folder = await temporaryFolder();
  const text = scenarioText().replace("http://127.0.0.1:3000", '"http://${proxies.cache.listen}"');
  await writeFile(join(folder, "scenario.yaml"), text);
  const env = { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state") };
  const toxiproxyUrl = await strayingToxiproxy("203.0.113.9:80");
  const ready = await loadScenario("scenario.yaml", { env, cwd: folder, toxiproxyUrl });
  await expect(runExperiment({ plan: ready, toolVersion: "0.0.0", env })).rejects.toMatchObject({
    code: "HOST_NOT_ALLOWED",
    message: expect.stringContaining('the proxy "cache" listens on 203.0.113.9:80'),
  });
}, 30_000);
