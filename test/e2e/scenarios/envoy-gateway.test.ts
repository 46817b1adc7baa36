import { expect, test } from "vitest";
import { needsServerOf, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

const BAD = "a fifth of the answers are 503";
const LATE = "a fifth of the answers are late";

test("a shop that asks again holds its promises while Envoy answers 503 or holds requests; one that does not fails as often as Envoy says", {
  retry: RETRIES,
  timeout: 240_000,
}, async (context) => {
  const how = "there is no Envoy: sh scenarios/envoy-gateway/envoy.sh get";
  await needsServerOf(context, "envoy-gateway", ["sh", "envoy.sh", "get"], how);
  const set = {
    "phases.warmup": "0s",
    "phases.baseline": "2s",
    "phases.fault": "3s",
    "phases.recovery": "4s",
  };
  const [again, once] = await Promise.all([
    runShipped("envoy-gateway", { set }),
    runShipped("envoy-gateway", { vars: { retries: "0" }, only: [BAD], set }),
  ]);
  expect(
    again.report.faults.map(({ name, verdict }) => `${name}: ${verdict}`),
    again.output,
  ).toEqual([`${BAD}: pass`, `${LATE}: pass`]);
  // Each request of the shop is one at Envoy, or more.
  expect(again.fault(LATE).injection.description).toBe(
    "20% of requests held for 1 s at Envoy of service envoy",
  );
  expect(once.fault(BAD).verdict, once.output).toBe("fail");
  expect(once.findings(BAD)).toContain("status 502");
});
