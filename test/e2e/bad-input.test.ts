import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { onTestFinished, testAtOnce as test } from "../helpers/at-once.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";
import { type ShopScenario, writeShopScenario } from "../helpers/scenarios.js";

/** Runs a changed shop scenario; a run that begins would take 10 s, a refused one ends at once. */
async function runChanged(change: (scenario: ShopScenario) => void, flags: readonly string[] = []) {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, change);
  return faultline(["run", file, "--out", join(folder, "out"), ...flags], { cwd: folder, timeoutMs: 50_000 });
}

async function runText(text: string | null) {
  const folder = await temporaryFolder();
  if (text !== null) await writeFile(join(folder, "scenario.yaml"), text);
  return faultline(["run", "scenario.yaml"], { cwd: folder });
}

function expectUserError(
  result: { code: number | null; stdout: string; stderr: string },
  code: number,
  message: RegExp,
) {
  expect(result.stderr).toMatch(message);
  expect(result.stderr).not.toMatch(/^\s+at .*\.js:\d+/m);
  expect(result.stdout).toBe("");
  expect(result.code, result.stderr).toBe(code);
}

describe("a scenario that cannot be run exits 2 with its place and starts nothing", () => {
  test("mistyped key", async () => {
    const result = await runChanged((scenario) => {
      Object.assign(scenario.load, { tiemout: "1s" });
    });
    expectUserError(result, 2, /scenario\.yaml:\d+:\d+[\s\S]*tiemout[\s\S]*timeout/);
  });

  test("missing unit", async () => {
    const result = await runChanged((scenario) => {
      scenario.phases.fault = "3";
    });
    expectUserError(result, 2, /scenario\.yaml:\d+:\d+/);
  });

  test("unknown proxy", async () => {
    const result = await runChanged((scenario) => {
      scenario.faults = [{ name: "x", proxy: "inventry", latency: "50ms" }];
    });
    expectUserError(result, 2, /scenario\.yaml:\d+:\d+[\s\S]*inventry[\s\S]*inventory/);
  });

  test("SLO that does not parse", async () => {
    const result = await runChanged((scenario) => {
      scenario.slos = ["availabilty >= 99%"];
    });
    expectUserError(result, 2, /scenario\.yaml:\d+:\d+[\s\S]*availability/);
  });

  test("invalid YAML", async () => {
    expectUserError(await runText("name: [unclosed\nload: }"), 2, /scenario\.yaml:\d+:\d+/);
  });

  test("empty file", async () => {
    expectUserError(await runText(""), 2, /scenario\.yaml/);
  });

  test("missing file", async () => {
    expectUserError(await runText(null), 2, /scenario\.yaml/);
  });

  test("a host that is not loopback", async () => {
    const result = await runChanged((scenario) => {
      scenario.load.target = "http://192.0.2.1:80";
    });
    expectUserError(result, 2, /192\.0\.2\.1[\s\S]*allow/);
  });

  test("an unknown option", async () => {
    expectUserError(await faultline(["run", "x.yaml", "--sed", "1"]), 2, /--seed/);
  });
});

describe("an environment that fails exits 4 and says what to look at", () => {
  test("a proxy's port is in use", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void holder.close());
    await new Promise((resolve) => holder.once("listening", resolve));
    const { port } = holder.address() as { port: number };
    const result = await runChanged((scenario) => {
      scenario.proxies.inventory.listen = `127.0.0.1:${port}`;
    });
    expectUserError(result, 4, new RegExp(`127\\.0\\.0\\.1:${port}`));
  });

  test("a service that dies at its start shows its last output", async () => {
    const result = await runChanged((scenario) => {
      scenario.services.shop!.run = `node -e "console.error('no licence file'); process.exit(3)"`;
    });
    expectUserError(result, 4, /shop[\s\S]*no licence file|no licence file[\s\S]*shop/);
  });

  test("a service that dies during the run", async () => {
    const folder = await temporaryFolder();
    const file = await writeShopScenario(folder, (scenario) => {
      scenario.services.dying = {
        run: `node -e "setTimeout(() => { console.error('out of luck'); process.exit(9) }, 2500)"`,
        env: {},
      };
    });
    const result = await faultline(["run", file, "--out", join(folder, "out")], { cwd: folder });
    expect(result.code, result.stderr).toBe(4);
    expect(result.stdout + result.stderr).toMatch(/dying[\s\S]*code 9/);
    expect(result.stdout + result.stderr).toContain("out of luck");
  });

  test("an upstream that is not there", async () => {
    const result = await runChanged((scenario) => {
      scenario.proxies.inventory.upstream = "127.0.0.1:1";
    });
    expectUserError(result, 4, /inventory[\s\S]*127\.0\.0\.1:1/);
  });

  test("a Toxiproxy that is not there", async () => {
    const result = await runChanged(() => {}, ["--toxiproxy", "http://127.0.0.1:1"]);
    expectUserError(result, 4, /127\.0\.0\.1:1/);
  });

  test("a baseline that does not hold its SLOs injects nothing", async () => {
    const folder = await temporaryFolder();
    const file = await writeShopScenario(folder, (scenario) => {
      scenario.load.requests = [{ name: "browse", path: "/no-such-page" }];
    });
    const result = await faultline(["run", file, "--json", "--out", join(folder, "out")], { cwd: folder });
    // 3: a machine that is too busy for the load says that instead.
    expect([3, 4], result.stderr).toContain(result.code);
    const report = JSON.parse(result.stdout);
    expect(report.verdict).toBe("invalid");
    const verdicts = report.faults.map((fault: { verdict: string }) => fault.verdict);
    expect(verdicts, result.stderr).toEqual([
      result.code === 4 ? "not_run" : expect.stringMatching(/^(not_run|invalid)$/),
    ]);
  });
});

test("a fault that touched nothing is invalid, never a pass", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.slos = ["availability >= 50%"];
    Object.assign(scenario.phases, { baseline: "2s", fault: "2s", recovery: "1s" });
    // The classic mistake: the service talks to its dependency directly.
    scenario.services.shop!.env.INVENTORY_URL = "http://127.0.0.1:${services.inventory.port}";
  });
  const result = await faultline(["run", file, "--json", "--out", join(folder, "out")], { cwd: folder });
  expect(result.code, result.stderr).toBe(3);
  const report = JSON.parse(result.stdout);
  expect(report.faults[0].verdict).toBe("invalid");
  expect(report.faults[0].injection.proven).toBe(false);
  expect(report.faults[0].injection.explanation).toContain("${proxies.inventory.listen}");
});

test("a fault of which one stage touched nothing is invalid, and is told with all its stages", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.slos = ["availability >= 50%"];
    Object.assign(scenario.phases, { baseline: "2s", fault: "3s", recovery: "1s" });
    scenario.faults = [
      {
        name: "slower and slower",
        proxy: "inventory",
        stages: [
          { at: "0s", latency: "5ms" },
          { at: "1s", limit_data: "1GB" },
          { at: "2s", latency: "10ms" },
        ],
      },
    ];
  });
  const result = await faultline(["run", file, "--json", "--out", join(folder, "out")], { cwd: folder });
  expect(result.code, result.stderr).toBe(3);
  const [fault] = JSON.parse(result.stdout).faults;
  expect(fault.verdict).toBe("invalid");
  // On a busy machine the other two may last too short as well.
  expect(fault.injection.explanation).toContain(
    'in the stage "closed after 1 GB on inventory", inventory: limit_data had no effect: no connection carried 1 GB; use a smaller limit, or a longer fault',
  );
  expect(fault.injection.description).toBe(
    "latency 5 ms on inventory; after 1 s: closed after 1 GB on inventory; after 2 s: latency 10 ms on inventory",
  );
  expect(fault.injection.toxics).toHaveLength(3);
});
