import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { endingOf, withLeftBehind } from "../../src/run/safety/left-behind.js";
import { buildRecord, sloOf } from "../helpers/record-builder.js";

const LEFT = [{ name: "proxies and faults", error: new Error("the server does not answer.") }];

test("what could not be undone is in the report and decides its exit code, however the run ended", () => {
  const record = buildRecord({
    slos: [sloOf("availability >= 99%")],
    phases: [{ kind: "baseline", seconds: 40 }],
  });
  expect(analyse(record)).toMatchObject({ verdict: "pass", exitCode: 0 });
  expect(analyse({ ...record, ending: endingOf(record.ending, LEFT, 40) })).toMatchObject({
    verdict: "invalid",
    exitCode: 5,
    reason: expect.stringContaining("proxies and faults: the server does not answer"),
  });
  const interrupted = endingOf({ kind: "interrupted", reason: "SIGINT", atS: 20 }, LEFT, 21);
  expect(analyse({ ...record, ending: interrupted })).toMatchObject({
    exitCode: 5,
    reason: expect.stringContaining("the server does not answer. Before that: SIGINT"),
  });
});

test("a run that was undone ends as it ended", () => {
  expect(endingOf({ kind: "completed" }, [], 40)).toEqual({ kind: "completed" });
});

test("the error names what could not be undone, after what went wrong before, if anything did", () => {
  expect(withLeftBehind(null, [])).toBeNull();
  expect(withLeftBehind(null, LEFT)).toMatchObject({
    code: "ROLLBACK_FAILED",
    message: "cleaning up failed: proxies and faults: the server does not answer",
  });
  expect(withLeftBehind(new Error("the disk is full"), LEFT)).toMatchObject({
    message: "the disk is full\nand cleaning up failed: proxies and faults: the server does not answer",
  });
});
