import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Report } from "../../src/analysis/document/report.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";

async function run(...more: string[]) {
  const out = join(await temporaryFolder(), "out");
  const { code, stdout, stderr } = await faultline(
    ["run", "scenarios/lost-orders.yaml", "--out", out, ...more],
    {
      timeoutMs: 110_000,
    },
  );
  const report: Report = JSON.parse(await readFile(join(out, "report.json"), "utf8"));
  return { code, report, out, output: stdout + stderr };
}

test("a service that acknowledges before it stores keeps every SLO and loses orders, and the report says in which fault; one that stores first loses none", {
  timeout: 120_000,
}, async () => {
  const [{ code, report, out, output }, careful] = await Promise.all([run(), run("--var", "stores=before")]);
  expect(code, output).toBe(1);
  const [check] = report.checks ?? [];
  expect(check).toMatchObject({ verdict: "fail", ids: { request: "order", duplicated: { count: 0 } } });
  expect(check?.ids?.lost.count).toBeGreaterThan(20);
  const worst = [...(check?.ids?.lost.sent ?? [])].sort((a, b) => b.count - a.count)[0];
  expect(worst).toMatchObject({ when: "fault", fault: "database is gone for a moment" });
  expect(report.reason).toMatch(
    /^Check "every acknowledged order is stored once": \d+ of [\d,]+ acknowledged "order" requests are lost/,
  );
  const fault = report.faults.find(({ name }) => name === "database is gone for a moment");
  expect(fault).toMatchObject({ verdict: "fail", reason: expect.stringMatching(/\d+ lost/) });
  expect(fault?.slos.map(({ verdict }) => verdict)).toEqual(["pass"]);
  expect(fault?.findingIds?.[0]).toBe("check");
  expect(fault?.findingFacts?.[0]).toMatchObject({ request: "order", duplicated: 0 });
  expect(await readdir(join(out, "ids"))).toContain("thread-1.tsv");

  const [held] = careful.report.checks ?? [];
  expect(held, careful.output).toMatchObject({
    verdict: "pass",
    ids: { lost: { count: 0 }, duplicated: { count: 0 } },
  });
});
