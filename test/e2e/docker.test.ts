import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import { stringify } from "yaml";
import { onTestFinished, testAtOnce as test } from "../helpers/at-once.js";
import { DockerDouble } from "../helpers/docker/docker-double.js";
import { ofCompose } from "../helpers/docker/double-container.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";

/** A container "shop-web-1" whose published port answers while it runs, on an engine that is a double. */
async function shop(faults: readonly object[], phases: object = {}) {
  const folder = await temporaryFolder();
  let isFrozen = false;
  const listen = async (port: number) => {
    const server = createServer((_, answer) => {
      if (!isFrozen) answer.end("ok");
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  const close = (server: Server) => {
    server.closeAllConnections();
    server.close();
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => close(server));
  const web = ofCompose("shop", "web", 1, {
    published: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: String(port) }] },
    onState: async (now) => {
      isFrozen = now === "paused";
      if (now === "exited") close(server);
      else if (now === "running" && !server.listening) server = await listen(port);
    },
  });
  const double = await DockerDouble.start({ containers: [web, ofCompose("shop", "db")] });
  const file = join(folder, "scenario.yaml");
  const scenario = {
    faultline: 1,
    name: "A shop in containers",
    evidence: "observed",
    load: { target: `http://127.0.0.1:${port}`, rate: "20/s", timeout: "500ms" },
    phases: { warmup: "0s", baseline: "2s", fault: "3s", recovery: "2s", ...phases },
    slos: ["availability >= 10%"],
    faults,
  };
  await writeFile(file, stringify(scenario));
  const env = { FAULTLINE_STATE_DIR: join(folder, "state"), DOCKER_HOST: double.host };
  return { folder, file, double, env, container: double.container("shop-web-1") };
}

test("a container dies in a run and comes back: the report says what the engine has said", async () => {
  const { folder, file, double, env, container } = await shop([
    { name: "web killed", docker: { service: "web", kill: "SIGKILL", restart: "1s" } },
  ]);
  const { code, stdout, stderr } = await faultline(["run", file, "--json", "--out", join(folder, "out")], {
    env,
  });
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout);
  const [fault] = report.faults;
  expect(fault.findings.join(" ")).toMatch(
    /shop-web-1 was killed \(SIGKILL\), exit code 137, and was started again after \S+ s\./,
  );
  expect(fault.findingIds).toContain("containers");
  expect(fault.injection).toMatchObject({ proven: true });
  const during = report.phases.find(({ kind }: { readonly kind: string }) => kind === "fault");
  // About a second of 20/s met nobody.
  expect(during.requests.refused + during.requests.reset).toBeGreaterThan(5);
  expect(container.state).toBe("running");
  expect(double.strayed).toEqual([]);
  expect(await readFile(join(folder, "out", "report.md"), "utf8").catch(() => "")).not.toContain("undefined");
});

test("after kill -9 another process puts the container back", async () => {
  const { file, double, env, container } = await shop(
    [{ name: "web frozen", docker: { service: "web", pause: true } }],
    {
      fault: "30s",
    },
  );
  const started = startFaultline(["run", file, "--json"], { env });
  const untilMs = Date.now() + 20_000;
  while (container.state !== "paused" && Date.now() < untilMs) await wait(20);
  expect(container.state).toBe("paused");
  started.child.kill("SIGKILL");
  await started.finished;
  while (container.state === "paused" && Date.now() < untilMs) await wait(20);
  expect(container.state).toBe("running");
  expect(double.strayed).toEqual([]);
  // Nothing is left to heal, once the watchdog has removed the journal.
  await wait(1_000);
  const healed = await faultline(["heal"], { env });
  expect(healed.code, healed.stderr).toBe(0);
});

test("a slip is told before anything is loaded, and an engine that is not there, each with its code", async () => {
  const { file, double, env } = await shop([{ name: "slip", docker: { service: "wbe", pause: true } }]);
  const slip = await faultline(["run", file], { env });
  expect(slip.code).toBe(4);
  expect(slip.stderr).toContain('there is no container of a compose service "wbe"; did you mean "web"?');
  expect(slip.stderr).toContain("hint: Nothing was done to any container.");
  expect(double.changes).toEqual([]);
  const none = await faultline(["run", file], {
    env: { ...env, DOCKER_HOST: "unix:///tmp/faultline-no-such.sock" },
  });
  expect(none.code).toBe(4);
  expect(none.stderr).toContain("there is no such socket");
  const stranger = await faultline(["run", file, "--untrusted"], { env });
  expect(stranger.code).toBe(2);
  expect(stranger.stderr).toContain("--allow-docker wbe");
});
