import { expect, test } from "vitest";
import { Findings } from "../../../src/checks/ids/compare-ids.js";
import { FoundIds } from "../../../src/checks/ids/found-ids.js";
import { SentIds } from "../../../src/checks/ids/sent-ids.js";
import type { Fate } from "../../../src/measure/ids/id-log.js";
import { sentMoments } from "../../../src/run/checks/sent-moment.js";

/** Ids with their fates, each sent one second after the one before. */
function compare(
  sent: readonly (readonly [id: string, fate: Fate])[],
  found: readonly string[],
  before: readonly string[] | null = [],
) {
  const ids = new SentIds();
  for (const [index, [id, fate]] of sent.entries()) ids.add({ id, fate, dueMs: index * 1000, tookMs: 5 });
  const findings = new Findings(ids, new Set(before ?? []));
  for (const id of found) findings.add(id);
  const result = findings.result(before !== null, (s) => ({
    when: s < 2 ? "baseline" : "fault",
    fault: s < 2 ? null : "cut",
  }));
  const idsOf = (kind: "lost" | "duplicated" | "unexpected" | "recovered") =>
    result[kind].examples.map(({ id }) => id);
  return {
    result,
    lost: idsOf("lost"),
    duplicated: idsOf("duplicated"),
    unexpected: idsOf("unexpected"),
    recovered: idsOf("recovered"),
    isForeign: findings.isForeign,
  };
}

const all = [
  ["a", "acknowledged"],
  ["b", "acknowledged"],
  ["c", "acknowledged"],
  ["r", "refused"],
  ["s", "refused"],
  ["u", "unknown"],
  ["v", "unknown"],
] as const;

test("blanks around an id do not make it another one", () => {
  const lines: string[] = [];
  const found = new FoundIds({ list: null, each: null }, (id) => lines.push(id));
  found.add(Buffer.from(" a \r\n"));
  found.end();
  const json: string[] = [];
  const list = new FoundIds({ list: "$", each: null }, (id) => json.push(id));
  list.add(Buffer.from('[" a "]'));
  list.end();
  for (const answer of [lines, json]) {
    expect(compare([[" a ", "acknowledged"]], answer)).toMatchObject({ lost: [], unexpected: [] });
  }
});

test("lost, duplicated, unexpected and recovered, with when they were sent", () => {
  const { result, ...groups } = compare(all, ["a", "b", "b", "s", "u"]);
  expect(groups).toEqual({
    lost: ["c"],
    duplicated: ["b"],
    unexpected: ["s"],
    recovered: ["u"],
    isForeign: false,
  });
  expect(result).toMatchObject({ acknowledged: 3, refused: 2, unknown: 2, stored: 4, neverSent: 0 });
  expect(result.lost).toEqual({
    count: 1,
    sent: [{ when: "fault", fault: "cut", count: 1 }],
    examples: [{ id: "c", sentAtS: 2, when: "fault", fault: "cut", fate: "acknowledged", times: 0 }],
  });
  expect(result.duplicated.examples[0]?.times).toBe(2);
});

test("what was there before the load is nobody's, and what nobody has sent is unexpected", () => {
  expect(compare(all, ["a", "b", "c", "old", "old"], ["old"]).unexpected).toEqual([]);
  const { result, unexpected } = compare(all, ["a", "b", "c", "x", "x"]);
  expect(unexpected).toEqual(["x"]);
  expect(result).toMatchObject({
    neverSent: 1,
    unexpected: { count: 1, examples: [{ sentAtS: null, fate: null, times: 2 }] },
  });
  // Nobody knows what was there.
  expect(compare(all, ["a", "b", "c", "x"], null).result).toMatchObject({
    neverSent: 1,
    unexpected: { count: 0 },
  });
});

test("a request whose answer did not bring its id may have left one", () => {
  const anonymous = [...all, ["", "unknown"], ["", "refused"]] as const;
  expect(compare(anonymous, ["a", "b", "c", "x"]).result).toMatchObject({
    withoutId: 1,
    unexpected: { count: 0 },
  });
  expect(compare(anonymous, ["a", "b", "c", "x", "y"]).result.unexpected.count).toBe(1);
});

test("an id that several requests had may be there as often, and one acknowledgement counts", () => {
  const retried = [
    ["a", "unknown"],
    ["a", "acknowledged"],
    ["a", "refused"],
  ] as const;
  expect(compare(retried, ["a", "a", "a"]).result).toMatchObject({
    acknowledged: 1,
    duplicated: { count: 0 },
  });
  expect(compare(retried, ["a", "a", "a", "a"]).duplicated).toEqual(["a"]);
  expect(compare(retried, []).lost).toEqual(["a"]);
});

test("an answer with ids of which none was sent is not about this load", () => {
  expect(compare(all, ["x", "y"]).isForeign).toBe(true);
  expect(compare(all, ["x", "y"], ["x", "y"]).isForeign).toBe(false);
  expect(compare(all, []).isForeign).toBe(false);
});

test("only the earliest twenty are examples, and all are counted", () => {
  const many = Array.from({ length: 500 }, (_, index) => [`id-${499 - index}`, "acknowledged"] as const);
  const { result, lost } = compare(many, []);
  expect(result.lost.count).toBe(500);
  expect(lost).toEqual(Array.from({ length: 20 }, (_, index) => `id-${499 - index}`));
});

test("a request belongs to the fault that was in place, or to the recovery from it", () => {
  const fault = (name: string, injectedAtS: number | null, removedAtS: number | null) => ({
    name,
    injectedAtS,
    removedAtS,
  });
  const momentOf = sentMoments(
    [
      { kind: "warmup", startS: 0 },
      { kind: "baseline", startS: 5 },
    ],
    [fault("slow", 10, 20), fault("cut", 30, null), fault("never", null, null)],
  );
  expect([4.9, 5, 10, 19.9, 20, 29.9, 30, 99].map((s) => Object.values(momentOf(s)).join(" "))).toEqual([
    "warmup ",
    "baseline ",
    "fault slow",
    "fault slow",
    "recovery slow",
    "recovery slow",
    "fault cut",
    "fault cut",
  ]);
});
