import { expect, test } from "vitest";
import { needsPostgres, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

test("a shop with limits and a key stores each order while PostgreSQL is in trouble; one with the defaults ends, and the report says why", {
  retry: RETRIES,
  timeout: 200_000,
}, async (context) => {
  const env = needsPostgres(context);
  const [careful, careless] = await Promise.all([
    runShipped("postgres-orders", { env }),
    runShipped("postgres-orders", { env, vars: { shop: "careless" } }),
  ]);
  expect(
    careful.report.faults.map(({ name, verdict }) => `${name}: ${verdict}`),
    careful.output,
  ).toEqual([
    "slow database: pass",
    "answers lost for a second: pass",
    "database killed and restarted: pass",
  ]);
  expect(
    careful.report.checks?.map(({ name, verdict }) => `${name}: ${verdict}`),
    careful.output,
  ).toEqual(["each acknowledged order is stored once: pass", "each order was counted once: pass"]);
  expect(careful.findings("database killed and restarted")).toMatch(/database was killed .* and came back/);
  expect(careless.report.verdict, careless.output).toBe("fail");
  expect(careless.fault("slow database").verdict, careless.output).not.toBe("pass");
  expect(careless.report.reason).toMatch(
    /Service "shop" exited with code 1.*Connection terminated unexpectedly/,
  );
});
