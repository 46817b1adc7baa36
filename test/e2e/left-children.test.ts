import { spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startOf } from "../../src/support/processes/process-table.js";

const START_CHILD = pathToFileURL("test/helpers/children/start-child.mjs").href;

test.skipIf(process.platform === "win32")(
  "what a test or a benchmark has started ends with it, also when it is killed",
  async () => {
    const idle = "setTimeout(() => process.exit(), 60_000)";
    const program = `
      const { startChild } = await import(${JSON.stringify(START_CHILD)});
      const start = () => startChild(process.execPath, ["-e", ${JSON.stringify(idle)}], { stdio: "ignore" }).pid;
      console.log(JSON.stringify([start(), start()]));
      ${idle};
    `;
    const benchmark = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [text] = await once(benchmark.stdout, "data");
    const pids: readonly number[] = JSON.parse(String(text));
    const living = () => pids.filter((pid) => startOf(pid) !== null);
    onTestFinished(() => {
      for (const pid of living()) process.kill(pid, "SIGKILL");
    });
    expect(living()).toEqual(pids);
    benchmark.kill("SIGKILL");
    await expect.poll(living, { timeout: 15_000 }).toEqual([]);
  },
  30_000,
);
