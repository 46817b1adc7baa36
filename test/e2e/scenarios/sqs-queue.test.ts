import { expect, test } from "vitest";
import { needsServerOf, runShipped } from "../../helpers/shipped-scenario.js";

test("each event is mailed once by a careful worker; one that deletes first loses some, one that is too slow sends some twice", {
  // A machine that is very busy leaves verdicts open.
  retry: 2,
  timeout: 400_000,
}, async (context) => {
  const how = "there is no ElasticMQ: sh scenarios/sqs-queue/elasticmq.sh get";
  await needsServerOf(context, "sqs-queue", ["sh", "elasticmq.sh", "check"], how);
  const [killed, slow] = ["worker killed and restarted", "mail service slow"] as const;
  // Two at a time.
  const [careful, { deletesFirst, tooSlow }] = await Promise.all([
    runShipped("sqs-queue"),
    (async () => ({
      deletesFirst: await runShipped("sqs-queue", { vars: { worker: "deletes-first" }, only: [killed] }),
      tooSlow: await runShipped("sqs-queue", { vars: { worker: "too-slow" }, only: [slow] }),
    }))(),
  ]);
  expect(careful.report.verdict, careful.output).toBe("pass");
  expect(careful.report.checks, careful.output).toMatchObject([
    { verdict: "pass", ids: { lost: { count: 0 }, duplicated: { count: 0 } } },
  ]);
  expect(deletesFirst.findings(killed), deletesFirst.output).toMatch(/\d+ lost/);
  expect(tooSlow.report.checks, tooSlow.output).toMatchObject([
    { verdict: "fail", ids: { lost: { count: 0 } } },
  ]);
  expect(tooSlow.findings(slow), tooSlow.output).toMatch(/\d+ duplicated/);
  for (const { report, output } of [deletesFirst, tooSlow]) {
    for (const { verdict } of report.faults[0]?.slos ?? []) expect(verdict, output).not.toBe("fail");
  }
});
