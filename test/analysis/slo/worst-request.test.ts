import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { buildRecord, type PhaseSketch, type RunSketch } from "../../helpers/record-builder.js";

function reasonOf(slo: string, during: Partial<PhaseSketch>, more: Partial<RunSketch> = {}): string {
  const record = buildRecord({
    requests: ["browse", "checkout"],
    slos: [slo],
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "cut off", seconds: 40, ...during },
      { kind: "recovery", fault: "cut off", seconds: 40 },
    ],
    ...more,
  });
  const [result] = analyse(record).faults[0]!.slos;
  expect(result?.verdict).toBe("fail");
  return result!.reason;
}

const CHECKOUT_FAILS: Partial<PhaseSketch> = {
  of: { checkout: { bad: { http_error: 0.3 } }, browse: { bad: { reset: 0.02 } } },
  reasonsOf: {
    checkout: { "status 503": 500, "status 500": 90 },
    browse: { "connection reset": 40 },
  },
};

test("a broken SLO of all requests names the one that most bad ones were, how many, and why", () => {
  expect(reasonOf("availability >= 99%", CHECKOUT_FAILS)).toMatch(
    / Most of them were checkout: (5|6)\d\d of 6\d\d, most often status 503\.$/,
  );
});

test("a reason that was the only one is not called the most frequent", () => {
  const only = { ...CHECKOUT_FAILS, reasonsOf: { checkout: { "status 503": 590 } } };
  expect(reasonOf("availability >= 99%", only)).toMatch(/ of 6\d\d, status 503\.$/);
});

test("where more were late than failed, the limit is the reason", () => {
  expect(reasonOf("p99 < 400ms", { of: { browse: { medianMs: 600 } } })).toMatch(
    / All of them were browse, mostly slower than 400 ms\.$/,
  );
});

test("a name with as many bad ones as its part of the load explains is not made the culprit", () => {
  const mostly = { requests: ["browse", "browse", "browse", "checkout"] };
  expect(reasonOf("availability >= 99%", { bad: { reset: 0.3 } })).not.toMatch(/of them/);
  expect(reasonOf("availability >= 99%", { bad: { reset: 0.3 } }, mostly)).toMatch(
    / Most of them were browse: \d+ of 1,\d+, about its part of the load\.$/,
  );
});

test("with three names none of which has half, no word of most", () => {
  const three = {
    a: { bad: { reset: 0.35 } },
    b: { bad: { reset: 0.2 } },
    c: { bad: { reset: 0.2 } },
  };
  expect(reasonOf("availability >= 99%", { of: three }, { requests: ["a", "b", "c"] })).toMatch(
    / More of them than of any other were a: \d+ of [\d,]+\.$/,
  );
});

test.each([
  ["an SLO of one request", "availability(checkout) >= 99%", CHECKOUT_FAILS, {}],
  ["a window", "availability >= 99% for 5s", CHECKOUT_FAILS, {}],
  ["the only request", "availability >= 99%", { bad: { reset: 0.3 } }, { requests: ["browse"] }],
  ["a total outage", "availability >= 99%", { bad: { reset: 1 } }, {}],
])("nothing is named for %s", (_, slo, during, more) => {
  expect(reasonOf(slo, during, more)).not.toMatch(/of them/);
});

test("a baseline that does not hold says it, too, and its reason once", () => {
  const record = buildRecord({
    requests: ["browse", "checkout"],
    slos: ["availability >= 99%"],
    phases: [{ kind: "baseline", seconds: 40, ...CHECKOUT_FAILS, reasons: { "status 503": 590 } }],
    faults: [{ name: "cut off", notRun: "no healthy baseline" }],
  });
  const { reason } = analyse(record);
  expect(reason).toMatch(/Most of them were checkout: \d+ of \d+, most often status 503\.$/);
});
