import { expect, test } from "vitest";
import { reportError } from "../../../src/cli/output/report-error.js";
import { fileLimitWarning } from "../../../src/run/machine/file-limit.js";
import { openFileCount, openFileLimit } from "../../../src/support/system-limits.js";
import { checkText, scenarioText } from "../../helpers/scenario-files.js";
import { testIo } from "../../helpers/test-io.js";

async function planFor(load: string) {
  const { plan } = await checkText(scenarioText().replace("  rate: 100/s", load));
  if (!plan) throw new Error("no plan");
  return plan;
}

test("a plan that may need more file descriptors than there are is warned of, with what to write", async () => {
  const plan = await planFor("  connections: 1000");
  // 100 of its own, 1,000 of the load, twice as many through the proxy, and its listener.
  expect(fileLimitWarning(plan, 3_101)).toBeNull();
  expect(fileLimitWarning(plan, 3_100)).toContain(
    "may need 3,101 file descriptors (1,000 connections of the load and up to 2,000 through proxies), and this process may have 3,100: raise the limit with `ulimit -n 3101`",
  );
  // A real Toxiproxy has its own.
  expect(fileLimitWarning({ ...plan, toxiproxyUrl: "http://127.0.0.1:8474" }, 1_101)).toBeNull();
  expect(fileLimitWarning(plan, null)).toBeNull();
});

test.skipIf(process.platform !== "linux")("the limit and what is used of it are read", () => {
  expect(openFileLimit()).toBeGreaterThan(0);
  expect(openFileCount()).toBeGreaterThan(3);
});

test("an error of the system that says that a limit was met is no bug", () => {
  const io = testIo();
  const error = Object.assign(new Error("EMFILE: too many open files, open 'x'"), { code: "EMFILE" });
  expect(reportError(error, io, { verbose: false })).toBe(4);
  expect(io.err()).toMatch(/^error: faultline cannot go on: it has no free file descriptor \(EMFILE; /);
});
