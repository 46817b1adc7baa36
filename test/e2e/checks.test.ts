import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { processTable } from "../../src/support/processes/process-table.js";
import { testAtOnce as test } from "../helpers/at-once.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { writeShopScenario } from "../helpers/scenarios.js";

/** A load test of the shop with these checks, and more, and its reports. */
async function shopWith(checks: readonly object[], more: object = {}) {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.faults = [];
    scenario.slos = ["availability >= 50%"];
    Object.assign(scenario, { checks, ...more });
  });
  const env = { FAULTLINE_STATE_DIR: join(folder, "state"), CHECK_TOKEN: "hush-hush-token" };
  return { folder, args: ["run", file, "--no-retry", "--out", join(folder, "out")], env };
}

const failing = {
  name: "nothing is on hold",
  run: "sh -c 'echo held 3 by $TOKEN at $FAULTLINE_PROXY_INVENTORY for $FAULTLINE_TARGET in $FAULTLINE_REPORT_DIR >&2; echo 3'",
  env: { TOKEN: "${env.CHECK_TOKEN}" },
  expect: { number: 0 },
};

test("a check that does not hold fails a run whose SLOs held", async () => {
  const healthy = {
    name: "shop is healthy",
    when: ["baseline", "end"],
    http: "http://127.0.0.1:${services.shop.port}/health",
    expect: { status: 200 },
  };
  const { folder, args, env } = await shopWith([healthy, failing]);
  const { code, stdout } = await faultline(args, { env });
  expect(stdout).toContain('Check "nothing is on hold": It does not hold at the end: number: expected 0');
  expect(code).toBe(1);
  const report = JSON.parse(await readFile(join(folder, "out/report.json"), "utf8"));
  expect(report.checks).toMatchObject([
    {
      name: "shop is healthy",
      verdict: "pass",
      asked: [
        { when: "baseline", held: 1 },
        { when: "end", held: 1 },
      ],
    },
    { name: "nothing is on hold", verdict: "fail" },
  ]);
  const again = await faultline(["report", join(folder, "out/record.json"), "--fail-on", "fail"], { env });
  expect(again.stdout).toContain("nothing is on hold");
  expect(again.code).toBe(1);
});

test("a check that could not be asked makes a good run invalid, and shows what was printed without its secrets", async () => {
  const garbage = { ...failing, run: failing.run.replace("echo 3'", "echo many'") };
  const { folder, args, env } = await shopWith([garbage]);
  const { code, stdout } = await faultline(args, { env });
  expect(code).toBe(3);
  expect(stdout).toContain("It could not be asked at the end: the answer is not one number.");
  const text = await readFile(join(folder, "out/report.json"), "utf8");
  const { output } = JSON.parse(text).checks[0].asked[0].firstUnasked;
  expect(output).toMatch(/held 3 by ••• at 127\.0\.0\.1:\d+ for http:\/\/127\.0\.0\.1:\d+ in \/.*\/out\b/);
  expect(text).not.toContain("hush-hush-token");
});

test("a check whose program is missing ends the run before any load", async () => {
  const { args, env } = await shopWith([{ ...failing, run: "no-such-program" }]);
  const { code, stderr } = await faultline(args, { env });
  expect(stderr).toContain('error: check "nothing is on hold" cannot be asked: program "no-such-program"');
  expect(code).toBe(4);
});

test("a run that is killed while it asks leaves no process of a check or a signal", async ({
  expect,
  skip,
}) => {
  skip(process.platform !== "linux", "processes are found in /proc");
  const hanging = (name: string) => ({ run: `sh -c 'echo $$ > ${name}; exec sleep 300'`, timeout: "5m" });
  const { args, env } = await shopWith(
    [{ ...failing, when: ["baseline"], every: "200ms", ...hanging("check.pid") }],
    { signals: { queue: hanging("signal.pid") } },
  );
  const run = startFaultline(args, { env });
  const pidOf = async (name: string) =>
    Number(await readFile(join(args[1] ?? "", "..", `${name}.pid`), "utf8").catch(() => "0"));
  for (const name of ["check", "signal"]) {
    await expect.poll(() => pidOf(name), { timeout: 30_000 }).toBeGreaterThan(1);
  }
  run.child.kill("SIGKILL");
  await run.finished;
  for (const name of ["check", "signal"]) {
    const pid = await pidOf(name);
    await expect.poll(() => processTable.row(pid)?.isZombie ?? true, { timeout: 20_000 }).toBe(true);
  }
});
