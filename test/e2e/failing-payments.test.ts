import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Report } from "../../src/analysis/document/report.js";
import type { RunRecord } from "../../src/measure/record.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

test("a checkout whose payments fail by single requests: each rule acts, and the record has what crossed", {
  // A machine that is very busy leaves faults out, as the baseline does not hold.
  retry: 1,
  timeout: 130_000,
}, async () => {
  const out = join(await temporaryFolder(), "out");
  const phases = "phases={ warmup: 1s, baseline: 3s, fault: 4s, recovery: 2s }";
  const args = ["run", "scenarios/failing-payments.yaml", "--out", out, "--set", phases];
  const { code, stdout, stderr } = await faultline(args, { timeoutMs: 120_000 });
  // 3: a machine that is busy with other things can leave SLOs undecided. What crossed is known all the same.
  expect([0, 3], stdout + stderr).toContain(code);
  expect(stdout).toContain("status 503 (retry-after: 1) for 10% of requests on payments");
  const record: RunRecord = JSON.parse(await readFile(join(out, "record.json"), "utf8"));
  const report: Report = JSON.parse(await readFile(join(out, "report.json"), "utf8"));
  const injected = new Map(report.faults.map(({ name, injection }) => [name, injection]));
  expect(report.faults.every(({ injection }) => injection.proven)).toBe(true);
  expect(injected.get("first three charges fail")?.acted).toMatchObject({ connections: 3, unit: "request" });
  const phase = record.phases.find(({ fault }) => fault === "payments answers 503");
  const [crossed] = phase?.http ?? [];
  const [route] = crossed?.routes ?? [];
  expect(route?.route).toBe("POST /charges");
  // Each order is a charge, and what was answered with 503 is tried again.
  const orders = sum(phase?.all.scheduled ?? []);
  expect(route?.statuses["201"]).toBeGreaterThan(orders * 0.9);
  expect(route?.statuses["503"]).toBe(route?.actedOn);
  const { exchanges } = crossed ?? {};
  // Every charge has an idempotency-key (1); each 503 is of a rule (4) and has a retry-after (2).
  exchanges?.status.forEach((status, i) => {
    expect(exchanges.flags[i]).toBe(status === 503 ? 7 : 1);
  });
});
