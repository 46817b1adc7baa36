import fc from "fast-check";
import { expect, test } from "vitest";
import { harmless, harmlessJson, oneLine, printable } from "../../src/support/printable.js";

const EVIL =
  "\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u001b]8;;http://evil\u0007link\u001b]8;;\u0007\u202eRLO\u200e\u061c \u0085\u009b31m C1\r";

test("terminal sequences go as a whole, and so does what reorders text", () => {
  expect(printable(EVIL)).toBe("linkRLO  C1");
  expect(printable("a\tb\nc")).toBe("a\tb\nc");
  expect(oneLine(" a\n\tb \u001b[31mc\u001b[0m")).toBe("a b c");
});

test.each([
  ["::error::x", ": :error::x"],
  ["a\n  ::set-output name=v::pass", "a\n  : :set-output name=v::pass"],
  ["\u001b[1m::warning::x", ": :warning::x"],
  ["\u200e::warning::x", ": :warning::x"],
  ["a ##[error]x", "a # #[error]x"],
  ["##vso[task.complete result=Succeeded;]", "# #vso[task.complete result=Succeeded;]"],
  ["####teamcity[buildStatus]", "### #teamcity[buildStatus]"],
  ["std::string and ## headings [1]", "std::string and ## headings [1]"],
])("no line is a command for a CI server: %j", (text, shown) => {
  expect(harmless(text)).toBe(shown);
});

test("JSON that is printed stays the same JSON, and holds nothing that acts", () => {
  const value = { [`key ${EVIL}`]: [`${EVIL} ##[error]`, "\u2028::error::", 5, null] };
  const text = harmlessJson(value);
  expect(JSON.parse(text)).toEqual(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u200e\u061c\u2028]|##\[/);
  fc.assert(
    fc.property(fc.jsonValue(), (any) => {
      expect(JSON.parse(harmlessJson(any))).toEqual(JSON.parse(JSON.stringify(any)));
      expect(harmless(harmlessJson(any))).toBe(harmlessJson(any));
    }),
  );
});
