import { expect, test } from "vitest";
import { needsServerOf, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

test("a shop in Python with a time limit and a fallback passes; one with neither fails, and the report says why", {
  retry: RETRIES,
  timeout: 400_000,
}, async (context) => {
  // Made here, before two runs want it at once.
  const how =
    "no virtual environment could be made (apt-get install python3-venv, and pip has to reach its index)";
  await needsServerOf(context, "python-service", ["sh", "environment.sh"], how);
  const [careful, careless] = await Promise.all([
    runShipped("python-service"),
    runShipped("python-service", { vars: { client: "careless" } }),
  ]);
  expect(
    careful.report.faults.map(({ name, verdict }) => `${name}: ${verdict}`),
    careful.output,
  ).toEqual(["prices slow: pass", "prices answer 503: pass", "prices cut off: pass"]);
  for (const { name } of careful.report.faults) {
    expect(careful.findings(name)).toContain("got a degraded answer, none in the baseline");
  }
  for (const { name, verdict } of careless.report.faults) {
    expect(verdict, `${name}\n${careless.output}`).not.toBe("pass");
  }
  for (const fault of ["prices slow", "prices cut off"]) {
    expect(careless.findings(fault)).toContain("no whole answer in time");
  }
  expect(careless.findings("prices answer 503")).toContain("there is no fallback");
});
