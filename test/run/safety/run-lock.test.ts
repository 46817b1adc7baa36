import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { FaultStep, Step } from "../../../src/plan/steps.js";
import { pickFreePort } from "../../../src/run/reach/local-port.js";
import { holderOf, releaseLink, takeLink } from "../../../src/run/safety/holder-link.js";
import { Journal, listJournals } from "../../../src/run/safety/journal.js";
import { claimRun, claimsOf } from "../../../src/run/safety/run-lock.js";
import { ownIdentity } from "../../../src/run/safety/runner-identity.js";
import { openStateFolder } from "../../../src/run/safety/state-folder.js";
import { exclusively } from "../../../src/run/safety/state-mutex.js";
import { onTestFinished, testAtOnce } from "../../helpers/at-once.js";
import { dockerActions } from "../../helpers/docker/docker-faults.js";
import { fakeToxiproxy, undosOf } from "../../helpers/fake-toxiproxy.js";
import { deadRun, plan, startRunner, stateFolder, stubbornService } from "../../helpers/runs.js";

const SAFETY = new URL("../../../dist/run/safety/", import.meta.url);
const HOLDER_LINK = new URL("holder-link.js", SAFETY).href;
const STATE_MUTEX = new URL("state-mutex.js", SAFETY).href;

test("a second run with the same listen port is refused with the first one's pid and scenario", async () => {
  const folder = stateFolder();
  const first = plan({ proxies: [{ name: "cache", listen: "127.0.0.1:6391", upstream: "127.0.0.1:6390" }] });
  const { child } = await startRunner(folder, first);
  const second = plan({ proxies: [{ name: "other", listen: "localhost:6391", upstream: "127.0.0.1:1" }] });
  await expect(claimRun(folder, second)).rejects.toMatchObject({
    code: "RUN_CONFLICT",
    exitCode: 4,
    message: expect.stringMatching(
      new RegExp(`port 6391: "slow cache" \\(cache\\.yaml\\), process ${child.pid},`),
    ),
  });
  const journal = await claimRun(folder, plan());
  journal.remove();
  child.kill("SIGTERM");
  await once(child, "exit");
  (await claimRun(folder, second)).remove();
});

test("two runs that would write ids and reports to one folder are not made at once, whatever its name", async () => {
  const folder = stateFolder();
  const reports = join(folder, "reports");
  mkdirSync(reports);
  const link = join(folder, "link");
  symlinkSync(reports, link);
  const { child } = await startRunner(folder, { ...plan(), reportFolder: reports });
  await expect(claimRun(folder, { ...plan(), reportFolder: link })).rejects.toMatchObject({
    code: "RUN_CONFLICT",
    message: expect.stringMatching(
      new RegExp(`another run uses the report folder ${reports}: .*process ${child.pid},`),
    ),
  });
  (await claimRun(folder, { ...plan(), reportFolder: join(folder, "others") })).remove();
  // One that was killed writes nothing any more.
  child.kill("SIGKILL");
  await once(child, "exit");
  (await claimRun(folder, { ...plan(), reportFolder: reports })).remove();
});

test("of many runs that start at once for the same port exactly one gets it", async () => {
  const folder = stateFolder();
  const wanted = plan({ proxies: [{ name: "cache", listen: "127.0.0.1:6391", upstream: "127.0.0.1:6390" }] });
  const said = await Promise.all(
    Array.from({ length: 6 }, async () => (await startRunner(folder, wanted)).said),
  );
  expect(said.filter((text) => text.startsWith("running"))).toHaveLength(1);
  expect(said.filter((text) => text.startsWith("RUN_CONFLICT"))).toHaveLength(5);
});

test("a dead run's claim is taken over after undoing what it left", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
  const wanted = plan({
    proxies: [{ name: "cache", listen: "127.0.0.1:6391", upstream: "127.0.0.1:6390" }],
    toxiproxyUrl: server.url,
  });
  const journal = Journal.create(folder, deadRun({ claims: claimsOf(wanted) }));
  for (const entry of undosOf(server.url, "cache", "127.0.0.1:2")) journal.undoable(entry);
  journal.leave();
  server.hang = true;
  await expect(claimRun(folder, wanted)).rejects.toMatchObject({
    code: "RUN_CONFLICT",
    message: expect.stringMatching(
      /still has proxy "cache" of Toxiproxy on port \d+: .*no answer within 2 s/,
    ),
  });
  server.hang = false;
  const mine = await claimRun(folder, wanted);
  expect(server.proxies).toEqual({});
  expect(listJournals(folder)).toEqual([mine.path]);
});

/** A port that something listens on for as long as the test runs. */
async function heldPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test.each([
  ["a reboot", { boot: "another" }, "free", "taken"],
  ["a reused pid", { pid: process.pid, start: "1" }, "free", "taken"],
  // As a container that was killed and had its state folder on a volume.
  ["another machine", { host: "box-a" }, "free", "taken"],
  ["another container", { pidNamespace: "pid:[1]" }, "held", "refused"],
] as const)(
  "a claim of a runner before %s, %j, on a port that is %s → %s",
  async (_, change, state, outcome) => {
    const folder = stateFolder();
    const port = state === "held" ? await heldPort() : await pickFreePort();
    const runner = { ...ownIdentity(), ...change };
    const theirs = Journal.create(folder, deadRun({ claims: [`port ${port}`], runner }));
    theirs.leave();
    const claim = claimRun(
      folder,
      plan({ proxies: [{ name: "a", listen: `127.0.0.1:${port}`, upstream: "b:1" }] }),
    );
    if (outcome === "taken") return (await claim).remove();
    await expect(claim).rejects.toMatchObject({
      code: "RUN_CONFLICT",
      message: expect.stringContaining(
        `port ${port}: whether process ${runner.pid} on ${runner.host} (or in another container) still runs cannot be seen from here; if it does not, run \`faultline heal\` there or delete ${theirs.path}`,
      ),
    });
  },
);

test("whose the proxies of a server are cannot be tried: a run that cannot be seen keeps them", async () => {
  const folder = stateFolder();
  const proxies = [{ name: "a", listen: "127.0.0.1:0", upstream: "b:1" }];
  const wanted = plan({ proxies, toxiproxyUrl: "http://toxi.example:8474" });
  const runner = { ...ownIdentity(), host: "box-a" };
  const theirs = Journal.create(folder, deadRun({ claims: claimsOf(wanted), runner }));
  theirs.leave();
  await expect(claimRun(folder, wanted)).rejects.toMatchObject({
    code: "RUN_CONFLICT",
    message: expect.stringContaining(`or delete ${theirs.path}`),
  });
});

test("claims: ports that the system picks are free for all, loopback names are one host, a server's proxies are claimed by name", () => {
  const service = { ...stubbornService(3000), ready: "http://localhost:3000/health" };
  const open = { ...service, ready: "http://127.0.0.1:${services.shop.port}/" };
  const proxies = [
    { name: "a", listen: "127.0.0.1:0", upstream: "x:1" },
    { name: "b", listen: "[::1]:4000", upstream: "x:1" },
  ];
  expect(claimsOf(plan({ services: [service, open], proxies }))).toEqual(["port 4000", "port 3000"]);
  expect(claimsOf(plan({ proxies, toxiproxyUrl: "http://localhost:8474" }))).toEqual([
    "port 4000",
    'proxy "a" of Toxiproxy on port 8474',
    'proxy "b" of Toxiproxy on port 8474',
  ]);
  expect(claimsOf(plan({ proxies, toxiproxyUrl: "http://toxi.example:8474" }))).toEqual([
    'proxy "a" of Toxiproxy at toxi.example:8474',
    'proxy "b" of Toxiproxy at toxi.example:8474',
  ]);
});

test("what faults act on through a Docker engine is claimed with its engine and its project", () => {
  const during = { id: "a", startMs: 0, durationMs: 1_000, expectedRequests: null };
  const actions = [
    ...dockerActions({ swarm: "api", scale: 0 }),
    ...dockerActions({ service: "cache", pause: true }),
  ];
  const steps: readonly Step[] = [
    { kind: "fault", fault: {} as FaultStep["fault"], actions, stages: [], during, recovery: null },
  ];
  expect(claimsOf(plan({ steps }), { DOCKER_HOST: "tcp://127.0.0.1:2375" })).toEqual([
    "swarm api of the Docker engine at tcp://127.0.0.1:2375",
    "service cache of the Docker engine at tcp://127.0.0.1:2375",
  ]);
  const docker = { host: null, project: "shop" };
  expect(claimsOf({ ...plan({ steps }), docker })).toEqual([
    "swarm api of the Docker engine at unix:///var/run/docker.sock",
    "service shop/cache of the Docker engine at unix:///var/run/docker.sock",
  ]);
});

test("the mutex of a process that died while holding it is taken over", async () => {
  const folder = stateFolder();
  const holder = spawn(process.execPath, [
    "-e",
    `import(${JSON.stringify(HOLDER_LINK)}).then(({ takeLink }) => takeLink(${JSON.stringify(join(folder, "mutex"))}))`,
  ]);
  await once(holder, "exit");
  expect(holderOf(join(folder, "mutex"))).toMatchObject({ pid: holder.pid, state: "dead" });
  expect(await exclusively(folder, () => "done")).toBe("done");
  expect(readdirSync(folder)).toEqual([]);
});

for (const [what, make] of [
  ["whose holder cannot be seen", (path: string) => symlinkSync("7.1.2.3.4", path)],
  ["that says nothing", (path: string) => writeFileSync(path, "")],
] as const) {
  testAtOnce(`a mutex ${what} is taken over after a while`, async () => {
    const folder = stateFolder();
    make(join(folder, "mutex"));
    expect(await exclusively(folder, () => "done")).toBe("done");
  });
}

testAtOnce(
  "who is stopped while it waits for the mutex does not give up when it goes on",
  async ({ skip }) => {
    skip(process.platform === "win32");
    const folder = stateFolder();
    const mutex = join(folder, "mutex");
    takeLink(mutex);
    const program = `
  const { exclusively } = await import(${JSON.stringify(STATE_MUTEX)});
  console.log("waits");
  console.log(await exclusively(${JSON.stringify(folder)}, () => "done").catch((error) => error.message));
`;
    const waiter = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void waiter.kill("SIGKILL"));
    await once(waiter.stdout, "data");
    await pause(300);
    waiter.kill("SIGSTOP");
    await pause(5_500);
    waiter.kill("SIGCONT");
    await pause(300);
    releaseLink(mutex);
    const [text] = await once(waiter.stdout, "data");
    expect(String(text)).toBe("done\n");
  },
);

testAtOnce("a mutex that a living process does not give back is told with what to do", async () => {
  const folder = stateFolder();
  takeLink(join(folder, "mutex"));
  await expect(exclusively(folder, () => "done")).rejects.toMatchObject({
    code: "STATE_UNUSABLE",
    message: expect.stringContaining(`held by process ${process.pid}, which does not go on`),
  });
});

test.runIf(process.getuid)("a state folder that others could fill is refused, with what to do", () => {
  const folder = stateFolder();
  const open = (path: string) => openStateFolder({ FAULTLINE_STATE_DIR: path });
  chmodSync(folder, 0o777);
  expect(() => open(folder)).toThrow(
    `others may write to it; remove what is not yours in it, then run: chmod go-w`,
  );
  chmodSync(folder, 0o700);
  mkdirSync(join(folder, "runs"));
  chmodSync(join(folder, "runs"), 0o770);
  expect(() => open(folder)).toThrow(`chmod go-w ${join(folder, "runs")}`);
  writeFileSync(join(folder, "file"), "");
  symlinkSync(folder, join(folder, "link"));
  for (const name of ["file", "link"]) {
    expect(() => open(join(folder, name))).toThrow(
      /it is (not a folder|a link).*export FAULTLINE_STATE_DIR=/,
    );
  }
  expect(() => open(join(folder, "file", "below"))).toThrow(/ENOTDIR/);
  mkdirSync(join(folder, "sub"));
  expect(openStateFolder({ XDG_STATE_HOME: join(folder, "sub") })).toBe(join(folder, "sub", "faultline"));
});

test.runIf(process.getuid?.() === 0)("a state folder of another user is refused, with what to do", () => {
  const folder = stateFolder();
  chownSync(folder, 65_534, 65_534);
  expect(() => openStateFolder({ FAULTLINE_STATE_DIR: folder })).toThrow(
    /it belongs to another user \(65534\); name one that only you can write to, .*FAULTLINE_STATE_DIR="\$HOME/,
  );
});

test("a journal that cannot be written refuses the deed", () => {
  const journal = Journal.create(stateFolder(), deadRun());
  journal.leave();
  // The descriptor is closed: as good as a disk that is gone.
  expect(() => journal.serviceStarting("shop", null)).toThrow(
    expect.objectContaining({ code: "STATE_UNUSABLE" }),
  );
});
