import { expect, test } from "vitest";
import { parseMetricSelector, selects } from "../../../src/scenario/signals/metric-selector.js";

const labels = new Map([
  ["code", "503"],
  ["path", '/a "b",c'],
]);

test.each([
  ["orders_total", true],
  ["orders_total{}", true],
  ['orders_total{code=~"5.."}', true],
  ['orders_total{code=~"5"}', false],
  ['orders_total{code!="200", path="/a \\"b\\",c",}', true],
  ["orders_total{code!~'5..|4..'}", false],
  ['orders_total{team=""}', true],
  ['orders_total{team!=""}', false],
])("%s selects the series: %s", (text, isSelected) => {
  const selector = parseMetricSelector(text);
  expect(selector?.metric).toBe("orders_total");
  expect(selector && selects(selector, labels)).toBe(isSelected);
});

test.each(["", "sum(a)", "a{", 'a{x="1"', "a{x=1}", 'a{x=~"("}', "a + b", 'a{x="1" y="2"}'])(
  "%s is no selector",
  (text) => {
    expect(parseMetricSelector(text)).toBeNull();
  },
);
