import { expect, test } from "vitest";
import { wrapLines } from "../../../src/cli/process/wrap-lines.js";

test("a line longer than the terminal is broken between words, and goes on with a deeper indent", () => {
  const warning = "warning: this plan may need 5,000 file descriptors, and this process may have 1,024";
  expect(wrapLines(warning, 40)).toBe(
    ["warning: this plan may need 5,000 file", "  descriptors, and this process may have", "  1,024"].join(
      "\n",
    ),
  );
  expect(wrapLines("  = write `target: http://x`\n", 14)).toBe("  = write\n    `target:\n    http://x`\n");
});

test("what has no blank stays whole, and what fits or is a line of the scenario stays as it is", () => {
  const path = `/srv/${"folder/".repeat(10)}report.json`;
  expect(wrapLines(`wrote ${path}`, 30)).toBe(`wrote\n  ${path}`);
  expect(wrapLines("short\n\nalso short\n", 30)).toBe("short\n\nalso short\n");
  const frame = `  12 | ${"a b ".repeat(20)}\n     | ${" ".repeat(20)}^^^`;
  expect(wrapLines(frame, 30)).toBe(frame);
});
