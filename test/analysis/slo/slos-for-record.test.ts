import { describe, expect, it } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { slosForRecord } from "../../../src/analysis/slo/slos-for-record.js";
import { FaultlineError } from "../../../src/support/errors.js";
import { buildRecord } from "../../helpers/record-builder.js";

const record = buildRecord({
  ratePerS: 100,
  requests: ["browse", "checkout"],
  slos: ["availability >= 99%", "p99 < 400ms"],
  phases: [
    { kind: "warmup", seconds: 3 },
    { kind: "baseline", seconds: 35 },
    { kind: "fault", fault: "slow", seconds: 35, medianMs: 300 },
    { kind: "recovery", fault: "slow", seconds: 35 },
  ],
});

function refusal(...texts: string[]): string {
  try {
    slosForRecord(texts, record);
  } catch (error) {
    if (error instanceof FaultlineError) return `${error.code} ${error.exitCode}: ${error.message}`;
  }
  throw new Error("it was accepted");
}

describe("a saved record by other SLOs", () => {
  it("is judged where its counters allow it", () => {
    const slos = slosForRecord(
      ["availability(browse) >= 90%", "p95 < 400ms", "error_rate < 1x baseline", "max < 10s"],
      record,
    );
    const [fault] = analyse(record, { slos }).faults;
    expect(fault?.slos.map(({ expect: text, verdict }) => [text, verdict])).toEqual([
      ["availability(browse) >= 90%", "pass"],
      ["p95 < 400ms", "fail"],
      ["error_rate < 1x baseline", "inconclusive"],
      ["max < 10s", "pass"],
    ]);
  });

  it("takes a limit that was not counted when no answer came near it", () => {
    expect(slosForRecord(["p99 < 5s"], record)).toHaveLength(1);
  });

  it.each([
    ["p99 < 250ms", /^SLO_NOT_RECORDED 2: .*250 ms was not counted in phase fault.* \(counted were 400 ms\)/],
    [
      "connections(cache) < 5/s",
      /^SLO_NOT_RECORDED 2: .*"cache" were not counted in phase baseline \(none were\)/,
    ],
    ["attempts < 5/s", /^SLO_INVALID 2: .*attempts\(NAME\)/],
    ["p99 <> 1s", /^SLO_INVALID 2: .*column 5/],
    ["p99(cart) < 400ms", /^SLO_INVALID 2: .*no request is called "cart"/],
    ["p99.999 < 5s", /^SLO_INVALID 2: .*has 3500 requests, and p99.999 needs at least 100000/],
  ])("%s is refused", (text, message) => {
    expect(refusal(text)).toMatch(message);
  });
});
