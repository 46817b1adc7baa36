import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { root } from "./faultline.js";

/** The quickstart shop with short phases; `change` edits the plain object before it is written. */
export async function writeShopScenario(
  folder: string,
  change: (scenario: ShopScenario) => void = () => {},
): Promise<string> {
  const scenario = shopScenario();
  change(scenario);
  const file = join(folder, "scenario.yaml");
  await writeFile(file, stringify(scenario));
  return file;
}

export type ShopScenario = ReturnType<typeof shopScenario>;

function shopScenario() {
  const shop = join(root, "scenarios/shop");
  return {
    faultline: 1,
    name: "Shop in a test",
    evidence: "observed",
    services: {
      inventory: {
        run: `node ${join(shop, "inventory.js")}`,
        env: { PORT: "${services.inventory.port}" } as Record<string, string>,
        ready: "http://127.0.0.1:${services.inventory.port}/health",
      },
      shop: {
        run: `node ${join(shop, "shop.js")}`,
        env: {
          PORT: "${services.shop.port}",
          INVENTORY_URL: "http://${proxies.inventory.listen}",
        } as Record<string, string>,
        ready: "http://127.0.0.1:${services.shop.port}/health",
      },
    } as Record<string, Record<string, unknown> & { env: Record<string, string> }>,
    proxies: { inventory: { upstream: "127.0.0.1:${services.inventory.port}" } as Record<string, unknown> },
    load: {
      target: "http://127.0.0.1:${services.shop.port}",
      rate: "50/s",
      timeout: "1s",
      requests: [{ name: "browse", path: "/products" }],
    } as Record<string, unknown>,
    phases: { warmup: "0.5s", baseline: "3s", fault: "3s", recovery: "4s" } as Record<string, string>,
    slos: ["availability >= 99%", "p99 < 400ms"] as unknown[],
    faults: [{ name: "slow inventory", proxy: "inventory", latency: "50ms" }] as Record<string, unknown>[],
  };
}
