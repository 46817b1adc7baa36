/** debrief.html in a real browser, opened from the disk as a reader would. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { debriefOf } from "../../src/debrief/facts/debrief.js";
import { renderDebriefHtml } from "../../src/debrief/shown/debrief-html.js";
import { axeViolations, launchBrowser, NO_BROWSER, openFile, SCREENS } from "../helpers/browser.js";
import { at, aWeekBefore, dayReport, faultOfDay, heldFault, scenarioOfDay } from "../helpers/days.js";
import { temporaryFolder } from "../helpers/faultline.js";
import { HOSTILE } from "../helpers/saved-runs.js";

const day = dayReport({
  scenarios: [
    scenarioOfDay({
      faults: [heldFault(), faultOfDay(), faultOfDay({ name: HOSTILE, injectedAt: at(40), removedAt: null })],
      expected: { hypothesis: "orders go on", alert: "HighLatency", runbook: "https://wiki.test/cache" },
    }),
    scenarioOfDay({
      file: "db-restart-with-a-rather-long-name.yaml",
      verdict: null,
      exitCode: null,
      folder: null,
    }),
  ],
  roles: { owner: "@payments", observers: "#payments" },
  notes: [{ at: at(24), by: "alice", text: "queue grows" }],
  halt: { by: "bob", reason: HOSTILE, at: at(52) },
});

describe.skipIf(NO_BROWSER !== null)("debrief.html in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });

  async function open(options: BrowserContextOptions) {
    const file = join(await temporaryFolder(), "debrief.html");
    const debrief = debriefOf(day, [{ day: aWeekBefore(day), page: "../before/debrief.html" }]);
    await writeFile(
      file,
      renderDebriefHtml(debrief, (folder) => `${folder}/report.html`),
    );
    return await openFile(browser, file, options);
  }

  test.each(SCREENS)(
    "%s, %o: it asks nobody, fits the screen, shows lessons first, and a screen reader can use it",
    async (colorScheme, viewport) => {
      const { page, trouble } = await open({ colorScheme, viewport });
      expect(trouble).toEqual([]);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(viewport.width);
      const lessons = await page.locator("#learned").boundingBox();
      expect(lessons?.y).toBeLessThan(viewport.height * 0.75);
      expect(await axeViolations(page)).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  test("its links are reached by keyboard, and lead to reports and earlier days", async () => {
    const { page } = await open({ viewport: { width: 1200, height: 900 } });
    const reached: (string | null)[] = [];
    for (let press = 0; press < 20; press += 1) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate(() => document.activeElement?.getAttribute("href") ?? null));
    }
    expect(reached).toContain("20261127-100010-cache/report.html");
    expect(reached).toContain("../before/debrief.html");
    await page.context().close();
  });
});
