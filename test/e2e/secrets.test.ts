import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { testAtOnce as test } from "../helpers/at-once.js";
import { faultline, root, temporaryFolder } from "../helpers/faultline.js";
import { writeShopScenario } from "../helpers/scenarios.js";

/** With what has to be escaped in JSON, HTML, XML and URLs. */
const SECRET = 's3cr3t&"quoted"<tag>/50%';
const INHERITED = "inh3r1ted-t0ken-value";
const GIVEN = "g1ven-by-0ption";
const FORMS = [
  INHERITED,
  GIVEN,
  SECRET,
  JSON.stringify(SECRET).slice(1, -1),
  encodeURIComponent(SECRET),
  SECRET.replaceAll("&", "&amp;"),
  // The part that no escaping changes: none of it may be left in any form.
  "s3cr3t",
  "S3CR3T",
  ...[SECRET, INHERITED].flatMap((secret) => [
    Buffer.from(secret).toString("hex"),
    Buffer.from(secret).toString("base64"),
    // As in the header of Basic authentication.
    Buffer.from(`user:${secret}`).toString("base64").slice(8, 24),
  ]),
];

/** What a service prints of its secrets, in the forms that logs have them in. */
const LEAKS = [
  "console.log('token is '+process.env.TOKEN)",
  "console.log('loud '+process.env.TOKEN.toUpperCase())",
  "console.log('inherited '+process.env.CI_DEPLOY_TOKEN)",
  "for(const s of [process.env.TOKEN,process.env.CI_DEPLOY_TOKEN])" +
    "for(const f of ['hex','base64'])console.log(Buffer.from(s).toString(f),Buffer.from('user:'+s).toString(f))",
].join(";");

async function everyByteUnder(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    texts.set(file, await readFile(file, "latin1"));
  }
  return texts;
}

test("no secret, from the environment or given as an option, is in a report, record, journal or line of output, however it got into the run", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.name = "Shop with ${env.SHOP_SECRET}";
    // It goes to the service, which prints it, and over the wire.
    const shop = scenario.services.shop;
    if (shop) {
      shop.env.TOKEN = "${env.SHOP_SECRET}";
      shop.run = ["node", "--import", `data:text/javascript,${LEAKS}`, join(root, "scenarios/shop/shop.js")];
    }
    scenario.load.headers = { "x-token": "${env.SHOP_SECRET}" };
    Object.assign(scenario, { hypothesis: "${given} is given" });
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
    // The verdict is not what this is about: a machine that is busy may leave it open.
    [
      "run",
      file,
      "--out",
      out,
      "--reporter",
      "json,html,md,junit",
      "--fail-on",
      "none",
      "--var",
      `given=${GIVEN}`,
    ],
    {
      env: { SHOP_SECRET: SECRET, CI_DEPLOY_TOKEN: INHERITED, FAULTLINE_STATE_DIR: state },
      timeoutMs: 120_000,
    },
  );
  expect(code, stdout + stderr).toBe(0);
  const written = await everyByteUnder(folder);
  expect([...written.keys()].map((path) => path.slice(folder.length))).toEqual(
    expect.arrayContaining(["/out/record.json", "/out/report.json", "/out/report.html", "/out/report.md"]),
  );
  // It was there to be found: where it was is a mask, in names and in what the service printed.
  const record = await readFile(join(out, "record.json"), "utf8");
  expect(record).toContain("Shop with •••");
  for (const trace of ["token is •••", "loud •••", "inherited •••", "••• is given"]) {
    expect(record).toContain(trace);
  }
  const everything = [["stdout", stdout], ["stderr", stderr], ...written];
  const leaks = everything.flatMap(([where, text]) =>
    FORMS.filter((form) => text?.includes(form)).map((form) => `${where}: ${form}`),
  );
  expect(leaks).toEqual([]);
});

test("words of the format in the environment change no verdict and break no run", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.load.target = String(scenario.load.target).replace("http://", "${env.SCHEME}://");
    scenario.evidence = "${env.EVIDENCE}";
    scenario.slos = ["${env.METRIC} >= 1%"];
    scenario.faults = [{ name: "slow ${env.KIND}", proxy: "inventory", latency: "20ms" }];
    Object.assign(scenario.phases, { baseline: "2s", fault: "2s", recovery: "2s" });
  });
  const words = {
    SCHEME: "http",
    EVIDENCE: "observed",
    METRIC: "availability",
    KIND: "toxic",
    PHASE_TOKEN: "kind",
  };
  const { code, stdout, stderr } = await faultline(
    ["run", file, "--json", "--out", join(folder, "out"), "--fail-on", "none"],
    { env: { ...words, FAULTLINE_STATE_DIR: join(folder, "state") }, timeoutMs: 120_000 },
  );
  expect(code, stdout + stderr).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.evidence).toBe("observed");
  expect(report.faults).toMatchObject([{ name: "slow •••" }]);
  expect(report.load.targetUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+/);
});
