import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { main } from "../../src/cli/main.js";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { startChild } from "../helpers/children/start-child.mjs";
import { temporaryFolder } from "../helpers/faultline.js";
import { needsServer } from "../helpers/shipped-scenario.js";
import { testIo } from "../helpers/test-io.js";

const BEGIN_S = Date.parse("2026-11-24T10:00:00Z") / 1000;

/** An hour, ten minutes of which are bad. */
function recorded(): string {
  const times = Array.from({ length: 241 }, (_, index) => 15 * index);
  const isBad = (atS: number) => atS >= 600 && atS < 1200;
  const latency = times.map(
    (atS) => `inventory_latency_seconds ${isBad(atS) ? 0.35 : 0.012} ${BEGIN_S + atS}`,
  );
  return ["# TYPE inventory_latency_seconds gauge", ...latency, "# EOF", ""].join("\n");
}

test("what a real Prometheus has recorded becomes stages; what it refuses is said in its own words", async (context) => {
  needsServer(context, "promtool", "prometheus");
  const cwd = await temporaryFolder();
  writeFileSync(join(cwd, "recorded.om"), recorded());
  writeFileSync(join(cwd, "prometheus.yml"), "global: {}\n");
  await promisify(execFile)(
    "promtool",
    ["tsdb", "create-blocks-from", "openmetrics", "recorded.om", "data"],
    { cwd },
  );
  const url = `http://127.0.0.1:${await pickFreePort()}`;
  const server = startChild(
    "prometheus",
    [
      "--config.file=prometheus.yml",
      "--storage.tsdb.path=data",
      "--storage.tsdb.retention.time=10y",
      `--web.listen-address=${new URL(url).host}`,
    ],
    { cwd, stdio: "ignore" },
  );
  onTestFinished(async () => {
    server.kill("SIGKILL");
    await once(server, "exit");
  });
  const isReady = () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(isReady, { timeout: 60_000, interval: 200 }).toBe(true);
  const init = async (query: string) => {
    const io = testIo({ cwd });
    const range = ["--range", "2026-11-24T10:00Z/11:00Z", "--latency", query];
    return {
      exitCode: await main(["init", "--from", "prometheus", "--prometheus", url, ...range], io),
      err: io.err(),
    };
  };
  expect(await init("sum((")).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining("bad_data"),
  });
  const { exitCode, err } = await init("inventory_latency_seconds");
  expect(exitCode, err).toBe(0);
  expect(readFileSync(join(cwd, "scenario.yaml"), "utf8")).toContain(`      - { at: 0s, latency: 12ms }
      - { at: 10m, latency: 350ms }
      - { at: 20m, latency: 12ms }
`);
});
