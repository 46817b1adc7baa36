import { expect, test } from "vitest";
import { needsServer, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

const LATE = "a answers too late";
const BUSY = "a answers 503";
const GONE = "a is gone";

test("NGINX tells POSTs to the next server, and an idempotency key keeps each order single; by default it lets orders fail while one of two servers does", {
  retry: RETRIES,
  timeout: 240_000,
}, async (context) => {
  needsServer(context, "nginx", "nginx-light");
  const set = { "phases.warmup": "1s", "phases.baseline": "4s" };
  // Two at a time.
  const [careful, { doubling, byDefault }] = await Promise.all([
    runShipped("nginx-gateway"),
    (async () => ({
      doubling: await runShipped("nginx-gateway", { vars: { keys: "ignored" }, only: [LATE, BUSY], set }),
      byDefault: await runShipped("nginx-gateway", { vars: { next: "error timeout" }, set }),
    }))(),
  ]);
  expect(
    careful.report.faults.map(({ name, verdict }) => `${name}: ${verdict}`),
    careful.output,
  ).toEqual([`${LATE}: pass`, `${BUSY}: pass`, `${GONE}: pass`]);
  expect(careful.findings(LATE)).toMatch(/Towards a: it gives up after 1(\.\d+)? s/);

  expect(doubling.fault(LATE).verdict, doubling.output).not.toBe("pass");
  expect(doubling.findings(LATE)).toContain("json $.stored: expected 1, found 2");
  // What never got to the server is not doubled.
  expect(doubling.fault(BUSY).verdict, doubling.output).not.toBe("fail");

  expect(byDefault.fault(LATE).verdict, byDefault.output).not.toBe("pass");
  expect(byDefault.findings(LATE)).toContain("status 504");
  expect(byDefault.fault(BUSY).verdict, byDefault.output).not.toBe("pass");
  expect(byDefault.findings(BUSY)).toContain("status 503");
  // A connection that is refused carried no order: it is tried on the other server even so.
  expect(byDefault.fault(GONE).verdict, byDefault.output).not.toBe("fail");
});
