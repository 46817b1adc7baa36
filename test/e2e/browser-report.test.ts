/** report.html in a real browser, opened from the disk as a reader would. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import type { RunRecord } from "../../src/measure/record.js";
import { renderHistoryPage } from "../../src/report/history/history-html.js";
import { historyOf } from "../../src/report/history/trends.js";
import { latencyRange, latencySplits } from "../../src/report/html/browser/axes.js";
import { htmlReporter } from "../../src/report/html/html.js";
import { launchBrowser, NO_BROWSER } from "../helpers/browser.js";
import { buildRecord } from "../helpers/record-builder.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

if (NO_BROWSER !== null) process.stderr.write(`browser tests are skipped: ${NO_BROWSER}\n`);

describe.skipIf(NO_BROWSER !== null)("report.html in a browser", () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "faultline-browser-"));
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens a page from the disk; what it asks for from elsewhere and what it complains of is kept. */
  async function open(html: string, options: BrowserContextOptions = {}) {
    const file = join(folder, `${Math.random().toString(36).slice(2)}.html`);
    await writeFile(file, html);
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    const page = await context.newPage();
    const trouble: string[] = [];
    const url = pathToFileURL(file).href;
    page.on("request", (request) => {
      if (request.url() !== url && !request.url().startsWith("data:"))
        trouble.push(`request: ${request.url()}`);
    });
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning")
        trouble.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => {
      trouble.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(url);
    return { page, trouble, close: () => context.close() };
  }

  function render(record: RunRecord): string {
    return String(htmlReporter.render({ record, report: analyse(record) }));
  }

  /** Share of a chart's pixels that differ from its corner, which is always empty. */
  function drawnShare(page: Page, chart: string): Promise<number> {
    return page.locator(`${chart} canvas`).evaluate((canvas: HTMLCanvasElement) => {
      const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      let drawn = 0;
      for (let at = 3; at < pixels.length; at += 4) if ((pixels[at] ?? 0) > 0) drawn += 1;
      return drawn / (pixels.length / 4);
    });
  }

  async function boxOf(locator: Locator) {
    const box = await locator.boundingBox();
    if (!box) throw new Error("not visible");
    return box;
  }

  const failed = SAVED_RUNS.fail();
  const html = render(failed);

  test("opens from the disk without a request, an error or a word in the console, and draws its charts", async () => {
    const { page, trouble, close } = await open(html);
    for (const chart of ["#chart-throughput", "#chart-latency", "#chart-distribution"]) {
      expect(await page.locator(`${chart} canvas`).count()).toBe(1);
      expect(await drawnShare(page, chart)).toBeGreaterThan(0.01);
    }
    expect(await page.locator("h1").textContent()).toBe(failed.scenario.name);
    expect(await page.locator(".headline").textContent()).toContain("Failed");
    expect(trouble).toEqual([]);
    await close();
  });

  test("shades each fault where it was", async () => {
    const { page, close } = await open(html);
    for (const chart of ["#chart-throughput", "#chart-latency"]) {
      const plot = await boxOf(page.locator(`${chart} .u-over`));
      for (const [index, fault] of failed.faults.entries()) {
        const band = await boxOf(page.locator(`${chart} .band[data-fault="${index + 1}"]`));
        const xOf = (atS: number) => plot.x + (plot.width * atS) / failed.durationS;
        expect(Math.abs(band.x - xOf(fault.injectedAtS!))).toBeLessThan(3);
        expect(Math.abs(band.x + band.width - xOf(fault.removedAtS!))).toBeLessThan(3);
      }
    }
    await close();
  });

  test("marks promises on the distribution where they are asked for, with labels that hide no other and no curve", async () => {
    const slos = ["p50 < 300ms", "p90 < 300ms", "p99 < 300ms", "max < 900ms"];
    const { page, trouble, close } = await open(
      render(buildRecord({ slos, phases: [{ kind: "baseline", seconds: 40, medianMs: 250 }] })),
    );
    const plot = await boxOf(page.locator("#chart-distribution .u-over"));
    const marks = page.locator("#chart-distribution .promise");
    const ends = await marks.evaluateAll((lines) => lines.map((line) => line.getBoundingClientRect().right));
    expect(ends).toEqual([...ends].sort((a, b) => a - b));
    expect(new Set(ends.map(Math.round)).size).toBe(slos.length);
    const labels = page.locator("#chart-distribution .promise-label");
    expect(await labels.allTextContents()).toEqual(slos);
    const boxes = await Promise.all(slos.map((_, index) => boxOf(labels.nth(index))));
    for (const [index, box] of boxes.entries()) {
      expect(box.x).toBeGreaterThanOrEqual(plot.x);
      expect(box.x + box.width).toBeLessThanOrEqual(plot.x + plot.width + 1);
      for (const other of boxes.slice(index + 1)) {
        const apart = box.x + box.width <= other.x || other.x + other.width <= box.x;
        expect(apart || box.y + box.height <= other.y || other.y + other.height <= box.y).toBe(true);
      }
    }
    expect(trouble).toEqual([]);
    await close();
  });

  test("zooms both time charts together with the mouse, and back again", async () => {
    const { page, trouble, close } = await open(html);
    const widthOf = (chart: string) =>
      page.locator(`${chart} .band[data-fault="2"]`).evaluate((band) => band.getBoundingClientRect().width);
    const before = await widthOf("#chart-latency");
    const band = await boxOf(page.locator('#chart-latency .band[data-fault="2"]'));
    const reset = page.locator("#zoom-reset");
    expect(await reset.isDisabled()).toBe(true);

    await page.locator("#chart-latency").scrollIntoViewIfNeeded();
    const now = await boxOf(page.locator('#chart-latency .band[data-fault="2"]'));
    const y = now.y + 60;
    await page.mouse.move(now.x - 20, y);
    await page.mouse.down();
    await page.mouse.move(now.x + band.width + 20, y, { steps: 5 });
    await page.mouse.up();
    for (const chart of ["#chart-latency", "#chart-throughput"]) {
      await expect.poll(() => widthOf(chart)).toBeGreaterThan(before * 3);
    }
    expect(await page.locator('#chart-latency .band[data-fault="1"]').isVisible()).toBe(false);

    await reset.click();
    for (const chart of ["#chart-latency", "#chart-throughput"]) {
      await expect.poll(() => widthOf(chart).then((width) => Math.abs(width - before))).toBeLessThan(2);
    }
    expect(await reset.isDisabled()).toBe(true);
    expect(trouble).toEqual([]);
    await close();
  });

  test("zooms by keyboard, by the chooser and from a fault's card", async () => {
    const { page, close } = await open(html);
    const widthOf = (fault: number) =>
      page.locator(`#chart-throughput .band[data-fault="${fault}"]`).evaluate((band) => band.clientWidth);
    const whole = await widthOf(2);
    const canvas = page.locator("#chart-throughput .canvas");

    await canvas.focus();
    await page.keyboard.press("+");
    await expect.poll(() => widthOf(2)).toBeGreaterThan(whole * 1.8);
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.locator("#chart-throughput .where").textContent()).toMatch(/^at \d/);
    expect(await page.locator("#chart-throughput .switch .value").first().textContent()).toMatch(/\/s$/);
    await page.keyboard.press("0");
    await expect.poll(() => widthOf(2)).toBe(whole);

    await page.locator("#range").selectOption("3");
    await expect.poll(() => widthOf(3)).toBeGreaterThan(whole * 2);
    await page.locator("#range").selectOption("all");
    await page.locator('button[data-zoom="1"]').click();
    await expect.poll(() => widthOf(1)).toBeGreaterThan(whole * 2);
    await close();
  });

  test("reads the values under the cursor as the report writes them, failures as > timeout", async () => {
    const { page, close } = await open(html);
    await page.locator("#chart-latency").scrollIntoViewIfNeeded();
    const band = await boxOf(page.locator('#chart-latency .band[data-fault="2"]'));
    await page.mouse.move(band.x + band.width / 2, band.y + 80);
    const p99 = page.locator("#chart-latency .switch", { hasText: "p99" }).locator(".value");
    await expect.poll(() => p99.textContent()).toBe("> timeout");
    expect(await page.locator("#chart-latency .where").textContent()).toMatch(
      /^at 3:\d\d, inventory cut off$/,
    );
    await close();
  });

  test("a series can be switched off; the stack above it comes down", async () => {
    const { page, close } = await open(html);
    const before = await drawnShare(page, "#chart-throughput");
    const ok = page.locator("#chart-throughput .switch", { hasText: "ok" });
    await ok.click();
    expect(await ok.getAttribute("aria-pressed")).toBe("false");
    await expect.poll(() => drawnShare(page, "#chart-throughput")).toBeLessThan(before * 0.7);
    await close();
  });

  test.each(["light", "dark"] as const)("passes axe-core, contrast included, in %s", async (colorScheme) => {
    const { page, close } = await open(html, { colorScheme });
    // By the debugging protocol, which the page's policy does not bind.
    await page.evaluate(await readFile(AXE, "utf8"));
    const violations = await page.evaluate(async () => {
      // axe-core was put on the page a line above.
      const axe = (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe;
      interface Violation {
        readonly id: string;
        readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
      }
      for (const details of document.querySelectorAll("details")) details.open = true;
      const { violations } = await axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
    });
    expect(violations).toEqual([]);
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const [red = 0] = background.match(/\d+/g)?.map(Number) ?? [];
    expect(red > 128).toBe(colorScheme === "light");
    await close();
  });

  test("a name that would break out of its place in the page stays a name", async () => {
    const record = SAVED_RUNS.hostile();
    const { page, trouble, close } = await open(render(record));
    expect(await page.locator("h1").textContent()).toContain("</script><img src=x onerror=alert(1)>");
    expect(await page.locator("main img").count()).toBe(0);
    expect(await page.locator("script").count()).toBe(2);
    expect(await page.locator("#chart-latency .band.fault").getAttribute("title")).toContain("</script><img");
    expect(await drawnShare(page, "#chart-throughput")).toBeGreaterThan(0.01);
    expect(trouble).toEqual([]);
    await close();
  });

  test("prints light and unfolded from a dark screen", async () => {
    const { page, close } = await open(html, { colorScheme: "dark" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    expect(await page.locator("details:not([open])").count()).toBe(0);
    expect(
      await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--ink")),
    ).toBe("#1a1f26");
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.length).toBeGreaterThan(20_000);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    expect(await page.locator("details:not([open])").count()).toBeGreaterThan(0);
    await close();
  });

  test("fits a phone: verdicts and values are seen without scrolling sideways, however long the names", async () => {
    const long = "inventory_unreachable_from_checkout_by_a_misconfigured_security_group_in_every_region";
    const record = SAVED_RUNS.fail();
    const named = (fault: string | null) => (fault === "inventory cut off" ? long : fault);
    const renamed: RunRecord = {
      ...record,
      phases: record.phases.map((phase) => ({ ...phase, fault: named(phase.fault) })),
      faults: record.faults.map((fault) => ({ ...fault, name: named(fault.name) ?? "" })),
    };
    const { page, close } = await open(render(renamed), { viewport: { width: 360, height: 740 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    for (const cell of [".glance .mark", ".glance .during", ".glance .back", ".slos .mark", ".slos strong"]) {
      for (const one of await page.locator(cell).all()) {
        const { x, width } = await boxOf(one);
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x + width, cell).toBeLessThanOrEqual(360);
      }
    }
    await close();
  });

  test("needs no sideways scrolling on a wide screen, unfolded, however long the names", async () => {
    const long = "answers_of_the_inventory_that_come_late_or_never_in_every_region_of_the_world_".repeat(2);
    const slo = `availability(${long}) >= 99%`;
    const during = { of: { [long]: { bad: { http_error: 0.3 } } }, reasonsOf: { [long]: { [long]: 600 } } };
    const record = buildRecord({
      requests: ["browse", long],
      slos: [slo, "p99 < 400ms"],
      phases: [
        { kind: "baseline", seconds: 40 },
        {
          kind: "fault",
          fault: long,
          seconds: 40,
          ...during,
          bad: { timeout: 0.1, reset: 0.1, refused: 0.1 },
        },
        { kind: "recovery", fault: long, seconds: 40, bad: { unsent: 0.1 } },
      ],
    });
    const { page, close } = await open(render(record), { viewport: { width: 1200, height: 900 } });
    const tooWide = await page.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.open = true;
      return [document.documentElement, ...document.querySelectorAll(".scroll")]
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .map((element) => element.getAttribute("aria-label") ?? "page");
    });
    expect(tooWide).toEqual([]);
    await close();
  });

  test("marks each trial of a search and shows the two at the edge first", async () => {
    const { page, trouble, close } = await open(render(SAVED_RUNS.search()));
    const labels = await page.locator("#chart-latency .band.fault span").allTextContents();
    expect(labels.filter(Boolean)).toEqual(["✓ 0 ms", "✓ 200 ms", "✗ 400 ms", "✗ 800 ms"]);
    const shown = page.locator('#chart-distribution .switch[aria-pressed="true"]');
    expect((await shown.allTextContents()).slice(0, 4)).toEqual([
      "baseline",
      "1 at 0 ms",
      "1 at 200 ms",
      "1 at 400 ms",
    ]);
    expect(await page.locator("#fault-1 .trials tbody th").allTextContents()).toEqual([
      "0 ms",
      "200 ms",
      "400 ms",
      "800 ms",
    ]);
    expect(trouble).toEqual([]);
    await close();
  });

  test("says on paper, too, what the verdicts do not claim", async () => {
    const { page, close } = await open(html);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator(".limit").first().isVisible()).toBe(true);
    await close();
  });

  test.each(["no-traffic", "twenty-faults"] as const)("opens without trouble: %s", async (name) => {
    const { page, trouble, close } = await open(render(SAVED_RUNS[name]()));
    expect(await page.locator(".headline").isVisible()).toBe(true);
    expect(trouble).toEqual([]);
    await close();
  });

  test("a run of ten minutes is less than 400 kB", () => {
    const record = buildRecord({
      requests: ["browse", "checkout"],
      phases: [
        { kind: "baseline", seconds: 100 },
        ...[1, 2, 3, 4, 5].flatMap((index) => [
          {
            kind: "fault" as const,
            fault: `fault ${index}`,
            seconds: 50,
            medianMs: 50,
            bad: { timeout: 0.1, reset: 0.1 },
          },
          { kind: "recovery" as const, fault: `fault ${index}`, seconds: 50, bad: { http_error: 0.01 } },
        ]),
      ],
    });
    expect(record.durationS).toBe(600);
    expect(Buffer.byteLength(render(record))).toBeLessThan(400_000);
  });

  test("the page of past runs opens without trouble and passes axe-core", async () => {
    const runs = [SAVED_RUNS.pass(), SAVED_RUNS.hostile(), failed].map((record, index) => ({
      folder: `/reports/${index}`,
      report: analyse(record),
    }));
    const { page, trouble, close } = await open(renderHistoryPage(historyOf(runs), "/reports"), {
      colorScheme: "dark",
    });
    expect(await page.locator("svg.trend").count()).toBeGreaterThan(3);
    await page.evaluate(await readFile(AXE, "utf8"));
    const violations = await page.evaluate(async () => {
      const axe = (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } })
        .axe; // as above
      return (await axe.run()).violations.map(({ id }) => id);
    });
    expect(violations).toEqual([]);
    expect(trouble).toEqual([]);
    await close();
  });
});

test("the latency axis has round values within its range, also where every request failed", () => {
  expect(latencySplits(1.8, 1300, null)).toEqual([10, 100, 1000]);
  expect(latencySplits(45, 2000, 1000)).toEqual([50, 100, 200, 500, 1000]);
  const [low, high] = latencyRange([[1450, 1450]], [400], 1000);
  expect(low).toBeLessThan(400);
  expect(latencySplits(low, high, 1000).length).toBeGreaterThan(3);
});
