import { expect, test } from "vitest";
import { needsServerOf, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

test("each event is mailed once by a careful worker; one that deletes first loses some, one that is too slow sends some twice", {
  retry: RETRIES,
  timeout: 400_000,
}, async (context) => {
  const how = "there is no ElasticMQ: sh scenarios/sqs-queue/elasticmq.sh get";
  await needsServerOf(context, "sqs-queue", ["sh", "elasticmq.sh", "check"], how);
  const [killed, slow] = ["worker killed and restarted", "mail service slow"] as const;
  // What is lost or doubled stays so. Only what has to be given up comes late: after four times of four seconds.
  const changed = (within: string) => ({
    "phases.baseline": "3s",
    "checks.each accepted event is mailed once or set aside.within": within,
  });
  // Two at a time.
  const [careful, { deletesFirst, tooSlow }] = await Promise.all([
    runShipped("sqs-queue"),
    (async () => ({
      deletesFirst: await runShipped("sqs-queue", {
        vars: { worker: "deletes-first" },
        only: [killed],
        set: changed("5s"),
      }),
      tooSlow: await runShipped("sqs-queue", {
        vars: { worker: "too-slow" },
        only: [slow],
        set: changed("25s"),
      }),
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
