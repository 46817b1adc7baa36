import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, temporaryFolder } from "../helpers/faultline.js";
import { writeShopScenario } from "../helpers/scenarios.js";

/** With room for only so many open files. */
function limited(limit: number, args: readonly string[], cwd: string) {
  const command = `ulimit -Sn ${limit} && ulimit -Hn ${limit} && exec "$@"`;
  const all = ["-c", command, "sh", process.execPath, join(root, "bin/faultline.js"), ...args];
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile("/bin/sh", all, { cwd, timeout: 90_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

test.skipIf(process.platform !== "linux")(
  "what faultline has no file descriptors for is not laid to the system",
  async () => {
    const folder = await temporaryFolder();
    const file = await writeShopScenario(folder, (scenario) => {
      // Each connection goes through the proxy, takes three descriptors there and here, and is busy for a while.
      scenario.load.target = "http://${proxies.inventory.listen}";
      scenario.load.requests = [{ name: "items", path: "/health" }];
      Object.assign(scenario.load, { rate: "200/s", timeout: "2s", maxConnections: 300 });
      scenario.slos = ["availability >= 99%"];
      Object.assign(scenario.phases, { warmup: "1s", baseline: "2s", fault: "1s", recovery: "1s" });
      scenario.services.inventory!.run = `node ${join(folder, "slow.mjs")}`;
    });
    await writeFile(
      join(folder, "slow.mjs"),
      `import { createServer } from "node:http";
       createServer((_, answer) => setTimeout(() => answer.end("ok"), 1500)).listen(process.env.PORT, "127.0.0.1");`,
    );
    const { code, stdout, stderr } = await limited(190, ["run", file, "--json"], folder);
    expect(stderr).toContain("warning: this plan may need 1,005 file descriptors");
    // Neither a pass nor a failure of the system; 4 where the run could not even go on.
    expect([3, 4], stdout.slice(0, 2_000)).toContain(code);
    expect(["invalid", null]).toContain(JSON.parse(stdout).verdict);
    expect(stderr).toContain("it has no free file descriptor (EMFILE; `ulimit -n` is 190, raise it)");
  },
);
