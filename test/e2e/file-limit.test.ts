import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { EmbeddedServer } from "../../src/faults/toxiproxy/embedded/server.js";
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
      // Each connection goes through the proxy, takes three descriptors there and here, and is busy for a while under the fault.
      scenario.load.target = "http://${proxies.inventory.listen}";
      scenario.load.requests = [{ name: "items", path: "/health" }];
      Object.assign(scenario.load, { rate: "200/s", timeout: "2s", maxConnections: 300 });
      scenario.faults = [{ name: "slow", proxy: "inventory", latency: "1500ms" }];
      scenario.slos = ["availability >= 99%"];
      Object.assign(scenario.phases, { warmup: "1s", baseline: "2s", fault: "1s", recovery: "1s" });
    });
    const { code, stdout, stderr } = await limited(190, ["run", file, "--json"], folder);
    expect(stderr).toContain("warning: this plan may need 1,005 file descriptors");
    // Neither a pass nor a failure of the system, and nothing was left behind.
    expect(code, `${stderr}\n${stdout.slice(-3_000)}`).toBe(3);
    expect(JSON.parse(stdout).verdict).toBe("invalid");
    expect(stderr).toContain("it has no free file descriptor (EMFILE; `ulimit -n` is 190, raise it)");
  },
);

test.skipIf(process.platform !== "linux").each(["the embedded server", "a server of its own"])(
  "descriptors that are used up in the baseline make it invalid, with the limit named and nothing else taken for the reason: %s",
  async (place) => {
    // In this process, which is not limited.
    const server =
      place === "a server of its own"
        ? await EmbeddedServer.listen({ host: "127.0.0.1", port: 0, metrics: true, seed: 1 })
        : null;
    onTestFinished(() => server?.close());
    const folder = await temporaryFolder();
    const file = await writeShopScenario(folder, (scenario) => {
      // Its answers take long from the start, so that connections pile up before any fault.
      const slow = "require('http').createServer((_, answer) => setTimeout(() => answer.end('ok'), 1500))";
      scenario.services.inventory = {
        run: ["node", "-e", `${slow}.listen(process.env.PORT, '127.0.0.1')`],
        env: { PORT: "${services.inventory.port}" },
        ready: "tcp://127.0.0.1:${services.inventory.port}",
      };
      scenario.load.target = "http://${proxies.inventory.listen}";
      scenario.load.requests = [{ name: "items", path: "/" }];
      Object.assign(scenario.load, { rate: "200/s", timeout: "3s", maxConnections: 300 });
      scenario.faults = [{ name: "slower", proxy: "inventory", latency: "100ms" }];
      scenario.slos = ["availability >= 99%"];
      Object.assign(scenario.phases, { warmup: "1s", baseline: "2s", fault: "1s", recovery: "1s" });
    });
    const args = server === null ? [] : ["--toxiproxy", server.url];
    const { code, stdout, stderr } = await limited(190, ["run", file, "--json", ...args], folder);
    // 4: a server in another process cannot be asked at all.
    expect(server === null ? [3] : [3, 4], `${stderr}\n${stdout.slice(-3_000)}`).toContain(code);
    const report = JSON.parse(stdout);
    expect(report.verdict).toBe("invalid");
    expect(["completed", "LIMIT_REACHED"]).toContain(report.ending.code ?? report.ending.kind);
    expect(JSON.stringify([report.ending, report.baseline])).toContain(
      "it has no free file descriptor (EMFILE; `ulimit -n` is 190",
    );
    expect(stderr).not.toMatch(/does not answer|is gone|stood still|stop file/);
    expect(report.faults[0].verdict).toBe("not_run");
  },
);

test.skipIf(process.platform !== "linux")(
  "too few file descriptors to begin with are told as such, and not as a bug",
  async () => {
    const folder = await temporaryFolder();
    const file = await writeShopScenario(folder);
    // With 24 not even its own files can be read, with 64 no thread can be started.
    for (const limit of [24, 64]) {
      const { code, stderr } = await limited(limit, ["run", file], folder);
      expect(code, stderr).toBe(4);
      expect(stderr).toContain("ulimit -n");
      expect(stderr).not.toContain("bug");
      expect(stderr).not.toMatch(/^ +at /m);
    }
  },
);
