import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runScenarios } from "../../src/cli/run-scenarios.js";
import { pickFreePort } from "../../src/run/local-port.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { writeShopScenario } from "../helpers/scenarios.js";
import { testIo } from "../helpers/test-io.js";

test("scenarios that an interrupt kept from running are said, and are no success", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder);
  const io = {
    ...testIo({ cwd: folder }),
    onSignal(listener: (signal: "SIGINT") => void) {
      listener("SIGINT");
      return () => {};
    },
  };
  expect(await runScenarios([file, file], {}, io)).toBe(130);
  expect(io.err()).toContain("2 of 2 scenarios not run");
});

test("--max-duration that is over before the first request is an abort, not an interrupt", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder);
  const { code, stderr } = await faultline(["run", file, "--max-duration", "1ms"], { cwd: folder });
  expect(code, stderr).toBe(1);
  expect(stderr).toContain("error: the run took longer than --max-duration 0.001 s");
  expect(await readdir(join(folder, "reports"))).toEqual([]);
});

test("an upstream that only a real Toxiproxy server can reach is a warning, not a refusal", async () => {
  const folder = await temporaryFolder();
  const nobody = await pickFreePort();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.proxies.inventory = { upstream: `127.0.0.1:${nobody}` };
  });
  const server = startFaultline(["proxy", "--port", "0"], { cwd: folder });
  const [url] = await new Promise<RegExpMatchArray>((resolve) => {
    server.child.stdout?.on("data", (text) => resolve(String(text).match(/http:\/\/\S+?(?=,)/) ?? [""]));
  });
  const { code, stderr } = await faultline(["run", file, "--toxiproxy", url, "--max-duration", "4s"], {
    cwd: folder,
  });
  server.child.kill("SIGTERM");
  expect(stderr).toContain(
    `warning: the upstream of proxy "inventory", 127.0.0.1:${nobody}, cannot be reached`,
  );
  // The load has run: the abort is of the run, with a report.
  expect(code, stderr).toBe(1);
  expect(await readdir(join(folder, "reports"))).toHaveLength(1);
  await server.finished;
});
