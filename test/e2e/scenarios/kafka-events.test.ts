import { expect, test } from "vitest";
import { needsServerOf, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

test("no event that Kafka has accepted is lost or handled twice by careful clients; by careless ones they are", {
  retry: RETRIES,
  timeout: 400_000,
}, async (context) => {
  const how = "there is no Kafka: sh scenarios/kafka-events/kafka.sh get";
  await needsServerOf(context, "kafka-events", ["sh", "kafka.sh", "check"], how);
  const [lostAnswers, cutOff, killed] = [
    "Kafka's answers lost for a second",
    "Kafka cut off for a second",
    "worker killed and restarted",
  ];
  // What is lost or doubled stays so: to wait for it as long as careful clients may take tells no more.
  const set = {
    "phases.baseline": "3s",
    "checks.each accepted event is in the topic once.within": "5s",
    "checks.each accepted event is handled once.within": "5s",
  };
  // Two at a time.
  const [careful, { careless, unanswered }] = await Promise.all([
    runShipped("kafka-events"),
    (async () => ({
      careless: await runShipped("kafka-events", {
        vars: { clients: "careless" },
        only: [lostAnswers, killed],
        set,
      }),
      unanswered: await runShipped("kafka-events", {
        vars: { clients: "careless", acks: "0" },
        only: [cutOff],
        set,
      }),
    }))(),
  ]);
  expect(careful.report.verdict, careful.output).toBe("pass");
  expect(careful.report.checks, careful.output).toMatchObject([
    { verdict: "pass", ids: { lost: { count: 0 }, duplicated: { count: 0 } } },
    { verdict: "pass", ids: { lost: { count: 0 }, duplicated: { count: 0 } } },
  ]);
  expect(careless.report.checks, careless.output).toMatchObject([
    { name: "each accepted event is in the topic once", verdict: "fail", ids: { lost: { count: 0 } } },
    { name: "each accepted event is handled once", verdict: "fail" },
  ]);
  // What was sent again, as its answer was lost, is there twice. What the worker had in hand when it was killed is lost.
  expect(careless.findings(lostAnswers), careless.output).toMatch(/\d+ duplicated/);
  expect(careless.findings(killed), careless.output).toMatch(/\d+ lost/);
  // Nobody waits for Kafka's answers: the SLOs hold, and what was on its way is lost.
  expect(unanswered.findings(cutOff), unanswered.output).toMatch(/\d+ lost/);
  for (const { verdict } of unanswered.fault(cutOff).slos) {
    expect(verdict, unanswered.output).not.toBe("fail");
  }
});
