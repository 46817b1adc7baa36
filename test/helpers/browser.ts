import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

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

/** What a page is looked at in: its colours, on a desk and on a phone. */
export const SCREENS = [
  ["light", { width: 1200, height: 900 }],
  ["dark", { width: 1200, height: 900 }],
  ["light", { width: 390, height: 844 }],
  ["dark", { width: 390, height: 844 }],
] as const;

/** Opens a file from the disk, as a reader would. `trouble`: requests for anything else, what it logs, and its dialogs. */
export async function openFile(browser: Browser, file: string, options: BrowserContextOptions) {
  const page = await (await browser.newContext(options)).newPage();
  const trouble: string[] = [];
  const url = pathToFileURL(file).href;
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) trouble.push(request.url());
  });
  page.on("console", (message) => trouble.push(message.text()));
  page.on("dialog", (dialog) => void dialog.dismiss().then(() => trouble.push("dialog")));
  await page.goto(url);
  return { page, trouble };
}

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What keeps people from using the page: the rule, and the first element that breaks it. */
export async function axeViolations(page: Page): Promise<readonly (readonly [string, string | undefined])[]> {
  await page.addScriptTag({ path: AXE });
  return await page.evaluate(async () => {
    const axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } = Reflect.get(
      globalThis,
      "axe",
    );
    return (await axe.run()).violations.map(({ id, nodes }) => [id, nodes[0]?.html] as const);
  });
}
