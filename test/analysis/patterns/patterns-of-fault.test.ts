import { expect, test } from "vitest";
import { patternsOfFault } from "../../../src/analysis/patterns/patterns-of-fault.js";
import { httpAction } from "../../../src/faults/http-rule.js";
import type { FaultRecord, PhaseRecord } from "../../../src/measure/record.js";
import { toxicOn } from "../../helpers/actions.js";
import { buildRecord } from "../../helpers/record-builder.js";
import { simulated } from "../../helpers/simulated-service.js";

const record = buildRecord({
  ratePerS: 1,
  slos: ["p50 < 5s"],
  phases: [
    { kind: "baseline", seconds: 1 },
    { kind: "fault", fault: "bad", seconds: 1 },
  ],
});

/** The phases of a simulated service, as a record has them. */
function phases(proxy = "inventory") {
  const { baseline, fault, recovery } = simulated({
    habits: { retryAfterMs: [20] },
    trouble: { status: 503 },
  });
  const withHttp = ({ client, upstream }: typeof baseline): PhaseRecord => ({
    ...client,
    http: upstream.map((stretch) => ({ ...stretch, proxy })),
  });
  return {
    baseline: withHttp(baseline),
    during: withHttp(fault),
    recovery: recovery && withHttp(recovery),
  };
}

function fault(actions: FaultRecord["actions"]): FaultRecord {
  const [one] = record.faults;
  if (!one) throw new Error("a fault was sketched");
  return { ...one, actions, injectedAtS: 10, removedAtS: 25 };
}

const answers503 = httpAction("inventory", { status: 503, headers: { "Retry-After": "1" } });

test("each proxy whose requests were seen has its patterns, with its name", () => {
  const patterns = patternsOfFault(fault([answers503]), phases(), record);
  const retries = patterns.find(({ id }) => id === "retries");
  expect(retries).toMatchObject({ proxy: "inventory", seen: "yes" });
  expect(retries?.text).toMatch(/^A failed request/);
  expect(retries?.text).toContain("as Retry-After says (1 s)");
});

test("a dependency that the fault was not done to has them where it failed", () => {
  const elsewhere = fault([httpAction("payments", { status: 503 })]);
  expect(patternsOfFault(elsewhere, phases(), record).map(({ proxy }) => proxy)).toContain("inventory");
  const { baseline } = phases();
  expect(patternsOfFault(elsewhere, { baseline, during: baseline, recovery: null }, record)).toEqual([]);
});

test("nothing is told where requests do not get through, without a baseline, and of a fault that was not run", () => {
  const cut = fault([answers503, toxicOn("inventory", "reset_peer")]);
  expect(patternsOfFault(cut, phases(), record)).toEqual([]);
  const { baseline, during, recovery } = phases();
  const refused = {
    proxy: "inventory",
    listen: "127.0.0.1:1",
    upstream: "127.0.0.1:2",
    dials: 9,
    refused: 4,
  };
  const dead = { baseline, during: { ...during, upstreams: [refused] }, recovery };
  expect(patternsOfFault(fault([answers503]), dead, record)).toEqual([]);
  expect(patternsOfFault(fault([answers503]), { ...phases(), baseline: null }, record)).toEqual([]);
  const notRun = { ...fault([answers503]), injectedAtS: null };
  expect(patternsOfFault(notRun, phases(), record)).toEqual([]);
});
