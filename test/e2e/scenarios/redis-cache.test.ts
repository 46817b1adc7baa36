import { expect, test } from "vitest";
import { needsServer, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

test("a shop whose Redis client waits for nothing survives its cache; one with the defaults does not, and the report says why", {
  retry: RETRIES,
  timeout: 180_000,
}, async (context) => {
  needsServer(context, "redis-server", "redis-server");
  const [careful, careless] = await Promise.all([
    runShipped("redis-cache"),
    runShipped("redis-cache", { vars: { client: "careless" } }),
  ]);
  expect(
    careful.report.faults.map(({ name, verdict }) => `${name}: ${verdict}`),
    careful.output,
  ).toEqual([
    "slow cache: pass",
    "cache cut off: pass",
    "connections reset: pass",
    "cache killed and restarted: pass",
  ]);
  for (const { name, verdict } of careless.report.faults) {
    expect(verdict, `${name}\n${careless.output}`).not.toBe("pass");
  }
  for (const fault of ["cache cut off", "connections reset"]) {
    expect(careless.findings(fault)).toContain("a shorter timeout of its own seems to be missing");
    expect(careful.findings(fault)).not.toContain("a shorter timeout");
  }
  expect(careful.findings("cache killed and restarted")).toMatch(
    /cache was killed \(SIGKILL\) and came back/,
  );
});
