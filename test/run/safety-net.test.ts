import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import type { RunPlan, ServiceSpec } from "../../src/plan/run-plan.js";
import { healRun, previewHealing } from "../../src/run/heal.js";
import { Journal, listJournals } from "../../src/run/journal.js";
import type { JournalEntry, RunEntry } from "../../src/run/journal-format.js";
import { isListening, pickFreePort } from "../../src/run/local-port.js";
import { claimRun, claimsOf } from "../../src/run/run-lock.js";
import { ownIdentity } from "../../src/run/runner-identity.js";
import { openStateFolder } from "../../src/run/state-folder.js";
import { exclusively } from "../../src/run/state-mutex.js";

type NetPlan = Pick<RunPlan, "name" | "file" | "services" | "proxies" | "toxiproxyUrl">;

const RUNNER = fileURLToPath(new URL("../helpers/safety-net-runner.mjs", import.meta.url));
/** What is promised: nothing is left within 3 s of the runner's end. */
const PROMISED_MS = 3_000;

const children: ChildProcess[] = [];
const closers: (() => void)[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const close of closers.splice(0)) close();
});

function stateFolder(): string {
  return mkdtempSync(join(tmpdir(), "faultline-state-"));
}

function plan(changes: Partial<NetPlan> = {}): NetPlan {
  return {
    name: "slow cache",
    file: "cache.yaml",
    services: [],
    proxies: [],
    toxiproxyUrl: null,
    ...changes,
  };
}

/** Listens on the port, ignores SIGTERM, and has a child that does the same on the next one. */
function stubbornService(port: number): ServiceSpec {
  const deaf = (at: number) =>
    `process.on("SIGTERM", () => {}); require("http").createServer().listen(${at}, "127.0.0.1")`;
  const code = `${deaf(port)}; require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(deaf(port + 1))}])`;
  return {
    name: "shop",
    command: [process.execPath, "-e", code],
    shell: false,
    env: {},
    cwd: tmpdir(),
    ready: `tcp://127.0.0.1:${port}`,
    readyTimeoutMs: 8_000,
    stopGraceMs: 300,
  };
}

/** A runner process and its first line of output. */
async function startRunner(folder: string, runPlan: NetPlan, entries: readonly JournalEntry[] = []) {
  const child = spawn(process.execPath, [RUNNER, JSON.stringify({ plan: runPlan, entries })], {
    env: { ...process.env, FAULTLINE_STATE_DIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [said] = await once(child.stdout, "data");
  return { child, said: String(said).trim() };
}

async function processesWith(text: string): Promise<string[]> {
  const ps = spawn("ps", ["-axo", "pid=,stat=,args="], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  ps.stdout.on("data", (piece) => {
    out += piece;
  });
  await once(ps, "close");
  return out.split("\n").filter((line) => line.includes(text) && !/^\s*\d+\s+Z/.test(line));
}

test("after a SIGKILL of the runner its services are gone within 3 s, deaf grandchildren too, and the journal", async () => {
  const folder = stateFolder();
  const port = await pickFreePort();
  const { child } = await startRunner(folder, plan({ services: [stubbornService(port)] }));
  await expect.poll(() => isListening("127.0.0.1", port + 1), { timeout: 8_000 }).toBe(true);
  expect(listJournals(folder)).toHaveLength(1);
  child.kill("SIGKILL");
  const killedAt = performance.now();
  await expect
    .poll(async () => [...listJournals(folder), ...(await processesWith(folder))], {
      timeout: 10_000,
      interval: 50,
    })
    .toEqual([]);
  expect(performance.now() - killedAt).toBeLessThan(PROMISED_MS);
  expect(await isListening("127.0.0.1", port)).toBe(false);
  expect(await isListening("127.0.0.1", port + 1)).toBe(false);
  expect(readdirSync(join(folder, "runs"))).toEqual([]);
});

test("the watchdog has a session of its own: a signal to the runner's whole group leaves it at work", async () => {
  const folder = stateFolder();
  const port = await pickFreePort();
  const child = spawn(
    process.execPath,
    [RUNNER, JSON.stringify({ plan: plan({ services: [stubbornService(port)] }) })],
    {
      env: { ...process.env, FAULTLINE_STATE_DIR: folder },
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    },
  );
  children.push(child);
  await once(child.stdout, "data");
  // As a terminal does it on Ctrl-C and on hanging up; the runner of this test has no handler for them.
  process.kill(-child.pid!, "SIGINT");
  process.kill(-child.pid!, "SIGHUP");
  await expect.poll(() => listJournals(folder), { timeout: 10_000 }).toEqual([]);
  expect(await isListening("127.0.0.1", port)).toBe(false);
});

test("a clean end leaves no journal and no watchdog, and the watchdog does not hold the runner up", async () => {
  const folder = stateFolder();
  const { child } = await startRunner(folder, plan());
  expect(await processesWith(folder)).toHaveLength(1);
  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  expect(listJournals(folder)).toEqual([]);
  expect(await processesWith(folder)).toEqual([]);
});

test("what a runner could not undo itself the watchdog tries at once, while the runner lives on", async () => {
  const folder = stateFolder();
  const port = await pickFreePort();
  const { child } = await startRunner(folder, plan({ services: [stubbornService(port)] }));
  child.kill("SIGUSR2");
  await expect.poll(() => listJournals(folder), { timeout: 10_000 }).toEqual([]);
  expect(await isListening("127.0.0.1", port)).toBe(false);
  expect(child.exitCode ?? child.signalCode).toBeNull();
});

test("the runner is told when its watchdog dies", async () => {
  const folder = stateFolder();
  const { child } = await startRunner(folder, plan());
  let heard = "";
  child.stdout?.on("data", (text) => {
    heard += text;
  });
  const watchdog = (await processesWith(folder)).find((line) => line.includes("watchdog-main"));
  process.kill(Number.parseInt(watchdog ?? "", 10), "SIGKILL");
  await expect.poll(() => heard, { timeout: 5_000 }).toMatch(/^lost: the watchdog process ended/);
});

test("toxics and proxies of a real server are reverted after a SIGKILL, what others put there stays", async () => {
  const server = await fakeToxiproxy({
    reused: { upstream: "127.0.0.1:1", enabled: false, toxics: ["theirs", "ours_latency"] },
    created: { upstream: "127.0.0.1:2", enabled: true, toxics: ["ours_timeout"] },
    foreign: { upstream: "127.0.0.1:9", enabled: true, toxics: ["ours_latency"] },
  });
  const { url } = server;
  const { child } = await startRunner(stateFolder(), plan({ toxiproxyUrl: url }), [
    { entry: "proxy", url, proxy: "reused", upstream: "127.0.0.1:1", found: { enabled: true } },
    { entry: "proxy", url, proxy: "created", upstream: "127.0.0.1:2", found: null },
    // Another run took the name since, with another upstream.
    { entry: "proxy", url, proxy: "foreign", upstream: "127.0.0.1:3", found: null },
    { entry: "proxy", url, proxy: "never made", upstream: "127.0.0.1:4", found: null },
    { entry: "toxics", url, proxy: "reused", toxics: ["ours_latency", "never_added"] },
    { entry: "toxics", url, proxy: "created", toxics: ["ours_timeout"] },
  ]);
  child.kill("SIGKILL");
  await expect
    .poll(() => server.proxies, { timeout: PROMISED_MS })
    .toEqual({
      reused: { upstream: "127.0.0.1:1", enabled: true, toxics: ["theirs"] },
      foreign: { upstream: "127.0.0.1:9", enabled: true, toxics: ["ours_latency"] },
    });
});

interface FakeProxy {
  readonly upstream: string;
  enabled: boolean;
  toxics: string[];
}

/** The few calls of Toxiproxy's HTTP API that reverting takes; `hang` makes it take connections and answer nothing. */
async function fakeToxiproxy(proxies: Record<string, FakeProxy>) {
  const state = { proxies, hang: false, hangOnToxics: false, garbage: false, url: "" };
  const server = createServer(async (request, response) => {
    if (state.hang) return;
    if (state.garbage) return void response.end("{ not json");
    if (state.hangOnToxics && request.method === "DELETE" && request.url?.includes("/toxics/")) return;
    if (request.method === "POST" && request.url === "/proxies") {
      const { name, upstream, enabled } = await bodyOf(request);
      state.proxies[name] = { upstream, enabled, toxics: [] };
      return void response.writeHead(201).end("{}");
    }
    const [, , name = "", toxics, toxic] = (request.url ?? "").split("/").map(decodeURIComponent);
    const proxy = state.proxies[name];
    const answer = (status: number, body?: object) => {
      response.statusCode = status;
      response.end(body ? JSON.stringify(body) : undefined);
    };
    if (!proxy) return answer(404, { error: "proxy not found" });
    if (request.method === "DELETE" && toxic) proxy.toxics = proxy.toxics.filter((known) => known !== toxic);
    else if (request.method === "DELETE") delete state.proxies[name];
    else if (toxics) proxy.toxics = [...proxy.toxics, (await bodyOf(request)).name];
    else if (request.method === "POST") proxy.enabled = (await bodyOf(request)).enabled;
    if (request.method === "DELETE") return answer(204);
    answer(200, { ...proxy, name, toxics: proxy.toxics.map((known) => ({ name: known })) });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

async function bodyOf(
  request: IncomingMessage,
): Promise<{ readonly name: string; readonly upstream: string; readonly enabled: boolean }> {
  let text = "";
  for await (const piece of request) text += piece;
  return JSON.parse(text);
}

function deadRun(changes: Partial<RunEntry> = {}): RunEntry {
  return {
    entry: "run",
    formatVersion: 1,
    runId: "2026-01-01-dead",
    scenario: "dead run",
    file: "dead.yaml",
    startedAt: "2026-01-01T00:00:00.000Z",
    runner: { ...ownIdentity(), pid: 2 ** 22 - 3, start: "1" },
    claims: [],
    ...changes,
  };
}

test("what cannot be reverted keeps the journal, and a later attempt finishes it", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
  const journal = Journal.create(folder, deadRun());
  journal.proxyTouched({ url: server.url, proxy: "cache", upstream: "127.0.0.1:2", found: null });
  journal.leave();
  server.hang = true;
  const first = await healRun(folder, journal.path);
  expect(first.failures.join()).toContain('proxy "cache"');
  expect(listJournals(folder)).toHaveLength(1);
  server.hang = false;
  expect((await previewHealing(journal.path)).did).toEqual([`delete proxy "cache" of ${server.url}`]);
  expect(Object.keys(server.proxies)).toEqual(["cache"]);
  const second = await healRun(folder, journal.path);
  expect(second).toMatchObject({ did: [`delete proxy "cache" of ${server.url}`], failures: [] });
  expect(server.proxies).toEqual({});
  expect(readdirSync(join(folder, "runs"))).toEqual([]);
});

test("where a toxic cannot be removed from a proxy that was there, the proxy is replaced by one without it", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({
    cache: { upstream: "127.0.0.1:2", enabled: true, toxics: ["theirs", "ours"] },
  });
  server.hangOnToxics = true;
  const journal = Journal.create(folder, deadRun());
  const { url } = server;
  journal.proxyTouched({ url, proxy: "cache", upstream: "127.0.0.1:2", found: { enabled: true } });
  journal.toxicsAdded({ url, proxy: "cache", toxics: ["ours"] });
  journal.leave();
  expect((await healRun(folder, journal.path)).did).toEqual([
    `replace proxy "cache" of ${url} by one without ours`,
  ]);
  expect(server.proxies).toEqual({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: ["theirs"] } });
});

test("a server that answers with something else is a failure, not a crash", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({});
  server.garbage = true;
  const journal = Journal.create(folder, deadRun());
  journal.proxyTouched({ url: server.url, proxy: "cache", upstream: "127.0.0.1:2", found: null });
  journal.leave();
  expect((await healRun(folder, journal.path)).failures.join()).toMatch(/proxy "cache" .*JSON/);
  expect(listJournals(folder)).toHaveLength(1);
});

test("a server that is gone has nothing left to revert", async () => {
  const folder = stateFolder();
  const journal = Journal.create(folder, deadRun());
  const url = `http://127.0.0.1:${await pickFreePort()}`;
  journal.proxyTouched({ url, proxy: "cache", upstream: "127.0.0.1:2", found: null });
  journal.leave();
  expect((await healRun(folder, journal.path)).failures).toEqual([]);
});

test("several that undo the same run at once wait for one another, and the deed is done once", async () => {
  const folder = stateFolder();
  const server = await fakeToxiproxy({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
  const journal = Journal.create(folder, deadRun());
  journal.proxyTouched({ url: server.url, proxy: "cache", upstream: "127.0.0.1:2", found: null });
  journal.leave();
  const healings = await Promise.all([1, 2, 3].map(() => healRun(folder, journal.path)));
  expect(healings.flatMap((healing) => healing.did)).toEqual([`delete proxy "cache" of ${server.url}`]);
  expect(healings.flatMap((healing) => healing.failures)).toEqual([]);
  expect(readdirSync(join(folder, "runs"))).toEqual([]);
});

test("unfinished report files are removed, finished and foreign ones stay", async () => {
  const folder = stateFolder();
  const reports = mkdtempSync(join(tmpdir(), "faultline-reports-"));
  const unfinished = ".record.json.1b4e28ba-2fa1-41d2-883f-0016d3cca427.part";
  for (const name of [unfinished, "record.json", ".hidden", "other.part"])
    writeFileSync(join(reports, name), "x");
  const journal = Journal.create(folder, deadRun());
  journal.reportsWritten(reports);
  journal.reportsWritten(join(reports, "never made"));
  journal.leave();
  expect((await healRun(folder, journal.path)).failures).toEqual([]);
  expect(readdirSync(reports).sort()).toEqual([".hidden", "other.part", "record.json"]);
});

test("a torn last line and an empty journal do no harm", async () => {
  const folder = stateFolder();
  const journal = Journal.create(folder, deadRun());
  journal.leave();
  writeFileSync(journal.path, `${JSON.stringify(deadRun())}\n{"entry":"service-star`);
  expect((await healRun(folder, journal.path)).failures).toEqual([]);
  const empty = join(folder, "runs", "x.jsonl");
  writeFileSync(empty, "");
  expect((await healRun(folder, empty)).failures.join()).toContain("not a journal");
  expect(existsSync(empty)).toBe(true);
});

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

test.runIf(existsSync("/dev/full"))("a journal that cannot be written refuses the deed", () => {
  const journal = Journal.create(stateFolder(), deadRun());
  journal.leave();
  // The descriptor is closed: as good as a disk that is gone.
  expect(() => journal.serviceStarting("shop")).toThrow(expect.objectContaining({ code: "STATE_UNUSABLE" }));
});
