import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PATH = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/**
 * Why browser tests cannot run here; null when they can. With CI=true they run whatever comes: a pipeline that has
 * lost its browser must turn red.
 */
export const NO_BROWSER: string | null =
  existsSync(PATH) || process.env.CI === "true"
    ? null
    : `there is no Chromium at ${PATH}: apt-get install chromium, or set CHROMIUM_PATH`;

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: PATH, args: ["--no-sandbox", "--disable-gpu"], timeout: 60_000 });
}
