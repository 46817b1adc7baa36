import { expect, test } from "vitest";
import { needsPostgres, needsServer, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

const CUT_OFF = "shop cut off from the broker for a second";
const KILLED = "shop killed between its two writes";
const UNACKNOWLEDGED = "acknowledgements of the worker lost for two seconds";
const ENDED = "each accepted order is completed or compensated, once";
const COMPLETION = "completion(order) p95 < 8s";
const HELD = "goods are held for completed orders alone";

test("with an outbox and guarded steps each accepted order ends once; with a double write orders are lost and done twice, while each answer is a good one", {
  retry: RETRIES,
  timeout: 200_000,
}, async (context) => {
  const env = needsPostgres(context);
  needsServer(context, "nats-server", "nats-server");
  const [careful, careless] = await Promise.all([
    runShipped("saga", { env }),
    runShipped("saga", { env, vars: { shop: "careless" } }),
  ]);
  const verdicts = ({ report }: typeof careful) =>
    [...report.faults, ...(report.checks ?? [])].map(({ name, verdict }) => `${name}: ${verdict}`);

  expect(verdicts(careful), careful.output).toEqual([
    `${CUT_OFF}: pass`,
    `${KILLED}: pass`,
    `${UNACKNOWLEDGED}: pass`,
    `${ENDED}: pass`,
    `${HELD}: pass`,
  ]);
  expect(careful.report.checks?.[0]?.ids, careful.output).toMatchObject({
    lost: { count: 0 },
    duplicated: { count: 0 },
  });

  expect(verdicts(careless), careless.output).toEqual([
    `${CUT_OFF}: fail`,
    `${KILLED}: fail`,
    `${UNACKNOWLEDGED}: fail`,
    `${ENDED}: fail`,
    `${HELD}: fail`,
  ]);
  // The order was stored, and its event never came.
  expect(careless.findings(CUT_OFF), careless.output).toMatch(/\d+ lost/);
  expect(careless.findings(KILLED), careless.output).toMatch(/\d+ lost/);
  // The event came again, and was done again.
  expect(careless.findings(UNACKNOWLEDGED), careless.output).toMatch(/\d+ duplicated/);
  // Whoever asks hears nothing of it: only what is asked of the database tells.
  const broken = careless.report.faults.flatMap(({ name, slos }) =>
    slos.flatMap(({ expect: slo, verdict }) => (verdict === "fail" ? [`${name}: ${slo}`] : [])),
  );
  expect(broken, careless.output).toContain(`${CUT_OFF}: ${COMPLETION}`);
  expect(broken.filter((each) => !each.endsWith(COMPLETION))).toEqual([]);
});
