import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { faultline, root, temporaryFolder } from "../helpers/faultline.js";
import { writeShopScenario } from "../helpers/scenarios.js";

/** With what has to be escaped in JSON, HTML, XML and URLs. */
const SECRET = 's3cr3t&"quoted"<tag>/50%';
const FORMS = [
  SECRET,
  JSON.stringify(SECRET).slice(1, -1),
  encodeURIComponent(SECRET),
  SECRET.replaceAll("&", "&amp;"),
  // The part that no escaping changes: none of it may be left in any form.
  "s3cr3t",
];

async function everyByteUnder(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    texts.set(file, await readFile(file, "latin1"));
  }
  return texts;
}

test("a secret from the environment is in no report, record, journal or line of output, however it got into the run", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.name = "Shop with ${env.SHOP_SECRET}";
    // It goes to the service, which prints it, and over the wire.
    const shop = scenario.services.shop;
    if (shop) {
      shop.env.TOKEN = "${env.SHOP_SECRET}";
      shop.run = `node --import "data:text/javascript,console.log('token is '+process.env.TOKEN)" ${join(root, "scenarios/shop/shop.js")}`;
    }
    scenario.load.headers = { "x-token": "${env.SHOP_SECRET}" };
    scenario.load.requests = [
      { name: "products", path: "/products" },
      {
        name: "browse ${env.SHOP_SECRET}",
        path: "/products",
        query: { t: "${env.SHOP_SECRET}" },
        expect: { status: 404 },
      },
    ];
    scenario.slos = ["availability >= 1%"];
    scenario.faults = [{ name: "slow ${env.SHOP_SECRET}", proxy: "inventory", latency: "20ms" }];
    Object.assign(scenario.phases, { baseline: "2s", fault: "2s", recovery: "4s" });
  });
  const out = join(folder, "out");
  const state = join(folder, "state");
  const { code, stdout, stderr } = await faultline(
    ["run", file, "--out", out, "--reporter", "json,html,md,junit"],
    {
      env: { SHOP_SECRET: SECRET, FAULTLINE_STATE_DIR: state },
    },
  );
  // The shop knows no /products?t=…, so 404 is what it is to answer.
  expect(code, stdout + stderr).toBe(0);
  const written = await everyByteUnder(folder);
  expect([...written.keys()].map((path) => path.slice(folder.length))).toEqual(
    expect.arrayContaining(["/out/record.json", "/out/report.json", "/out/report.html", "/out/report.md"]),
  );
  // It was there to be found: where it was is a mask, in names and in what the service printed.
  const record = await readFile(join(out, "record.json"), "utf8");
  expect(record).toContain("Shop with •••");
  expect(record).toMatch(/token is (\*\*\*|•••)/);
  const everything = [["stdout", stdout], ["stderr", stderr], ...written];
  const leaks = everything.flatMap(([where, text]) =>
    FORMS.filter((form) => text?.includes(form)).map((form) => `${where}: ${form}`),
  );
  expect(leaks).toEqual([]);
}, 60_000);
