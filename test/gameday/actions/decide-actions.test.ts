import { expect, test } from "vitest";
import { decidedText } from "../../../src/gameday/actions/decide-actions.js";

const TEXT = `# What we owe ourselves.
actions: 1   # the format

items:
  # From the first day.
  - id: checkout-timeout
    what:   "Give checkout a timeout"     # quotes stay
    status: 'mended' # by bob
    scenario: a.yaml

  - {id: retry, what: Retry once, status: mended,   scenario: a.yaml, fault: cut off}
  -   status: mended
      id: last
      decidedBy: 20260101-000000-before-aaaa
      what: |
        Two
        lines
      scenario: b.yaml`;

test("nothing but status and decidedBy changes: comments, quotes, blanks and order stay", () => {
  const decisions = [
    { id: "checkout-timeout", status: "closed" },
    { id: "retry", status: "open" },
    { id: "last", status: "closed" },
  ] as const;
  expect(decidedText(TEXT, decisions, "20260301-now-1f3a")).toBe(`# What we owe ourselves.
actions: 1   # the format

items:
  # From the first day.
  - id: checkout-timeout
    what:   "Give checkout a timeout"     # quotes stay
    status: closed # by bob
    decidedBy: 20260301-now-1f3a
    scenario: a.yaml

  - {id: retry, what: Retry once, status: open, decidedBy: 20260301-now-1f3a,   scenario: a.yaml, fault: cut off}
  -   status: closed
      id: last
      decidedBy: 20260301-now-1f3a
      what: |
        Two
        lines
      scenario: b.yaml`);
});

test("line ends stay as they are, and so does a last line without one", () => {
  const text =
    "actions: 1\r\nitems:\r\n  - id: a\r\n    what: x\r\n    scenario: a.yaml\r\n    status: mended";
  expect(decidedText(text, [{ id: "a", status: "open" }], "now")).toBe(
    text.replace("mended", "open\ndecidedBy: now").replace("\ndecidedBy", "\n    decidedBy"),
  );
  const more = `${text}\r\n`;
  expect(decidedText(more, [{ id: "a", status: "open" }], "now")).toBe(
    more.replace("mended", "open\r\n    decidedBy: now"),
  );
});

test("an item that is gone, or no longer mended, was decided by somebody else", () => {
  const decisions = [{ id: "gone", status: "closed" }] as const;
  expect(decidedText(TEXT, decisions, "now")).toBe(TEXT);
  const closed = TEXT.replace("'mended'", "closed");
  expect(decidedText(closed, [{ id: "checkout-timeout", status: "open" }], "now")).toBe(closed);
});

test("where a change would reach other items, too, or the file is none of ours, nothing is changed", () => {
  const shared = `actions: 1
items:
  - { id: a, what: x, scenario: a.yaml, status: &s mended }
  - { id: b, what: x, scenario: a.yaml, status: *s }
`;
  expect(decidedText(shared, [{ id: "b", status: "open" }], "now")).toBeNull();
  expect(decidedText("actions: 2\nitems: []\n", [{ id: "a", status: "open" }], "now")).toBeNull();
  expect(decidedText("actions: [", [{ id: "a", status: "open" }], "now")).toBeNull();
});
