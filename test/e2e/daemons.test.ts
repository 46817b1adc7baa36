import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type TestContext, test } from "vitest";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { isListening } from "../../src/run/reach/tcp-probe.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";

/** Where CI is set the programs have to be there. */
function skipWithout(context: TestContext, program: string): void {
  const isThere = spawnSync(program, ["-v"], { stdio: "ignore" }).error === undefined;
  if (!isThere && !process.env.CI)
    context.skip(`there is no ${program}: apt-get install redis-server nginx-light`);
}

/** Both put themselves into the background and write over their environment. */
async function daemons(baseline: string) {
  const folder = await temporaryFolder();
  const redis = await pickFreePort();
  const nginx = await pickFreePort();
  await mkdir(join(folder, "logs"));
  const settings = [
    `pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 2; events {}`,
    `http { access_log off; server { listen 127.0.0.1:${nginx}; location / { return 200 "ok"; } } }`,
  ];
  await writeFile(join(folder, "nginx.conf"), settings.join("\n"));
  await writeFile(
    join(folder, "scenario.yaml"),
    `faultline: 1
name: daemons
evidence: observed
services:
  redis:
    run: redis-server --port ${redis} --bind 127.0.0.1 --save '' --daemonize yes; exec sleep 1000
    shell: true
    ready: tcp://127.0.0.1:${redis}
    stopGrace: 1s
  nginx:
    run: nginx -p ${folder} -c ${folder}/nginx.conf; exec sleep 1000
    shell: true
    ready: http://127.0.0.1:${nginx}
    stopGrace: 1s
load: { target: "http://127.0.0.1:${nginx}", rate: 20/s }
phases: { warmup: 0s, baseline: ${baseline} }
slos: [availability >= 1%]
`,
  );
  return { folder, ports: [redis, nginx], args: ["run", "scenario.yaml", "--out", "out"] };
}

async function openOf(ports: readonly number[]): Promise<readonly number[]> {
  const isOpen = await Promise.all(ports.map((port) => isListening("127.0.0.1", port)));
  return ports.filter((_, index) => isOpen[index]);
}

test("Redis and nginx that put themselves into the background are ended with their run", async (context) => {
  for (const program of ["redis-server", "nginx"]) skipWithout(context, program);
  const { folder, ports, args } = await daemons("1s");
  const { code, stderr } = await faultline(args, { cwd: folder });
  expect(stderr).toContain("baseline: ");
  expect(code, stderr).not.toBe(5);
  expect(await openOf(ports)).toEqual([]);
}, 60_000);

test("… and after a SIGKILL of the run", async (context) => {
  for (const program of ["redis-server", "nginx"]) skipWithout(context, program);
  const { folder, ports, args } = await daemons("30s");
  const run = startFaultline(args, { cwd: folder });
  await expect.poll(() => openOf(ports), { timeout: 30_000 }).toEqual(ports);
  run.child.kill("SIGKILL");
  await expect.poll(() => openOf(ports), { timeout: 15_000 }).toEqual([]);
}, 60_000);
