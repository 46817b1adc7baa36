import { expect, test } from "vitest";
import { breakingSeries } from "../../src/ledger/breaking-points.js";
import type { BreakingPointFound } from "../../src/ledger/ledger-line.js";
import { faultShown, ledgerLine, placed } from "../helpers/ledger-lines.js";

function runs(found: readonly Partial<BreakingPointFound>[]) {
  return placed(
    found.map((changes, index) => {
      const search = {
        attribute: "latency",
        unit: "ms",
        until: "p99 < 400ms",
        holdsUpTo: null,
        breaksAt: null,
        lessIsWorse: false,
        ...changes,
      };
      return ledgerLine({
        startedAt: new Date(Date.UTC(2026, 2, index + 1)).toISOString(),
        faults: [faultShown({ name: "how slow", search })],
      });
    }),
  );
}

const falling = [900, 800, 700, 600, 500, 400, 300].map((holdsUpTo) => ({
  holdsUpTo,
  breaksAt: holdsUpTo + 50,
}));

test("a threshold that falls is less that the system withstands", () => {
  const [series] = breakingSeries(runs(falling), 20);
  expect(series).toMatchObject({
    scenario: "Checkout",
    fault: "how slow",
    dependency: "cache",
    what: "latency until p99 < 400ms",
    trend: { direction: "down" },
    meaning: "withstands_less",
  });
  expect(series?.points).toHaveLength(7);
});

test("of bandwidth the lesser value is the more that it withstands", () => {
  const narrower = falling.map(({ holdsUpTo }) => ({
    holdsUpTo,
    breaksAt: holdsUpTo - 50,
    lessIsWorse: true,
  }));
  expect(breakingSeries(runs(narrower), 20)[0]?.meaning).toBe("withstands_more");
});

test("only the last points count, and a search that decided nothing is none", () => {
  const [series] = breakingSeries(runs([...falling, {}]), 5);
  expect(series?.points.map(({ found }) => found.holdsUpTo)).toEqual([700, 600, 500, 400, 300]);
  expect(series?.trend).toEqual({ direction: null, p: null });
});
