import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Report } from "../../src/analysis/document/report.js";
import type { PhaseRecord, RunRecord } from "../../src/measure/record.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function p50s(phase: PhaseRecord | undefined, request: string): number[] {
  const series = phase?.requests.find((one) => one.request === request);
  return (series?.latencyMs.p50 ?? []).filter((ms) => ms !== null);
}

test("the login journey logs in, carries its token, and only logins feel the slow identity provider", {
  // A machine that is busy with other things can make the load late, and then the run rightly says nothing.
  retry: 2,
  timeout: 90_000,
}, async () => {
  const out = join(await temporaryFolder(), "out");
  const { code, stdout, stderr } = await faultline(["run", "scenarios/login-journey.yaml", "--out", out], {
    timeoutMs: 80_000,
  });
  expect(code, stdout + stderr).toBe(0);
  const record: RunRecord = JSON.parse(await readFile(join(out, "record.json"), "utf8"));
  const report: Report = JSON.parse(await readFile(join(out, "report.json"), "utf8"));
  expect(report.faults[0]?.injection.proven).toBe(true);
  const fault = record.phases.find(({ kind }) => kind === "fault");
  const baseline = record.phases.find(({ kind }) => kind === "baseline");
  expect(fault?.requests.map(({ request }) => request)).toEqual(["login", "cart", "order"]);
  expect(Math.min(...p50s(fault, "login"))).toBeGreaterThan(570);
  expect(Math.max(...p50s(fault, "order"))).toBeLessThan(500);
  expect(Math.max(...p50s(baseline, "login"))).toBeLessThan(500);
  // A wrong or missing token is a 401, which no step accepts: all that was due was let in.
  expect(record.phases.flatMap((phase) => Object.keys(phase.reasons))).toEqual([]);
  const api = record.services.find(({ name }) => name === "api")?.outputTail ?? "";
  const counts = JSON.parse(/\{.*\}/.exec(api)?.[0] ?? "{}");
  const ok = sum(record.phases.flatMap(({ all }) => all.outcomes.ok)) + record.unjudged.outcomes.ok;
  expect(counts).toMatchObject({ requests: ok, denied: 0 });
});
