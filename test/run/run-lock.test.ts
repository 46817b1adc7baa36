import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Journal, listJournals } from "../../src/run/journal.js";
import { claimRun, claimsOf } from "../../src/run/run-lock.js";
import { ownIdentity } from "../../src/run/runner-identity.js";
import { openStateFolder } from "../../src/run/state-folder.js";
import { exclusively } from "../../src/run/state-mutex.js";
import { fakeToxiproxy } from "../helpers/fake-toxiproxy.js";
import { deadRun, plan, startRunner, stateFolder, stubbornService } from "../helpers/runs.js";

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
  const claims = ["port 6391"];
  const server = await fakeToxiproxy({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
  const journal = Journal.create(folder, deadRun({ claims }));
  journal.proxyTouched({ url: server.url, proxy: "cache", upstream: "127.0.0.1:2", found: null });
  journal.leave();
  const wanted = plan({ proxies: [{ name: "cache", listen: "127.0.0.1:6391", upstream: "127.0.0.1:6390" }] });
  server.hang = true;
  await expect(claimRun(folder, wanted)).rejects.toMatchObject({ code: "RUN_CONFLICT" });
  server.hang = false;
  const mine = await claimRun(folder, wanted);
  expect(server.proxies).toEqual({});
  expect(listJournals(folder)).toEqual([mine.path]);
});

test.each([
  ["a reboot", { boot: "another" }, "taken"],
  ["a reused pid", { pid: process.pid, start: "1" }, "taken"],
  ["another machine", { host: "elsewhere.example" }, "refused"],
])("a claim of a runner before %s is %j → %s", async (_, change, outcome) => {
  const folder = stateFolder();
  Journal.create(folder, deadRun({ claims: ["port 6391"], runner: { ...ownIdentity(), ...change } })).leave();
  const claim = claimRun(
    folder,
    plan({ proxies: [{ name: "a", listen: "127.0.0.1:6391", upstream: "b:1" }] }),
  );
  if (outcome === "taken") (await claim).remove();
  else await expect(claim).rejects.toMatchObject({ code: "RUN_CONFLICT" });
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

test("the mutex of a process that died while holding it is taken over", async () => {
  const folder = stateFolder();
  writeFileSync(join(folder, "mutex"), JSON.stringify({ ...ownIdentity(), start: "1" }));
  expect(await exclusively(folder, () => "done")).toBe("done");
  expect(readdirSync(folder)).toEqual([]);
});

test.runIf(process.getuid)("a state folder that others may write to is refused", () => {
  const folder = stateFolder();
  chmodSync(folder, 0o777);
  expect(() => openStateFolder({ FAULTLINE_STATE_DIR: folder })).toThrow(/others may write to it/);
  writeFileSync(join(folder, "file"), "");
  expect(() => openStateFolder({ FAULTLINE_STATE_DIR: join(folder, "file") })).toThrow(/state folder/);
  mkdirSync(join(folder, "sub"));
  expect(openStateFolder({ XDG_STATE_HOME: join(folder, "sub") })).toBe(join(folder, "sub", "faultline"));
});

test("a journal that cannot be written refuses the deed", () => {
  const journal = Journal.create(stateFolder(), deadRun());
  journal.leave();
  // The descriptor is closed: as good as a disk that is gone.
  expect(() => journal.serviceStarting("shop")).toThrow(expect.objectContaining({ code: "STATE_UNUSABLE" }));
});
