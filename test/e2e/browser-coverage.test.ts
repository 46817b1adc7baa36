/** The coverage page of `faultline gate` in a real browser. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgeGate } from "../../src/ledger/gate.js";
import { renderCoveragePage } from "../../src/report/evidence/coverage-page.js";
import { axeViolations, launchBrowser, NO_BROWSER, openFile, SCREENS } from "../helpers/browser.js";
import { temporaryFolder } from "../helpers/faultline.js";
import { faultShown, ledgerLine, placed } from "../helpers/ledger-lines.js";
import { HOSTILE } from "../helpers/saved-runs.js";

const DEPENDENCIES = ["cache", "database", "payments of a supplier with a long name", HOSTILE];
const FAULTS = ["slow", "down", "resets connections", "answers 503", "certificate expired"];
const VERDICTS = ["pass", "fail", "inconclusive", "invalid"] as const;

const items = judgeGate(
  placed([
    ledgerLine({
      faults: DEPENDENCIES.flatMap((dependency, row) =>
        FAULTS.slice(0, 2 + row).map((name, column) =>
          faultShown({
            name,
            dependencies: [dependency],
            verdict: VERDICTS[(row + column) % VERDICTS.length] ?? "pass",
            reason: "All failed.",
          }),
        ),
      ),
    }),
  ]),
  {
    requirements: null,
    maxAgeMs: 86_400_000,
    nowMs: Date.parse("2026-03-04T12:00:00.000Z"),
    changesSince: () => [],
  },
);

describe.skipIf(NO_BROWSER !== null)("the coverage page in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });

  test.each(SCREENS)(
    "%s, %o: it asks nobody, fits the screen, and a screen reader can use it",
    async (colorScheme, viewport) => {
      const file = join(await temporaryFolder(), "coverage.html");
      await writeFile(file, renderCoveragePage(items));
      const { page, trouble } = await openFile(browser, file, { colorScheme, viewport });
      expect(trouble).toEqual([]);
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      expect(width).toBeLessThanOrEqual(viewport.width);
      expect(await axeViolations(page)).toEqual([]);
      if (process.env.SCREENSHOT_DIR)
        await page.screenshot({
          path: join(process.env.SCREENSHOT_DIR, `${colorScheme}-${viewport.width}.png`),
        });
      await page.context().close();
    },
    60_000,
  );
});
