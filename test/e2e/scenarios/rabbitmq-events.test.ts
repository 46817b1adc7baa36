import { expect, test } from "vitest";
import { needsServer, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

test("no event that RabbitMQ has confirmed is lost or handled twice; those that were only written to it are", {
  retry: RETRIES,
  timeout: 200_000,
}, async (context) => {
  needsServer(context, "rabbitmq-server", "rabbitmq-server");
  const [careful, careless] = await Promise.all([
    runShipped("rabbitmq-events"),
    // RabbitMQ takes long to start again, and this fault tells enough of careless clients.
    runShipped("rabbitmq-events", { vars: { clients: "careless" }, only: ["worker cut off"] }),
  ]);
  expect(careful.report.verdict, careful.output).toBe("pass");
  expect(careful.report.checks, careful.output).toMatchObject([
    { verdict: "pass", ids: { lost: { count: 0 }, duplicated: { count: 0 } } },
  ]);
  expect(careful.findings("RabbitMQ killed and restarted"), careful.output).toMatch(
    /broker was killed \(SIGKILL\)/,
  );
  // Refused connections are the fault's doing until it is ready.
  expect(careful.findings("RabbitMQ killed and restarted")).not.toContain("no fault did that");
  expect(careless.report.verdict, careless.output).toBe("fail");
  expect(careless.report.checks, careless.output).toMatchObject([
    { verdict: "fail", ids: { duplicated: { count: 0 } } },
  ]);
  // All that came while the worker was cut off is lost, and the report says so at that fault.
  expect(careless.findings("worker cut off"), careless.output).toMatch(/\d+ lost/);
});
