import { expect, test } from "vitest";
import type { FaultFacts } from "../../../src/analysis/findings/finding.js";
import { whatServiceDid, whatServiceLacks } from "../../../src/analysis/findings/service-findings.js";
import type { Pattern } from "../../../src/analysis/patterns/pattern.js";

const pattern = (id: Pattern["id"], seen: Pattern["seen"], text: string): Pattern => ({
  id,
  proxy: "inventory",
  seen,
  facts: { count: 1 },
  text,
});
const patterns = [
  pattern("timeout", "yes", "It gives up after 300 ms."),
  pattern("retries", "no", "40 requests failed, and none was tried again."),
  pattern("circuit_breaker", "unknown", "Not known."),
  pattern("fallback", "no", "What it could not serve failed."),
  pattern("connections", "no", "It opened no storm."),
];
// Of the facts of a fault these findings use just this much.
const facts = (degraded: boolean) => ({ patterns, comparison: [{ degraded }] }) as unknown as FaultFacts;

test("what was seen is a finding each, with the dependency's name", () => {
  expect(whatServiceDid(facts(true))).toEqual([
    {
      id: "service_timeout",
      facts: { proxy: "inventory", count: 1 },
      text: "Towards inventory: it gives up after 300 ms.",
    },
  ]);
});

test("what was not seen is told where something got worse", () => {
  expect(whatServiceLacks(facts(true)).map(({ text }) => text)).toEqual([
    "Towards inventory: 40 requests failed, and none was tried again. What it could not serve failed.",
  ]);
  expect(whatServiceLacks(facts(false))).toEqual([]);
});
