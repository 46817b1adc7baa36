import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { pickFreePort } from "../../../src/run/reach/local-port.js";
import { isListening } from "../../../src/run/reach/tcp-probe.js";
import { healAll } from "../../../src/run/safety/heal/heal-all.js";
import { listJournals } from "../../../src/run/safety/journal.js";
import { testAtOnce } from "../../helpers/at-once.js";
import { fakeToxiproxy, listedProxy, undosOf } from "../../helpers/fake-toxiproxy.js";
import { temporaryFolder } from "../../helpers/faultline.js";
import { plan, startRunner, stateFolder, stubbornService } from "../../helpers/runs.js";

/** What is promised: nothing is left within 3 s of the runner's end. */
const PROMISED_MS = 3_000;

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
  const { child } = await startRunner(folder, plan({ services: [stubbornService(port)] }));
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

test("where the state folder is gone nothing is known of the run, and the watchdog ends with its runner", async () => {
  const folder = stateFolder();
  const { child } = await startRunner(folder, plan());
  expect(await processesWith(folder)).toHaveLength(1);
  rmSync(folder, { recursive: true });
  child.kill("SIGKILL");
  await expect.poll(() => processesWith(folder), { timeout: 10_000, interval: 100 }).toEqual([]);
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

test("the watchdog finds packages as Yarn's Plug'n'Play keeps them, and loads nothing else that NODE_OPTIONS names", async () => {
  const folder = await temporaryFolder();
  const preloads = join(folder, "a folder");
  mkdirSync(preloads);
  const seen = join(folder, "seen.txt");
  for (const name of [".pnp.cjs", "other.cjs"]) {
    const line = `process.argv[1] + ${JSON.stringify(` ${name}\n`)}`;
    writeFileSync(
      join(preloads, name),
      `require("node:fs").appendFileSync(${JSON.stringify(seen)}, ${line});\n`,
    );
  }
  const loader = pathToFileURL(join(preloads, ".pnp.loader.mjs"));
  writeFileSync(loader, "export {};\n");
  vi.stubEnv(
    "NODE_OPTIONS",
    `--require "${preloads}/other.cjs" --require "${preloads}/.pnp.cjs" --no-warnings --experimental-loader ${loader.href}`,
  );
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  await startRunner(stateFolder(), plan());
  // Both are told of the runner, the first alone of its watchdog. (A loader has a thread, which preloads them again.)
  const lines = readFileSync(seen, "utf8").split("\n");
  const of = (main: string) =>
    new Set(lines.filter((line) => line.includes(main)).map((line) => line.split(" ").at(-1)));
  expect(of("safety-net-runner")).toEqual(new Set(["other.cjs", ".pnp.cjs"]));
  expect(of("watchdog-main")).toEqual(new Set([".pnp.cjs"]));
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
    foreign: { upstream: "127.0.0.1:9", enabled: true, toxics: ["theirs"] },
  });
  const { url } = server;
  const found = listedProxy("reused", { upstream: "127.0.0.1:1", enabled: true, toxics: ["theirs"] });
  const entries = [
    ...undosOf(url, "reused", "127.0.0.1:1", { found, toxics: ["ours_latency", "never_added"] }),
    ...undosOf(url, "created", "127.0.0.1:2", { toxics: ["ours_timeout"] }),
    // Somebody took the name since, with another upstream.
    ...undosOf(url, "foreign", "127.0.0.1:3", { toxics: ["ours_bandwidth"] }),
    ...undosOf(url, "never made", "127.0.0.1:4"),
  ].map((entry) => ({ entry: "undo" as const, ...entry }));
  const { child } = await startRunner(stateFolder(), plan({ toxiproxyUrl: url }), entries);
  child.kill("SIGKILL");
  await expect
    .poll(() => server.proxies, { timeout: PROMISED_MS })
    .toEqual({
      reused: { upstream: "127.0.0.1:1", enabled: true, toxics: ["theirs"] },
      foreign: { upstream: "127.0.0.1:9", enabled: true, toxics: ["theirs"] },
    });
});

testAtOnce(
  "a server that is asleep when the runner is killed is put right by the watchdog when it wakes",
  async ({ expect }) => {
    const folder = stateFolder();
    const server = await fakeToxiproxy({ cache: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
    const entries = undosOf(server.url, "cache", "127.0.0.1:2").map((entry) => ({
      entry: "undo" as const,
      ...entry,
    }));
    const { child } = await startRunner(folder, plan(), entries);
    server.asleep = true;
    child.kill("SIGKILL");
    await pause(4_000);
    expect(listJournals(folder)).toHaveLength(1);
    await server.wake();
    await expect.poll(() => listJournals(folder), { timeout: 15_000 }).toEqual([]);
    expect(server.proxies).toEqual({});
  },
);

testAtOnce(
  "a run that is stopped loses its faults after 10 s and nothing else; when it goes on it is told, and ends cleanly",
  async ({ expect }) => {
    const port = await pickFreePort();
    const found = { upstream: "127.0.0.1:1", enabled: true, toxics: ["theirs"] };
    const server = await fakeToxiproxy({
      found: { ...found, toxics: ["theirs", "ours"] },
      made: { upstream: "127.0.0.1:2", enabled: false, toxics: ["ours"] },
    });
    const folder = stateFolder();
    const { url } = server;
    const { child } = await startRunner(
      folder,
      plan({ toxiproxyUrl: url, services: [stubbornService(port)] }),
      [
        ...undosOf(url, "found", "127.0.0.1:1", { found: listedProxy("found", found), toxics: ["ours"] }),
        ...undosOf(url, "made", "127.0.0.1:2", { toxics: ["ours"] }),
        ...undosOf(url, "never made", "127.0.0.1:3"),
      ].map((entry) => ({ entry: "undo", ...entry }) as const),
    );
    let heard = "";
    child.stdout?.on("data", (text) => {
      heard += text;
    });
    // A short stop, as of a busy machine, is none of its business.
    child.kill("SIGSTOP");
    await pause(2_500);
    child.kill("SIGCONT");
    await pause(2_500);
    expect(server.changes).toEqual([]);
    child.kill("SIGSTOP");
    const stoppedAt = performance.now();
    await expect
      .poll(() => server.proxies, { timeout: 30_000, interval: 100 })
      .toEqual({ found, made: { upstream: "127.0.0.1:2", enabled: true, toxics: [] } });
    expect(performance.now() - stoppedAt).toBeGreaterThan(8_000);
    expect(await isListening("127.0.0.1", port)).toBe(true);
    const lines: string[] = [];
    expect(await healAll(folder, { dryRun: false, onLine: (line) => lines.push(line) })).toBe("left");
    expect(lines.join()).toContain(`process ${child.pid} is stopped`);
    expect(heard).toBe("");
    child.kill("SIGCONT");
    await expect.poll(() => heard, { timeout: 8_000 }).toMatch(/^standstill: the run stood still for \d+ s/m);
    expect(heard).toMatch(/^standstill: no sign of life for too long/m);
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
    expect(listJournals(folder)).toEqual([]);
    expect(await isListening("127.0.0.1", port)).toBe(false);
  },
);

testAtOnce("a stopped run that is killed is undone whole", async ({ expect }) => {
  const server = await fakeToxiproxy({
    made: { upstream: "127.0.0.1:2", enabled: true, toxics: ["ours"] },
  });
  const folder = stateFolder();
  const entries = undosOf(server.url, "made", "127.0.0.1:2", { toxics: ["ours"] });
  const { child } = await startRunner(
    folder,
    plan({ toxiproxyUrl: server.url }),
    entries.map((entry) => ({ entry: "undo", ...entry }) as const),
  );
  child.kill("SIGSTOP");
  await expect.poll(() => server.proxies.made?.toxics, { timeout: 30_000 }).toEqual([]);
  child.kill("SIGKILL");
  await expect.poll(() => server.proxies, { timeout: 10_000 }).toEqual({});
  await expect.poll(() => listJournals(folder), { timeout: 10_000 }).toEqual([]);
});
