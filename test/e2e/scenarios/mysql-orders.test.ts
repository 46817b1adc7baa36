import { expect, test } from "vitest";
import { needsServer, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

const LOST = "answers lost for a second";

test("orders that are tried again on MariaDB are stored once with a unique id, and twice without, while all SLOs hold", {
  retry: RETRIES,
  timeout: 200_000,
}, async (context) => {
  needsServer(context, "mariadbd", "mariadb-server");
  const [careful, doubling] = await Promise.all([
    runShipped("mysql-orders"),
    runShipped("mysql-orders", { vars: { keys: "ignored" } }),
  ]);
  expect(
    careful.report.faults.map(({ name, verdict }) => `${name}: ${verdict}`),
    careful.output,
  ).toEqual(["slow database: pass", `${LOST}: pass`, "database killed and restarted: pass"]);
  expect(careful.report.checks, careful.output).toMatchObject([
    { verdict: "pass", ids: { lost: { count: 0 }, duplicated: { count: 0 } } },
  ]);
  const lost = doubling.fault(LOST);
  for (const { verdict } of lost.slos) expect(verdict, doubling.output).not.toBe("fail");
  expect(lost, doubling.output).toMatchObject({
    verdict: "fail",
    reason: expect.stringMatching(/\d+ duplicated/),
  });
  expect(doubling.report.checks, doubling.output).toMatchObject([
    { verdict: "fail", ids: { lost: { count: 0 } } },
  ]);
  expect(doubling.findings(LOST), doubling.output).toMatch(/\d+ duplicated/);
  expect(doubling.report.verdict, doubling.output).toBe("fail");
});
