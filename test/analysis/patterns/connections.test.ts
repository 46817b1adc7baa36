import { expect, test } from "vitest";
import { connectionsPattern } from "../../../src/analysis/patterns/connections.js";
import type { BothSides } from "../../../src/analysis/patterns/pattern.js";
import { simulated } from "../../helpers/simulated-service.js";

const { baseline, fault, recovery, ...rest } = simulated({ habits: {}, trouble: { status: 503 } });

/** The side of a service that opens one connection in each second, and this many in the third. */
function opening(side: BothSides, most: number): BothSides {
  return {
    ...side,
    upstream: side.upstream.map(({ seconds, ...stretch }) => ({
      ...stretch,
      seconds: { ...seconds, opened: seconds.opened.map((_, second) => (second === 2 ? most : 1)) },
    })),
  };
}

function seen({ before = 2, during = 1, after = 1 }) {
  if (!recovery) throw new Error("a recovery was simulated");
  return connectionsPattern({
    ...rest,
    baseline: opening(baseline, before),
    fault: opening(fault, during),
    recovery: opening(recovery, after),
  });
}

test("many connections in one second of the fault are a storm", () => {
  expect(seen({ during: 60 })).toEqual({
    seen: "yes",
    facts: { mostPerSBefore: 2, mostPerS: 60, mostPerSAfter: 1 },
    text: "It opened 60 connections in one second while the fault was on, and at most 2 in one second before: a storm of connections.",
  });
});

test("a storm when the fault is gone is told as one, also after a smaller one", () => {
  for (const during of [1, 30]) {
    const { text, seen: isSeen } = seen({ during, after: 60 });
    expect(isSeen).toBe("yes");
    expect(text).toContain("It opened 60 connections in one second when the fault was gone");
  }
});

test("few connections, and not many more than before, are no storm", () => {
  const calm = { seen: "no", text: "It opened no storm of connections." };
  expect(seen({})).toMatchObject(calm);
  expect(seen({ before: 1, during: 19, after: 19 })).toMatchObject(calm);
  expect(seen({ before: 1, during: 20 }).seen).toBe("yes");
  expect(seen({ before: 10, during: 49, after: 49 })).toMatchObject(calm);
  expect(seen({ before: 10, after: 50 }).seen).toBe("yes");
});

test("without a recovery a storm may still have come", () => {
  const without = (during: number) =>
    connectionsPattern({
      ...rest,
      baseline: opening(baseline, 2),
      fault: opening(fault, during),
      recovery: null,
    });
  expect(without(1).seen).toBe("unknown");
  expect(without(60).seen).toBe("yes");
});
