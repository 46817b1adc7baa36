import { expect, test } from "vitest";
import { RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

test("a service of gRPC that passes its deadline on survives slow prices; one without deadlines does not, and the report says why", {
  retry: RETRIES,
  timeout: 180_000,
}, async () => {
  const [careful, careless] = await Promise.all([
    runShipped("grpc-quotes"),
    runShipped("grpc-quotes", {
      vars: { client: "careless" },
      only: ["prices unavailable", "slow prices", "prices cut off"],
    }),
  ]);
  expect(
    careful.report.faults.map(({ name, verdict }) => `${name}: ${verdict}`),
    careful.output,
  ).toEqual([
    "prices unavailable: pass",
    "slow prices: pass",
    "prices cut off: pass",
    "prices killed and restarted: pass",
  ]);
  expect(careful.findings("prices cut off")).toMatch(/degraded/);
  for (const { name, verdict } of careless.report.faults) {
    expect(verdict, `${name}\n${careless.output}`).not.toBe("pass");
  }
});
