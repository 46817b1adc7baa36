import { expect, test } from "vitest";
import { needsServer, runShipped } from "../../helpers/shipped-scenario.js";

const LATE = "a answers too late";
const BUSY = "a answers 503";
const GONE = "a is gone";

// A machine that is very busy leaves verdicts open.
const options = { retry: 2, timeout: 180_000 };

test(
  "NGINX tells POSTs to the next server, and an idempotency key keeps each order single",
  options,
  async (context) => {
    needsServer(context, "nginx", "nginx-light");
    const [careful, doubling] = await Promise.all([
      runShipped("nginx-gateway"),
      runShipped("nginx-gateway", { vars: { keys: "ignored" } }),
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
  },
);

test("by default NGINX lets orders fail while one of two servers does", options, async (context) => {
  needsServer(context, "nginx", "nginx-light");
  const byDefault = await runShipped("nginx-gateway", { vars: { next: "error timeout" } });
  expect(byDefault.fault(LATE).verdict, byDefault.output).not.toBe("pass");
  expect(byDefault.findings(LATE)).toContain("status 504");
  expect(byDefault.fault(BUSY).verdict, byDefault.output).not.toBe("pass");
  expect(byDefault.findings(BUSY)).toContain("status 503");
  // A connection that is refused carried no order: it is tried on the other server even so.
  expect(byDefault.fault(GONE).verdict, byDefault.output).not.toBe("fail");
});
