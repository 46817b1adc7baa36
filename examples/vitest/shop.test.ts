import { runScenario } from "faultline";
import "faultline/matchers/vitest";
import { expect, onTestFinished, test } from "vitest";
import { freePort, startShop, startStock } from "./shop.js";

/** A run takes as long as its phases, and some seconds to start and to stop. */
const TIMEOUT_MS = 90_000;

async function runWith(options: { readonly questions: number }) {
  const proxy = await freePort();
  const stock = await startStock();
  const shop = await startShop(`http://127.0.0.1:${proxy}`, options);
  onTestFinished(() => {
    shop.close();
    stock.close();
  });
  return runScenario("slow-stock.yaml", {
    cwd: import.meta.dirname,
    vars: { shop: shop.port, stock: stock.port, proxy },
  });
}

test("a shop that asks once is quick enough while the stock is slow", { timeout: TIMEOUT_MS }, async () => {
  const { report } = await runWith({ questions: 1 });
  expect(report).toHoldSlos();
});

test("one that asks four times is not", { timeout: TIMEOUT_MS }, async () => {
  const { report } = await runWith({ questions: 4 });
  expect(report).not.toHoldSlos();
  const [slowStock] = report.faults;
  expect(slowStock?.slos.find(({ expect: slo }) => slo === "p90 < 1s")?.verdict).toBe("fail");
});
