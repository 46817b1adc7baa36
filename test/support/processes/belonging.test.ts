import { describe, expect, test } from "vitest";
import { type Belongings, belonging } from "../../../src/support/processes/belonging.js";
import type { ProcessRow } from "../../../src/support/processes/process-table.js";

const LEADER = 500;

/** A process of the service's own group and session unless said otherwise. */
function row(pid: number, changes: Partial<ProcessRow> = {}): ProcessRow {
  return {
    pid,
    start: `t${pid}`,
    parent: 1,
    group: LEADER,
    session: LEADER,
    isZombie: false,
    isStopped: false,
    ...changes,
  };
}

const leader = row(LEADER);
const stranger = row(9, { group: 9, session: 9 });

function pidsOf(rows: readonly ProcessRow[], changes: Partial<Belongings> = {}): number[] {
  const known = { known: new Map([[LEADER, leader.start]]), numbers: new Set([LEADER]) };
  const { processes } = belonging(rows, { ...known, isFresh: false, isMarked: () => false, ...changes });
  return processes.map(({ pid }) => pid).sort((a, b) => a - b);
}

test("while the leader lives, its group, its session and all that descends from them are the service's", () => {
  const rows = [
    leader,
    row(501),
    row(502, { group: 502 }),
    row(503, { parent: 502, group: 503, session: 503 }),
    row(504, { parent: 503, group: 504, session: 504 }),
    // Left by a parent that has ended; its session is led by one of them.
    row(505, { group: 505, session: 503 }),
    stranger,
  ];
  expect(pidsOf(rows)).toEqual([500, 501, 502, 503, 504, 505]);
});

describe("when the leader has ended", () => {
  test("a group of its number is a stranger's, until one in it is proven", () => {
    const rows = [row(600), row(601, { group: 601 }), stranger];
    expect(pidsOf(rows)).toEqual([]);
    expect(pidsOf(rows, { known: new Map([[601, "t601"]]) })).toEqual([600, 601]);
    // The same pid, and another process.
    expect(pidsOf(rows, { known: new Map([[601, "before"]]) })).toEqual([]);
  });

  test("a process that has the leader's pid now is none of the service's, nor are its children", () => {
    const later = { ...leader, start: "later" };
    expect(pidsOf([later, row(501, { parent: LEADER }), stranger])).toEqual([]);
  });

  test("one that is not collected yet holds the number", () => {
    expect(pidsOf([{ ...leader, isZombie: true }, row(501)])).toEqual([500, 501]);
  });

  test("the marker proves a process, its group and its session", () => {
    const rows = [
      row(700, { group: 710, session: 720 }),
      row(701, { group: 710, session: 1 }),
      row(702, { session: 720 }),
    ];
    expect(pidsOf(rows, { isMarked: (pid) => pid === 700 })).toEqual([700, 701, 702]);
  });

  test("a moment after the last look the number cannot be a stranger's yet", () => {
    expect(pidsOf([row(600), stranger], { isFresh: true })).toEqual([600]);
  });
});

test("a daemon that is known by its port alone brings its children, and nobody of the session that it is in", () => {
  const rows = [
    row(800, { group: 9, session: 9 }),
    row(801, { parent: 800, group: 9, session: 9 }),
    row(802, { group: 9, session: 9 }),
    stranger,
  ];
  expect(pidsOf(rows, { known: new Map([[800, "t800"]]), numbers: new Set() })).toEqual([800, 801]);
});

test("processes of another container, whose group and session are 0 here, prove nothing of one another", () => {
  const rows = [row(900, { group: 0, session: 0 }), row(901, { group: 0, session: 0 })];
  expect(pidsOf(rows, { isMarked: (pid) => pid === 900 })).toEqual([900]);
});
