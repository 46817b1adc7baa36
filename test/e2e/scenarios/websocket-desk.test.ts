import { expect, test } from "vitest";
import { RETRIES, runShipped } from "../../helpers/shipped-scenario.js";

test("a desk that quotes over WebSocket survives without its prices by the ones that it has known; a careless one goes silent on open connections", {
  retry: RETRIES,
  timeout: 120_000,
}, async () => {
  const [careful, careless] = await Promise.all([
    runShipped("websocket-desk"),
    runShipped("websocket-desk", { vars: { desk: "careless" }, only: ["prices cut off"] }),
  ]);
  expect(
    careful.report.faults.map(({ name, verdict }) => `${name}: ${verdict}`),
    careful.output,
  ).toEqual(["slow prices: pass", "prices cut off: pass"]);
  for (const name of ["slow prices", "prices cut off"]) {
    expect(careful.findings(name), careful.output).toMatch(/degraded/);
  }
  expect(careless.fault("prices cut off").verdict, careless.output).not.toBe("pass");
  // Nothing but time tells the customers of the careless one.
  const during = careless.report.phases.filter(({ kind }) => kind === "fault");
  for (const { requests } of during) expect(requests).toMatchObject({ reset: 0, refused: 0 });
});
