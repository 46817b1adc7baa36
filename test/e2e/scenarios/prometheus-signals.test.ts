import { expect, test } from "vitest";
import { needsServer, RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

test("what a real Prometheus knows is judged; a shop that counts refused orders as good disagrees with what callers saw", {
  retry: RETRIES,
  timeout: 200_000,
}, async (context) => {
  needsServer(context, "prometheus", "prometheus");
  // One after the other: samples of each second are judged, and whoever gets no CPU for some seconds has none.
  const careful = await runShipped("prometheus-signals", { set: { "phases.baseline": "5s" } });
  const careless = await runShipped("prometheus-signals", {
    vars: { shop: "careless" },
    set: { "phases.baseline": "5s", "phases.recovery": "4s" },
  });
  expect(careful.report.verdict, careful.output).toBe("pass");
  const during = careful.report.phases.find(({ kind }) => kind === "fault");
  expect(careful.findings("payments cut off")).toMatch(/False alarm: "OrdersWait" fired, and every SLO held/);
  expect(during?.signals?.map(({ name, everyS, trouble }) => ({ name, everyS, trouble }))).toEqual([
    { name: "orders", everyS: 1, trouble: null },
    { name: "queue", everyS: 1, trouble: null },
    { name: "waiting", everyS: 1, trouble: null },
    { name: "alert OrdersFail", everyS: 1, trouble: null },
    { name: "alert OrdersWait", everyS: 1, trouble: null },
  ]);
  // 50 orders a second wait for about ten seconds.
  const queue = during?.signals?.find(({ name }) => name === "queue");
  expect(queue?.values?.max, careful.output).toBeGreaterThan(200);
  const slos = careless
    .fault("payments cut off")
    .slos.map(({ expect: slo, verdict }) => `${slo}: ${verdict}`);
  expect(slos, careless.output).toContain("availability >= 99%: fail");
  expect(slos, careless.output).toContain("signal(orders) error_rate < 1%: pass");
  expect(slos, careless.output).toContain("alert(OrdersFail) fires < 8s in fault: fail");
  expect(careless.findings("payments cut off")).toMatch(/Nobody was paged/);
  expect(careless.findings("payments cut off")).toMatch(
    /"orders" disagrees with the load: it counted 0 of \d+ as bad \(0%\), and callers saw \d+ of \d+ fail/,
  );
});
