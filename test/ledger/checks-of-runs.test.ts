import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { gateVerdict, judgeGate } from "../../src/ledger/gate.js";
import { reasonOf } from "../../src/ledger/gate-in-words.js";
import { type LedgerLine, ledgerLineSchema } from "../../src/ledger/ledger-line.js";
import { lineOfRun } from "../../src/ledger/line-of-run.js";
import type { Requirement } from "../../src/ledger/requirements.js";
import type { CheckRecord } from "../../src/measure/checks/check-record.js";
import { toxicOn } from "../helpers/actions.js";
import { checkOf, idsLost } from "../helpers/check-sketch.js";
import { faultShown, ledgerLine, placed } from "../helpers/ledger-lines.js";
import { buildRecord } from "../helpers/record-builder.js";

const PROVENANCE = { sources: [], lockFiles: [], commit: null, whole: true };

function lineWith(checks: readonly CheckRecord[], faults: readonly string[]): LedgerLine {
  const built = buildRecord({
    ratePerS: 100,
    slos: ["availability >= 90%"],
    phases: [
      { kind: "baseline", seconds: 40 },
      ...faults.flatMap((fault) => [
        { kind: "fault" as const, fault, seconds: 40 },
        { kind: "recovery" as const, fault, seconds: 20 },
      ]),
    ],
    faults: faults.map((name) => ({ name, actions: [toxicOn("cache", "latency")] })),
  });
  const record = { ...built, checks: [...checks] };
  const line = lineOfRun({ report: analyse(record), record }, PROVENANCE, { id: "1", folder: null });
  return ledgerLineSchema.parse(JSON.parse(JSON.stringify(line)));
}

function gate(lines: readonly LedgerLine[], requirements: readonly Requirement[] | null = null) {
  const nowMs = Math.max(...lines.map(({ startedAt }) => Date.parse(startedAt)));
  const items = judgeGate(placed(lines), { requirements, maxAgeMs: null, nowMs, changesSince: () => [] });
  return {
    verdict: gateVerdict(items),
    items: items.map((item) => ({ fault: item.fault, status: item.status, reason: reasonOf(item) })),
  };
}

const required = (fault: string, request: string | null): Requirement => ({
  dependency: "cache",
  fault,
  request,
  scenario: null,
  maxAgeMs: null,
  place: { file: "faults.yaml", line: 3, column: 5 },
});

test("a load test that lost orders is no evidence that anything holds", () => {
  const line = lineWith([idsLost("orders", 178, null)], []);
  expect(line).toMatchObject({ verdict: "fail", baseline: "pass" });
  expect(line.checks).toMatchObject([{ name: "orders", verdict: "fail", request: "order", faults: [] }]);
  const { verdict, items } = gate([line]);
  expect(verdict).toBe("fail");
  expect(items).toMatchObject([{ fault: null, status: "broken" }]);
  expect(items[0]?.reason).toMatch(/^Check "orders": .*178/);
});

test("what was lost outside of all faults is on all of them", () => {
  const line = lineWith([idsLost("orders", 212, null)], ["slow cache", "cache off"]);
  // Each of them stands between the sending and the loss.
  expect(line.faults.map(({ verdict }) => verdict)).toEqual(["inconclusive", "inconclusive"]);
  const { verdict, items } = gate([line]);
  expect(verdict).toBe("fail");
  expect(items.map(({ status }) => status)).toEqual(["broken", "broken"]);
});

test("what was lost in a fault is that fault's alone, whatever it promises for requests", () => {
  const line = lineWith([idsLost("orders", 30, "cache off")], ["slow cache", "cache off"]);
  expect(line.checks?.[0]?.faults).toEqual(["cache off"]);
  expect(gate([line]).items.map(({ fault, status }) => [fault, status])).toEqual([
    ["cache off", "broken"],
    ["slow cache", "held"],
  ]);
  const promised = (verdict: "pass" | "fail") => [
    faultShown({
      name: "cache off",
      verdict,
      requests: [
        { request: "order", verdict: "pass" },
        { request: "browse", verdict: "pass" },
      ],
    }),
  ];
  const lossy = ledgerLine({ verdict: "fail", faults: promised("fail"), checks: line.checks });
  expect(gate([lossy], [required("cache off", "order")]).verdict).toBe("fail");
  expect(gate([lossy], [required("cache off", "browse")]).verdict).toBe("pass");
});

test("what could not be asked leaves evidence undecided, and what held changes nothing", () => {
  const unasked = lineWith([checkOf("stock", "unasked")], ["slow cache"]);
  expect(unasked.verdict).toBe("invalid");
  expect(gate([unasked])).toMatchObject({ verdict: "inconclusive", items: [{ status: "undecided" }] });
  expect(gate([lineWith([checkOf("stock", "held")], ["slow cache"])]).verdict).toBe("pass");
});

test("an older line without checks does not pass when its run failed and nothing in it says by what", () => {
  expect(gate([ledgerLine({ verdict: "fail" })]).verdict).toBe("fail");
  expect(gate([ledgerLine({ verdict: "fail", faults: [] })]).verdict).toBe("fail");
  expect(gate([ledgerLine()]).verdict).toBe("pass");
});

test("a later run in which the check held makes up for it", () => {
  const at = (line: LedgerLine, id: string, startedAt: string) => ({ ...line, id, startedAt });
  const lossy = at(lineWith([checkOf("stock", "broken")], ["slow cache"]), "a", "2026-03-01T12:00:00.000Z");
  const good = at(lineWith([checkOf("stock", "held")], ["slow cache"]), "b", "2026-03-02T12:00:00.000Z");
  expect(gate([lossy, good]).verdict).toBe("pass");
  expect(gate([good, at(lossy, "c", "2026-03-03T12:00:00.000Z")]).verdict).toBe("fail");
});
