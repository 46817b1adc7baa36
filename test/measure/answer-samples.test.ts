import { expect, test } from "vitest";
import { withShortSamples } from "../../src/measure/answer-samples.js";

function shown(body: string): string | undefined {
  const sample = { reason: "status 503", request: "browse", status: 503, body };
  return withShortSamples([{ samples: [sample] }])[0]?.samples?.[0]?.body;
}

test("an example is one line without control characters", () => {
  expect(shown("<html>\r\n\t<b>\u001b[31mdown\u001b[0m</b>\u0000\u202e\n")).toBe(
    "<html> <b> [31mdown [0m</b>",
  );
});

test("an example has at most 200 characters", () => {
  expect(shown("x".repeat(200))).toBe("x".repeat(200));
  expect(shown("x".repeat(1000))).toBe(`${"x".repeat(199)}…`);
});

test("a phase of an older record stays as it is", () => {
  expect(withShortSamples([{}])).toEqual([{}]);
});
