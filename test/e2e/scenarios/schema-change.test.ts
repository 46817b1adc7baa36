import { expect, test } from "vitest";
import { needsServer, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

const DEPLOYED = "new API deployed";
const ARRIVES = "each accepted order arrives";
const TOTAL = "each order has the total of three";

test("an old consumer that drops and misreads what is new spoils orders while all SLOs hold; one that passes it on does not", {
  retry: RETRIES,
  timeout: 200_000,
}, async (context) => {
  needsServer(context, "nats-server", "nats-server");
  const [careful, careless] = await Promise.all([
    runShipped("schema-change"),
    runShipped("schema-change", { vars: { schema: "careless" } }),
  ]);
  const verdicts = ({ report }: typeof careful) =>
    [...report.faults, ...(report.checks ?? [])].map(({ name, verdict }) => `${name}: ${verdict}`);

  expect(verdicts(careful), careful.output).toEqual([
    `${DEPLOYED}: pass`,
    `${ARRIVES}: pass`,
    `${TOTAL}: pass`,
  ]);
  expect(verdicts(careless), careless.output).toEqual([
    `${DEPLOYED}: fail`,
    `${ARRIVES}: fail`,
    `${TOTAL}: fail`,
  ]);
  expect(careless.findings(DEPLOYED), careless.output).toMatch(/\d+ lost/);
  // What the old version sent has arrived.
  expect(careless.report.checks?.[0]?.ids?.stored, careless.output).toBeGreaterThan(30);
  for (const { slos } of careless.report.faults) {
    for (const { verdict } of slos) expect(verdict, careless.output).not.toBe("fail");
  }
});
