import { expect, test } from "vitest";
import { judgeAnswer } from "../../src/checks/judge-answer.js";
import type { CheckExpectation } from "../../src/plan/checks/check-spec.js";

function judge(expect: Partial<CheckExpectation>, said: string, exitCode = 0) {
  const whole = { exit: null, status: null, number: null, text: null, json: {}, ...expect };
  const judged = judgeAnswer(whole, {
    kind: "answer",
    exitCode,
    status: null,
    body: Buffer.from(said),
    output: said,
  });
  return judged.kind === "held" ? "held" : judged.kind === "broken" ? `broken ${judged.reason}` : judged.why;
}

test.each([
  ["0\n", "held"],
  [" -0 ", "held"],
  ["3\n", "broken number: expected 0, found 3"],
  ["", "nothing_printed"],
  [" \n", "nothing_printed"],
  ["three", "not_a_number"],
  ["1 2", "not_a_number"],
  ["NaN", "not_a_number"],
  ["0x10", "not_a_number"],
])("a number: %j", (said, expected) => {
  expect(judge({ number: { equals: 0 } }, said)).toBe(expected);
});

test("a comparison with a number", () => {
  expect(judge({ number: { ">=": 0 } }, "12.5e3")).toBe("held");
  expect(judge({ number: { ">=": 0 } }, "-1")).toBe("broken number: expected >= 0, found -1");
});

test("a text, which may be none", () => {
  expect(judge({ text: "in sync" }, "all in sync\n")).toBe("held");
  expect(judge({ text: "in sync" }, "behind")).toBe(
    'broken text: expected text with "in sync", found "behind"',
  );
  expect(judge({ text: { equals: "ok" } }, "ok\n")).toBe("held");
  expect(judge({ text: "in sync" }, "")).toBe("nothing_printed");
  expect(judge({ text: { exists: false } }, "\n")).toBe("held");
  expect(judge({ text: { exists: false } }, "behind")).toContain("broken");
});

test("values in JSON", () => {
  const json = { "$.min": { ">=": 0 } };
  expect(judge({ json }, '{"min":0}')).toBe("held");
  expect(judge({ json }, '{"min":-2}')).toBe("broken json $.min: expected >= 0, found -2");
  expect(judge({ json }, "{}")).toBe("broken json $.min: expected >= 0, found nothing");
  expect(judge({ json }, "<html>")).toBe("not_json");
});

test("an exit code that nobody expected says nothing of the system", () => {
  expect(judge({ number: { equals: 0 } }, "0", 1)).toBe("exit_code");
  expect(judge({ exit: 0 }, "", 1)).toBe("broken exit code: expected 0, found 1");
  expect(judge({ exit: 3 }, "", 3)).toBe("held");
  expect(judge({ exit: 3, number: { equals: 0 } }, "1", 3)).toContain("broken number");
});

test("a status that nobody expected says nothing of the system", () => {
  const whole = { exit: null, number: null, text: null, json: {} };
  const answer = { kind: "answer", exitCode: null, body: Buffer.from(""), output: "" } as const;
  const status = (expected: CheckExpectation["status"], found: number) =>
    judgeAnswer({ ...whole, status: expected }, { ...answer, status: found });
  expect(status(null, 503)).toMatchObject({ kind: "unasked", why: "status" });
  expect(status([200], 503)).toEqual({ kind: "broken", reason: "status: expected 200, found 503" });
  expect(status(["4xx"], 404)).toEqual({ kind: "held" });
});

test("a program that a shell does not find is not asked, unless its exit code is what is expected", () => {
  const said = "/bin/sh: 1: psql: not found";
  expect(judge({ exit: 0 }, said, 127)).toBe("not_started");
  expect(judge({ number: { equals: 0 } }, said, 127)).toBe("not_started");
  expect(judge({ exit: 127 }, said, 127)).toBe("held");
  expect(judge({ exit: 0 }, "no such order", 127)).toBe("broken exit code: expected 0, found 127");
});
