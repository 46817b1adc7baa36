/** The live page of real runs in a real browser. */

import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { launchBrowser, NO_BROWSER } from "../helpers/browser.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { writeShopScenario } from "../helpers/scenarios.js";
import { loadTestText, watchedService } from "../helpers/watched-service.js";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const WAIT = { timeout: 60_000, interval: 100 };

/** A run of the shop with --ui, and where its page is. */
async function startRun(phases: Readonly<Record<string, string>>, more: readonly string[] = []) {
  const folder = await temporaryFolder();
  const scenario = await writeShopScenario(folder, (plan) =>
    Object.assign(plan, { phases, signals: { queue: { run: "echo 512" } } }),
  );
  const env = { FAULTLINE_STATE_DIR: join(folder, "state") };
  const args = ["run", scenario, "--ui", "--no-retry", "--out", join(folder, "out"), ...more];
  const run = startFaultline(args, { env, timeoutMs: 200_000 });
  onTestFinished(async () => {
    if (run.child.exitCode === null) run.child.kill("SIGKILL");
    await run.finished.catch(() => {});
  });
  await expect.poll(run.stderr, WAIT).toMatch(/live page: http:\S+\n/);
  const [, url = ""] = /live page: (\S+)/.exec(run.stderr()) ?? [];
  return { ...run, url, folder, scenario, state: env.FAULTLINE_STATE_DIR };
}

/** A way to the page that can be cut: connections break, and new ones are refused. */
async function breakableLine(url: string) {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) return void socket.destroy();
    const onward = connect(Number(target.port), target.hostname);
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on("error", () => {});
      end.once("close", () => {
        sockets.delete(end);
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the line has no port");
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${address.port}/`,
    cut,
    mend: () => {
      isCut = false;
    },
  };
}

test.each([["1.2.3"], ["host:http"]])("--ui-host %s is a mistake of the command line", async (address) => {
  const folder = await temporaryFolder();
  const scenario = await writeShopScenario(folder);
  const { code, stderr } = await faultline(["run", scenario, "--ui-host", address]);
  expect(code).toBe(2);
  expect(stderr).toContain(`--ui-host: expected an address of this machine`);
});

describe.skipIf(NO_BROWSER !== null)("the live page in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  async function open(url: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const trouble: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith("data:")) trouble.push(request.url());
    });
    page.on("pageerror", (error) => trouble.push(error.message));
    page.on("console", (message) => {
      if (/Content.Security|Refused/i.test(message.text())) trouble.push(message.text());
    });
    await page.goto(url);
    return { page, trouble };
  }

  const text = (page: Page, selector: string) => page.locator(selector).textContent();
  const announced = (page: Page) => text(page, "#announcements");
  /** Seconds of answers that the charts have. */
  const drawn = (page: Page) =>
    page
      .locator("#chart-throughput canvas")
      .count()
      .then((count) => count > 0);

  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(await readFile(AXE, "utf8"));
    return page.evaluate(async () => {
      // axe-core was put on the page a line above.
      const axe = (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe;
      interface Violation {
        readonly id: string;
        readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
      }
      const found = await axe.run();
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
    });
  }

  test("shows a run from its start to its report; a note becomes part of the record", async () => {
    const run = await startRun({ warmup: "1s", baseline: "4s", fault: "6s", recovery: "3s" });
    const { page, trouble } = await open(run.url);
    await expect.poll(() => text(page, "#connection"), WAIT).toBe("live");
    await expect.poll(() => text(page, "h1")).toBe("Shop in a test");
    await expect.poll(() => drawn(page), WAIT).toBe(true);

    await page.locator("#note-by").fill("Ada");
    await page.locator("#note-text").fill("the dashboard <b>went red");
    await page.keyboard.press("Enter");
    await expect.poll(() => text(page, "#events"), WAIT).toContain("Ada: the dashboard <b>went red");

    await expect.poll(() => text(page, "#injected"), WAIT).toMatch(/latency .*since \d+:\d\d, for \d+ s/);
    expect(await page.locator("#hero").getAttribute("class")).toContain("bad");
    await expect.poll(() => page.locator("#chart-latency .band.fault").count(), WAIT).toBeGreaterThan(0);
    await expect.poll(() => text(page, "#budgets"), WAIT).toContain("of the budget");
    await expect.poll(() => text(page, "#verdicts")).toContain("Baseline");
    const before = await page.locator("#events li").count();

    await page.reload();
    await expect.poll(() => page.locator("#events li").count(), WAIT).toBeGreaterThanOrEqual(before);
    await expect.poll(() => text(page, "#events")).toContain("Ada: the dashboard <b>went red");
    await expect.poll(() => drawn(page), WAIT).toBe(true);
    expect(await page.locator("#chart-latency .band.warmup").count()).toBe(1);

    await page.waitForURL(/\/report\/1$/, { timeout: 180_000, waitUntil: "commit" });
    const { stderr } = await run.finished;
    expect(await page.locator(".headline .sign").count()).toBe(1);
    expect(stderr).toContain("note: Ada: the dashboard <b>went red");
    const record = JSON.parse(await readFile(join(run.folder, "out", "record.json"), "utf8"));
    expect(record.events).toContainEqual(
      expect.objectContaining({ kind: "note", text: "Ada: the dashboard <b>went red" }),
    );
    expect(await page.content()).toContain("Ada: the dashboard &lt;b&gt;went red");
    expect(trouble).toEqual([]);
  });

  test("comes back after a lost connection with what it missed, and says so to a screen reader", async () => {
    const run = await startRun({ warmup: "1s", baseline: "20s", fault: "2s", recovery: "2s" });
    const line = await breakableLine(run.url);
    const { page } = await open(line.url);
    await expect.poll(() => text(page, "#headline"), WAIT).toBe("Baseline");
    await expect.poll(() => announced(page)).toContain("Baseline");
    // No second of numbers is announced.
    const words = await announced(page);
    await expect.poll(() => text(page, "#progress"), WAIT).toMatch(/at 0:0[5-9]/);
    expect(await announced(page)).toBe(words);

    line.cut();
    await expect.poll(() => text(page, "#connection"), WAIT).toBe("connection lost, trying again");
    expect(await announced(page)).toBe("Connection lost");
    const { page: other } = await open(run.url);
    await other.locator("#note-text").fill("while it was away");
    await other.keyboard.press("Enter");
    await expect.poll(() => text(other, "#events"), WAIT).toContain("while it was away");
    expect(await text(page, "#events")).not.toContain("while it was away");
    line.mend();
    await expect.poll(() => text(page, "#events"), WAIT).toContain("while it was away");
    expect(await text(page, "#connection")).toBe("live");
    // Nothing was told twice.
    expect(await page.locator("#events .note-event").count()).toBe(1);

    run.child.kill("SIGKILL");
    await run.finished;
    await expect.poll(() => text(page, "#connection"), WAIT).toBe("connection lost, trying again");
  });

  test("is halted by keyboard: the run ends in an orderly way that says who and why", async () => {
    const run = await startRun({ warmup: "1s", baseline: "2s", fault: "60s", recovery: "3s" });
    const { page } = await open(run.url, { viewport: { width: 360, height: 740 } });
    await expect.poll(() => text(page, "#injected"), WAIT).toMatch(/latency/);
    await page.locator("#halt").focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("halt-now");
    await page.locator("#halt-by").fill("Grace");
    await page.locator("#halt-why").fill("real customers are hurt");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/report\/1$/, { timeout: 60_000, waitUntil: "commit" });
    const { code, stderr } = await run.finished;
    expect(code).toBe(130);
    const reason = "halted by Grace, on the live page: real customers are hurt";
    expect(stderr).toContain(reason);
    // Until somebody lifts it.
    const env = { FAULTLINE_STATE_DIR: run.state };
    const again = await faultline(["run", run.scenario], { env });
    expect(again).toMatchObject({ code: 4, stderr: expect.stringContaining(reason) });
    expect((await faultline(["halt", "--lift"], { env })).stdout).toContain(reason);
    const record = JSON.parse(await readFile(join(run.folder, "out", "record.json"), "utf8"));
    expect(record.ending).toMatchObject({ kind: "interrupted", reason });
    expect(record.faults[0].removedAtS).not.toBeNull();
    expect(record.faults).toHaveLength(1);
  });

  test("a game day has one page for all of its scenarios, and ends as the last one's report", async () => {
    const service = await watchedService();
    const folder = await temporaryFolder();
    for (const name of ["a", "b"]) {
      await writeFile(join(folder, `${name}.yaml`), loadTestText(service, name, `/${name}`, 6));
    }
    await writeFile(join(folder, "day.yaml"), "gameday: 1\nname: Friday\nscenarios: [a.yaml, b.yaml]\n");
    const env = { FAULTLINE_STATE_DIR: join(folder, "state") };
    const day = startFaultline(["gameday", "day.yaml", "--ui"], { cwd: folder, env, timeoutMs: 120_000 });
    onTestFinished(async () => {
      if (day.child.exitCode === null) day.child.kill("SIGKILL");
      await day.finished.catch(() => {});
    });
    await expect.poll(day.stderr, WAIT).toMatch(/live page: http:\S+\n/);
    const { page, trouble } = await open(/live page: (\S+)/.exec(day.stderr())?.[1] ?? "");
    await expect.poll(() => page.locator("#finished a").getAttribute("href"), WAIT).toBe("report/1");
    await page.waitForURL(/\/report\/2$/, { timeout: 60_000, waitUntil: "commit" });
    expect((await day.finished).code).toBe(0);
    expect(trouble).toEqual([]);
  });

  test("passes axe-core in light and dark, and fits a phone", async () => {
    const run = await startRun({ warmup: "1s", baseline: "2s", fault: "120s", recovery: "3s" });
    for (const colorScheme of ["light", "dark"] as const) {
      const { page } = await open(run.url, { colorScheme, viewport: { width: 360, height: 740 } });
      await expect.poll(() => text(page, "#injected"), WAIT).toMatch(/latency/);
      await expect.poll(() => text(page, "#signals"), WAIT).toBe("queue512");
      await expect.poll(() => drawn(page), WAIT).toBe(true);
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      await page.locator("#halt").click();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press("Escape");
      expect(await page.locator("#halt-dialog").isVisible()).toBe(false);
    }
    run.child.kill("SIGTERM");
    expect((await run.finished).code).toBe(130);
  });
});
