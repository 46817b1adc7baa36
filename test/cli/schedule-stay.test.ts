import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { openStateFolder } from "../../src/run/safety/state-folder.js";
import { lockGameDay } from "../../src/schedule/game-day-lock.js";
import { startChild } from "../helpers/children/start-child.mjs";
import { gameDayText } from "../helpers/game-days.js";
import { folderWith } from "../helpers/scenario-files.js";

const BIN = fileURLToPath(new URL("../../bin/faultline.js", import.meta.url));

const SHOP = `import http from "node:http";
http.createServer((_, response) => response.end("ok")).listen(Number(process.env.PORT), "127.0.0.1");
process.stdout.write("");
(await import("node:fs")).writeFileSync("shop.pid", String(process.pid));
`;

const scenario = (baseline: string) => `faultline: 1
name: Quick
services:
  shop:
    run: [node, shop.mjs]
    env: { PORT: "\${services.shop.port}" }
    ready: "http://127.0.0.1:\${services.shop.port}/"
load: { target: "http://127.0.0.1:\${services.shop.port}", rate: 20/s }
phases: { warmup: 1s, baseline: ${baseline} }
slos: [p50 < 5s]
evidence: observed
`;

const HOURLY = 'schedule: { cron: "0 * * * *", catchUp: once }';

/** A game day whose last run was long ago, so that one is due at once when `isBehind`. */
function folder(baseline: string, { isBehind }: { readonly isBehind: boolean }): string {
  const cwd = folderWith({
    "shop.mjs": SHOP,
    "a.yaml": scenario(baseline),
    "day.yaml": gameDayText({ schedule: HOURLY, scenarios: "scenarios: [a.yaml]" }),
  });
  if (isBehind) {
    mkdirSync(join(cwd, "reports", "checkout-friday"), { recursive: true });
    const memory = {
      formatVersion: 1,
      gameDay: "Checkout Friday",
      schedule: "0 * * * * UTC",
      handledUntil: new Date(Date.now() - 3 * 3_600_000).toISOString(),
      running: null,
      last: null,
    };
    writeFileSync(join(cwd, "reports", "checkout-friday", "schedule.json"), JSON.stringify(memory));
  }
  return cwd;
}

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});

/** A scheduler as a process of its own, with what it has printed so far. */
function start(cwd: string, ...args: string[]) {
  const child = startChild(process.execPath, [BIN, "schedule", ...args, "day.yaml"], {
    cwd,
    env: { ...process.env, FAULTLINE_STATE_DIR: join(cwd, "state"), NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      text += String(chunk);
    });
  const ended = new Promise<number | null>((resolve) => {
    child.on("exit", (code) => {
      children.delete(child);
      resolve(code);
    });
  });
  const prints = async (pattern: RegExp): Promise<RegExpExecArray> => {
    // A busy machine may take long to start two processes.
    for (let waited = 0; waited < 600; waited += 1) {
      const found = pattern.exec(text);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`it never printed ${pattern}:\n${text}`);
  };
  return { child, ended, prints, text: () => text };
}

test("it lists the next runs, answers on loopback, reads files again, keeps its lock, and ends", {
  timeout: 120_000,
}, async () => {
  const cwd = folder("2s", { isBehind: false });
  const scheduler = start(cwd);
  const [, url] = await scheduler.prints(/(http:\/\/127\.0\.0\.1:\d+)\/metrics/);
  await scheduler.prints(/Checkout Friday: next run \d{4}-\d\d-\d\d \d\d:00 UTC/);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/^faultline_gameday_next_run_timestamp_seconds\{gameday="Checkout Friday"\} \d+$/m);
  expect(metrics).toContain('faultline_gameday_running{gameday="Checkout Friday"} 0\n');
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({
    status: "ok",
    gameDays: [{ name: "Checkout Friday" }],
  });
  expect((await fetch(`${url}/`)).status).toBe(404);

  const other = start(cwd);
  expect(await other.ended).toBe(4);
  expect(other.text()).toContain(
    `the schedule of the game day "Checkout Friday" is in the hands of process ${scheduler.child.pid}`,
  );

  writeFileSync(join(cwd, "day.yaml"), gameDayText({ schedule: 'schedule: { cron: "0 25 * * *" }' }));
  await scheduler.prints(
    /day\.yaml:3:22: `25`: it is no hour of a cron line[\s\S]*what was read before stays/,
  );
  writeFileSync(
    join(cwd, "day.yaml"),
    gameDayText({ schedule: 'schedule: { cron: "30 4 * * *" }', scenarios: "scenarios: [a.yaml]" }),
  );
  await scheduler.prints(/Checkout Friday: next run \S+ 04:30 UTC[\s\S]*the files were read again/);
  const seen = scheduler.text().length;
  scheduler.child.kill("SIGHUP");
  await scheduler.prints(new RegExp(`^[\\s\\S]{${seen},}the files were read again`));

  scheduler.child.kill("SIGTERM");
  expect(await scheduler.ended).toBe(0);
});

test("SIGTERM in the middle of a run undoes it and ends", { timeout: 120_000 }, async () => {
  const cwd = folder("60s", { isBehind: true });
  const scheduler = start(cwd);
  await scheduler.prints(/runs missed since .*one is run for all of them[\s\S]*begins, due/);
  await scheduler.prints(/warmup: /);
  scheduler.child.kill("SIGTERM");
  expect(await scheduler.ended).toBe(130);
  expect(scheduler.text()).toContain("Checkout Friday: interrupted, ");
  expect(isAlive(pidIn(cwd))).toBe(false);
});

test("killed in the middle of a run: the next start heals, tells of it once, and goes on", {
  timeout: 180_000,
}, async () => {
  const cwd = folder("60s", { isBehind: true });
  const killed = start(cwd);
  await killed.prints(/warmup: /);
  killed.child.kill("SIGKILL");
  await killed.ended;
  const next = start(cwd);
  await next.prints(/Checkout Friday: the run of .* was interrupted/);
  await next.prints(/Checkout Friday: next run/);
  await next.prints(/heal: /);
  await expect.poll(() => isAlive(pidIn(cwd)), { timeout: 20_000 }).toBe(false);
  next.child.kill("SIGTERM");
  expect(await next.ended).toBe(0);
  const third = start(cwd);
  await third.prints(/Checkout Friday: next run/);
  expect(third.text()).not.toContain("was interrupted");
  third.child.kill("SIGTERM");
  expect(await third.ended).toBe(0);
});

test("what is run already is postponed, and the scheduler stays", { timeout: 120_000 }, async () => {
  const cwd = folder("2s", { isBehind: true });
  const stateFolder = openStateFolder({ ...process.env, FAULTLINE_STATE_DIR: join(cwd, "state") });
  const unlock = await lockGameDay(stateFolder, "Checkout Friday", "run");
  try {
    const scheduler = start(cwd);
    await scheduler.prints(new RegExp(`is in the hands of process ${process.pid}`));
    await scheduler.prints(/Checkout Friday: postponed/);
    const [, url] = await scheduler.prints(/(http:\/\/127\.0\.0\.1:\d+)\/metrics/);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      'faultline_gameday_postponed_total{gameday="Checkout Friday",reason="running"} 1\n',
    );
    scheduler.child.kill("SIGTERM");
    expect(await scheduler.ended).toBe(0);
  } finally {
    unlock();
  }
});

const pidIn = (cwd: string) => Number(readFileSync(join(cwd, "shop.pid"), "utf8"));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
