import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, type TestContext, test } from "vitest";
import { root } from "../../helpers/faultline.js";
import { runShipped } from "../../helpers/shipped-scenario.js";

/** Makes the virtual environment before two runs want it at once, or skips the test. */
async function needsEnvironment(context: TestContext): Promise<void> {
  const script = join(root, "scenarios/python-service/environment.sh");
  try {
    await promisify(execFile)("sh", [script], { timeout: 200_000 });
  } catch (error) {
    const how =
      "no virtual environment could be made (apt-get install python3-venv, and pip has to reach its index)";
    if (process.env.CI) throw new Error(how, { cause: error });
    context.skip(how);
  }
}

test("a shop in Python with a time limit and a fallback passes; one with neither fails, and the report says why", {
  // A machine that is very busy leaves verdicts open.
  retry: 2,
  timeout: 400_000,
}, async (context) => {
  await needsEnvironment(context);
  const [careful, careless] = await Promise.all([
    runShipped("python-service"),
    runShipped("python-service", { vars: { client: "careless" } }),
  ]);
  expect(
    careful.report.faults.map(({ name, verdict }) => `${name}: ${verdict}`),
    careful.output,
  ).toEqual(["prices slow: pass", "prices answer 503: pass", "prices cut off: pass"]);
  for (const { name } of careful.report.faults) {
    expect(careful.findings(name)).toContain("got a degraded answer, none in the baseline");
  }
  for (const { name, verdict } of careless.report.faults) {
    expect(verdict, `${name}\n${careless.output}`).not.toBe("pass");
  }
  for (const fault of ["prices slow", "prices cut off"]) {
    expect(careless.findings(fault)).toContain("no whole answer in time");
  }
  expect(careless.findings("prices answer 503")).toContain("there is no fallback");
});
