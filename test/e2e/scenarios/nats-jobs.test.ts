import { expect, test } from "vitest";
import { needsServer, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

test("no job that NATS has confirmed is lost or done twice; those that were only written to it are, while all SLOs hold", {
  retry: RETRIES,
  timeout: 200_000,
}, async (context) => {
  needsServer(context, "nats-server", "nats-server");
  const [careful, careless] = await Promise.all([
    runShipped("nats-jobs"),
    runShipped("nats-jobs", { vars: { clients: "careless" } }),
  ]);
  expect(careful.report.verdict, careful.output).toBe("pass");
  expect(careful.report.checks, careful.output).toMatchObject([
    { verdict: "pass", ids: { lost: { count: 0 }, duplicated: { count: 0 } } },
  ]);
  expect(careless.report.verdict, careless.output).toBe("fail");
  expect(careless.report.checks, careless.output).toMatchObject([
    { verdict: "fail", ids: { duplicated: { count: 0 } } },
  ]);
  // All that came while the worker was cut off is lost, and the report says so at that fault.
  expect(careless.findings("worker cut off"), careless.output).toMatch(/\d+ lost/);
  expect(careless.fault("worker cut off").verdict, careless.output).toBe("fail");
  for (const { name, slos } of careless.report.faults) {
    for (const { verdict } of slos) expect(verdict, `${name}\n${careless.output}`).not.toBe("fail");
  }
});
