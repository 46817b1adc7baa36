import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe } from "vitest";
import type { Report } from "../../src/analysis/document/report.js";
import { onTestFinished, testAtOnce } from "../helpers/at-once.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { killRun } from "../helpers/kill/kill-run.js";
import { hasEnvoy, type RealEnvoy, startEnvoy } from "../helpers/real-envoy.js";

const MARK = "faultline.run";
const PERCENT = "fault.http.abort.abort_percent";

/** A scenario that loads an Envoy, whose fault filter answers 503 for a share of the requests. */
async function scenarioFor(envoy: RealEnvoy, changes: Readonly<Record<string, unknown>> = {}) {
  const folder = await temporaryFolder();
  const scenario = {
    faultline: 1,
    name: "Answers of an Envoy",
    evidence: "observed",
    load: { target: envoy.urls.ingress, rate: "60/s" },
    phases: { warmup: "0s", baseline: "2s", fault: "2s", recovery: "1s" },
    slos: ["availability >= 99%"],
    faults: [{ name: "half fails", envoy: { admin: envoy.admin, abort: { status: 503, share: "50%" } } }],
    ...changes,
  };
  const file = join(folder, "scenario.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(scenario, null, 2));
  const env = { FAULTLINE_STATE_DIR: join(folder, "state") };
  await mkdir(env.FAULTLINE_STATE_DIR);
  return { file, options: { cwd: folder, env } };
}

describe.runIf(hasEnvoy)("a run with an Envoy", () => {
  testAtOnce(
    "is judged by what came back, and says how many requests Envoy itself has aborted",
    async ({ expect }) => {
      const envoy = await startEnvoy();
      const { file, options } = await scenarioFor(envoy);
      const { code, stdout, stderr } = await faultline(["run", file, "--json", "--out", "out"], options);
      expect(code, stderr).toBe(1);
      const report: Report = JSON.parse(stdout);
      const [fault] = report.faults;
      expect(fault).toMatchObject({ verdict: "fail", injection: { proven: true, strength: "observed" } });
      expect(fault?.injection.description).toBe(
        `status 503 for 50% of requests at Envoy ${new URL(envoy.admin).host}`,
      );
      expect(await envoy.runtime(PERCENT)).toBeUndefined();
      expect(await envoy.runtime(MARK)).toBeUndefined();
    },
  );

  testAtOnce(
    "whose Envoy is started again in the middle of a fault is invalid, and does not pass",
    async ({ expect }) => {
      const envoy = await startEnvoy();
      // All that is left of it would hold this.
      const { file, options } = await scenarioFor(envoy, {
        slos: ["availability >= 1%"],
        phases: { warmup: "0s", baseline: "2s", fault: "4s", recovery: "1s" },
      });
      const run = startFaultline(["run", file, "--json", "--out", "out"], options);
      await expect.poll(() => envoy.runtime(MARK), { timeout: 30_000 }).toBeDefined();
      // The run looks once more before the fault begins.
      await sleep(1_000);
      await envoy.kill();
      await envoy.start();
      const { code, stdout, stderr } = await run.finished;
      expect(code, stderr).toBe(3);
      const report: Report = JSON.parse(stdout);
      expect(report.faults).toMatchObject([{ verdict: "invalid", injection: { proven: false } }]);
      expect(report.faults[0]?.reason).toContain("Envoy was started again");
    },
  );

  testAtOnce("that is killed with its watchdog is healed", async ({ expect }) => {
    const envoy = await startEnvoy();
    await envoy.ask(`/runtime_modify?${PERCENT}=3`, "POST");
    const { file, options } = await scenarioFor(envoy, {
      phases: { warmup: "0s", baseline: "1s", fault: "60s" },
      slos: ["availability >= 1%"],
    });
    const run = startFaultline(["run", file, "--out", "out"], options);
    run.finished.catch(() => {});
    onTestFinished(() => void run.child.kill("SIGKILL"));
    await expect.poll(() => envoy.runtime(PERCENT), { timeout: 30_000 }).toBe("50");
    await killRun(run, { withWatchdog: true });
    expect(await envoy.runtime(PERCENT)).toBe("50");
    const preview = await faultline(["heal", "--dry-run"], options);
    expect(preview.stdout).toContain(`would set ${PERCENT} to 3 again`);
    const healed = await faultline(["heal"], options);
    expect(healed.code, healed.stdout).toBe(0);
    expect(await envoy.runtime(PERCENT)).toBe("3");
    expect(await envoy.runtime(MARK)).toBeUndefined();
  });
});
