import { expect, test } from "vitest";
import { RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

/** What the report says of the services, by fault and pattern. */
async function patterns(vars: Readonly<Record<string, string>>) {
  const { fault, output } = await runShipped("service-chain", { vars });
  const of = (name: string, id: string) =>
    fault(name).patterns?.find((pattern) => pattern.id === id && pattern.proxy === "inventory");
  return { of, output };
}

const ERRORS = "inventory answers 503";
const SLOW = "inventory is slow";

test("the report names what a service did about its dependency, and what it lacks", {
  retry: RETRIES,
  timeout: 260_000,
}, async () => {
  const [careful, careless] = await Promise.all([
    patterns({ backoff: "exponential" }),
    patterns({ timeout: '""', retries: "0", breaker: "off", fallback: "off" }),
  ]);
  expect(careful.of(ERRORS, "retries"), careful.output).toMatchObject({
    seen: "yes",
    facts: { retries: 2, unsafe: expect.any(Number) },
  });
  expect(careful.of(ERRORS, "circuit_breaker")?.seen, careful.output).toBe("yes");
  expect(careful.of(ERRORS, "fallback")?.seen).toBe("yes");
  // What a machine that is busy makes of a timer of 300 ms may be no length at all.
  expect(careful.of(SLOW, "timeout")?.seen).not.toBe("no");
  expect(careless.of(ERRORS, "retries")?.seen, careless.output).toBe("no");
  expect(careless.of(ERRORS, "circuit_breaker")?.seen).not.toBe("yes");
  expect(careless.of(ERRORS, "fallback")?.seen).toBe("no");
  expect(careless.of(SLOW, "timeout")?.seen).toBe("no");
  expect(careless.output).toContain("there is no fallback");
  for (const { of } of [careful, careless]) {
    for (const fault of [ERRORS, SLOW]) {
      for (const id of ["pool_queue", "pool_leak"]) expect(of(fault, id)?.seen).not.toBe("yes");
    }
  }
});
