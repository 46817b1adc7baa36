import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import type { UpstreamDials } from "../../../src/faults/proof.js";
import { buildRecord, type PhaseSketch } from "../../helpers/record-builder.js";

const FAULT = "slow cache";
const BROKEN = { bad: { http_error: 0.5 } } as const;

function dials(changes: Partial<UpstreamDials> = {}): readonly UpstreamDials[] {
  const counted = { proxy: "cache", listen: "127.0.0.1:6391", upstream: "127.0.0.1:6390" };
  return [{ ...counted, dials: 20, refused: 20, ...changes }];
}

function reportOf(
  during: Partial<PhaseSketch>,
  after: Partial<PhaseSketch> = {},
  before: Partial<PhaseSketch> = {},
) {
  return analyse(
    buildRecord({
      slos: ["availability >= 99%", "recovery < 5s"],
      phases: [
        { kind: "baseline", seconds: 40, ...before },
        { kind: "fault", fault: FAULT, seconds: 40, ...during },
        { kind: "recovery", fault: FAULT, seconds: 40, ...after },
      ],
    }),
  );
}

test("a dependency that died under the fault makes what failed invalid, and is named", () => {
  const report = reportOf({ ...BROKEN, upstreams: dials() });
  expect(report.verdict).toBe("invalid");
  const said = "127.0.0.1:6390, the upstream of cache, refused 20 of 20 connections while the fault was on";
  expect(report.reason).toContain(`What failed cannot be laid to the fault: ${said}`);
  expect(report.faults[0]?.findingIds).toContain("upstream_died");
});

test("one that died in the recovery spoils the recovery alone", () => {
  const [fault] = reportOf({}, { bad: { http_error: 1 }, upstreams: dials() }).faults;
  expect(fault?.slos.map(({ phase, verdict }) => `${phase} ${verdict}`)).toEqual([
    "fault pass",
    "recovery invalid",
  ]);
  expect(fault?.findings.join()).toContain("in the recovery");
  // What broke before it is broken all the same.
  expect(reportOf(BROKEN, { bad: { http_error: 1 }, upstreams: dials() }).verdict).toBe("fail");
});

test("a promise that held says that a dependency refused connections, and holds", () => {
  const report = reportOf({ upstreams: dials() });
  expect(report.verdict).toBe("pass");
  expect(report.faults[0]?.findingIds).toContain("upstream_died");
});

test("few refusals of many decide nothing, and neither does what stands behind the load's own proxy", () => {
  expect(reportOf({ ...BROKEN, upstreams: dials({ dials: 1000, refused: 3 }) }).verdict).toBe("fail");
  const target = reportOf({ ...BROKEN, upstreams: dials({ listen: "127.0.0.1:3000" }) });
  expect(target.verdict).toBe("fail");
  expect(target.faults[0]?.findingIds).toContain("upstream_died");
});

test("what refuses as much in the baseline excuses nothing that the baseline did not show", () => {
  const always = reportOf(
    { ...BROKEN, upstreams: dials() },
    {},
    { upstreams: dials({ dials: 40, refused: 40 }) },
  );
  expect(always.verdict).toBe("fail");
  const some = { upstreams: dials({ dials: 40, refused: 4 }) };
  expect(reportOf({ ...BROKEN, upstreams: dials() }, {}, some).verdict).toBe("invalid");
  expect(reportOf({ ...BROKEN, upstreams: dials({ dials: 40, refused: 7 }) }, {}, some).verdict).toBe("fail");
});
