import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { interpolate, resolveSettings } from "../../../../src/scenario/generate/compose/interpolation.js";

const settings = new Map([
  ["HOST", "db"],
  ["PORT", "5432"],
  ["EMPTY", ""],
]);
const text = (raw: string) => interpolate(raw, settings).text;

describe("a text of a compose file", () => {
  it("takes variables as Compose does", () => {
    expect(text("$HOST:${PORT}")).toBe("db:5432");
    expect(text("${NONE:-a}${NONE-b}${EMPTY:-c}${EMPTY-d}")).toBe("abc");
    expect(text("${HOST:+set}${NONE:+set}${HOST:?must be set}")).toBe("setdb");
    expect(text("${NONE:-${HOST}:1}$$HOST")).toBe("db:1$HOST");
    expect(text("$ ${ ${1} $1")).toBe("$ ${ ${1} $1");
  });

  it("has a part replaced where it is written, and variables beside it stay variables", () => {
    const raw = "postgres://app:${PASSWORD}@${HOST}:${PORT}/shop?x=$$1";
    const value = interpolate(raw, new Map([...settings, ["PASSWORD", "p"]]));
    const start = value.text.indexOf("db:5432");
    expect(value.withReplaced(start, start + 7, "proxy:1")).toBe(
      "postgres://app:${PASSWORD}@proxy:1/shop?x=$$1",
    );
    const own = interpolate("${URL:-redis://cache:6379/$$0}", new Map());
    expect(own.withReplaced(8, 18, "proxy:1")).toBe("redis://proxy:1/$$0");
  });

  it("is not replaced where a part of a setting would be written down", () => {
    const secret = interpolate("$URL", new Map([["URL", "redis://:secret@cache:6379"]]));
    expect(secret.withReplaced(16, 26, "proxy:1")).toBeNull();
    const nested = interpolate("${URL:-redis://:$SECRET@cache:6379}", new Map([["SECRET", "secret"]]));
    expect(nested.withReplaced(16, 26, "proxy:1")).toBeNull();
  });

  it("becomes what it was, but for the replaced part", () => {
    const piece = fc.constantFrom(
      "a",
      ":",
      "$$",
      "${HOST}",
      "$PORT",
      "${NONE:-x$$y}",
      "{",
      "}",
      "$ ",
      "@",
      "${EMPTY}",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(), fc.nat(), (pieces, one, other) => {
        const value = interpolate(pieces.join(""), settings);
        const [start, end] = [one, other].map((n) => n % (value.text.length + 1)).sort((a, b) => a - b) as [
          number,
          number,
        ];
        fc.pre(start < end);
        const raw = value.withReplaced(start, end, "new");
        if (raw === null) return;
        expect(text(raw)).toBe(`${value.text.slice(0, start)}new${value.text.slice(end)}`);
      }),
    );
  });
});

it("variables of .env use each other in any order, and a circle ends", () => {
  const written = new Map([
    ["ADDRESS", "cart:${PORT}"],
    ["PORT", "7070"],
    ["A", "${B}"],
    ["B", "${A}x"],
  ]);
  expect(Object.fromEntries(resolveSettings(written))).toMatchObject({
    ADDRESS: "cart:7070",
    PORT: "7070",
    A: "x",
  });
});
