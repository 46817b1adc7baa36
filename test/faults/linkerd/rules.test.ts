import fc from "fast-check";
import { expect, test } from "vitest";
import { splitWeights } from "../../../src/faults/linkerd/backend-weights.js";
import { faultedRules, type Split } from "../../../src/faults/linkerd/faulted-rules.js";

test("weights give the share to one more backend, and leave the others what they have among themselves", () => {
  const weights = fc
    .array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 15 })
    .filter((all) => all.some((weight) => weight > 0));
  const share = fc.double({ min: 0.001, max: 0.9, noNaN: true });
  fc.assert(
    fc.property(weights, share, (found, wanted) => {
      const { others, failing } = splitWeights(found, wanted);
      const all = [failing, ...others];
      expect(all.every((weight) => Number.isInteger(weight) && weight >= 0 && weight <= 1_000_000)).toBe(
        true,
      );
      const sum = all.reduce((total, weight) => total + weight, 0);
      const total = found.reduce((most, weight) => most + weight, 0);
      // Whole numbers up to a million: each of at most 16 is off by less than 1, of 100,000 at the least.
      expect(Math.abs(failing / sum - wanted)).toBeLessThan(2e-4);
      for (const [index, weight] of found.entries()) {
        const part = (others[index] ?? 0) / (sum - failing);
        expect(Math.abs(part - weight / total)).toBeLessThan(1e-3);
        expect(others[index] === 0).toBe(weight === 0);
      }
    }),
  );
});

test.each([
  [[1], 0.3, { failing: 3, others: [7] }],
  [[90, 10], 0.5, { failing: 10, others: [9, 1] }],
  [[1, 0], 0.25, { failing: 1, others: [3, 0] }],
  [[1], 0.999999, { failing: 999_999, others: [1] }],
])("weights %j with a share of %d", (weights, share, expected) => {
  expect(splitWeights(weights, share)).toEqual(expected);
});

const SPLIT: Split = {
  plain: { name: "payments", port: 8080 },
  failing: { name: "error-injector", port: 80 },
  share: 1,
  path: null,
  headers: {},
};
const prefix = (value: string) => ({ path: { type: "PathPrefix", value } });
const header = (name: string, value: string, type = "Exact") => ({ headers: [{ name, value, type }] });
const there = { backendRefs: [{ name: "payments", port: 8080 }] };
const rule = (...matches: readonly object[]) => ({ matches, ...there });
const ACME = { "x-tenant": "acme" };

/** What is narrowed: the rules that are there, and the matches of those that are laid before them, or why there are none. */
const NARROWED: readonly (readonly [string, readonly object[], Partial<Split>, unknown])[] = [
  ["a rule without matches, by a header", [there], { headers: ACME }, [[header("x-tenant", "acme")]]],
  ["a rule without matches, by a path", [there], { path: "/charges" }, [[prefix("/charges")]]],
  ["a longer path stays", [rule(prefix("/charges/new"))], { path: "/charges" }, [[prefix("/charges/new")]]],
  ["a shorter path is narrowed", [rule(prefix("/"))], { path: "/charges" }, [[prefix("/charges")]]],
  [
    "an exact path below it stays",
    [rule({ path: { type: "Exact", value: "/charges" } })],
    { path: "/charges" },
    [[{ path: { type: "Exact", value: "/charges" } }]],
  ],
  ["segments are whole", [rule(prefix("/charges2"))], { path: "/charges" }, { id: "apart" }],
  [
    "an exact path above it is another",
    [rule({ path: { type: "Exact", value: "/" } })],
    { path: "/a" },
    { id: "apart" },
  ],
  [
    "the same header with another value",
    [rule(header("X-Tenant", "umbrella"))],
    { headers: ACME },
    { id: "apart" },
  ],
  [
    "the same header with the same value",
    [rule(header("X-Tenant", "acme"))],
    { headers: ACME },
    [[header("X-Tenant", "acme")]],
  ],
  [
    "an expression for the header",
    [rule(header("x-tenant", "a.*", "RegularExpression"))],
    { headers: ACME },
    { id: "unclear", expression: "a.*" },
  ],
  [
    "an expression for the path",
    [rule({ path: { type: "RegularExpression", value: "/c.*" } })],
    { path: "/charges" },
    { id: "unclear", expression: "/c.*" },
  ],
  [
    "each of several rules, by a header",
    [rule({ method: "GET" }), rule(prefix("/a"), prefix("/b"))],
    { headers: ACME },
    [
      [{ method: "GET", ...header("x-tenant", "acme") }],
      [
        { ...prefix("/a"), ...header("x-tenant", "acme") },
        { ...prefix("/b"), ...header("x-tenant", "acme") },
      ],
    ],
  ],
  // Now the second rule wins for GET /charges. Of two that begin with /charges the first would: a method goes before headers.
  [
    "rules that would change places by a path",
    [rule({ method: "GET" }), rule(prefix("/charges"))],
    { path: "/charges" },
    { id: "reordered" },
  ],
  // Now both have one header, and the first wins. With one more the second would.
  [
    "rules that would change places by a header",
    [rule(header("x-tenant", "acme")), rule(header("x-beta", "1"))],
    { headers: ACME },
    { id: "reordered" },
  ],
  ["no rule that leads on", [{ filters: [{ type: "RequestRedirect" }] }], {}, { id: "no_backends" }],
  [
    "a rule that leads there",
    [{ backendRefs: [{ name: "error-injector", port: 80 }] }],
    {},
    { id: "backend_there" },
  ],
];

test.each(NARROWED)("%s", (_, rules, changes, expected) => {
  const split = { ...SPLIT, ...changes };
  const faulted = faultedRules(rules, split);
  if ("id" in faulted) {
    expect(faulted).toEqual(expected);
    return;
  }
  const own = faulted.filter((each) => !rules.includes(each));
  expect(own.map(({ matches }) => matches)).toEqual(expected);
  for (const each of own) expect(each.backendRefs).toEqual([SPLIT.failing]);
  // Those that were there are there still, each behind what was made of it.
  expect(faulted.filter((each) => rules.includes(each))).toEqual(rules);
});

test("a redirect stays one, and wins where it won before", () => {
  const redirect = { name: "old", matches: [prefix("/")], filters: [{ type: "RequestRedirect" }] };
  const faulted = faultedRules([redirect, rule({ method: "GET" })], { ...SPLIT, headers: ACME });
  expect(faulted).toEqual([
    { ...redirect, name: "old-faultline", matches: [{ ...prefix("/"), ...header("x-tenant", "acme") }] },
    redirect,
    { matches: [{ method: "GET", ...header("x-tenant", "acme") }], backendRefs: [SPLIT.failing] },
    rule({ method: "GET" }),
  ]);
});
