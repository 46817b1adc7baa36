// node docs/images/make.mjs: takes the pictures of the README from reports/sample, after `npm run build`.
// Needs Chromium at CHROMIUM_PATH or /usr/bin/chromium.
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { analyse } from "../../dist/analysis/analyse.js";
import { readRecord } from "../../dist/measure/read-record.js";
import { html } from "../../dist/report/escape.js";
import { renderTerminal } from "../../dist/report/terminal/terminal.js";

const COLORS = { 31: "#ff8f73", 32: "#7ad3a1", 33: "#e6c15a", 36: "#7cc7e8" };
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The few codes that renderTerminal uses: bold, dim and four colours. */
function ansiToHtml(text) {
  let bold = false;
  let dim = false;
  let color = null;
  return text
    .split("\u001b[")
    .map((part, index) => {
      const [, codes = "", rest = part] = index === 0 ? [] : (/^([\d;]*)m([\s\S]*)$/.exec(part) ?? []);
      for (const code of codes.split(";").filter(Boolean).map(Number)) {
        if (code === 1) bold = true;
        else if (code === 2) dim = true;
        else if (code === 22) bold = dim = false;
        else if (code === 39) color = null;
        else if (code in COLORS) color = COLORS[code];
      }
      const styles = [bold && "font-weight:700", dim && "opacity:.65", color && `color:${color}`].filter(
        Boolean,
      );
      // A line stays a line: escaping takes care of each on its own.
      const safe = rest.split("\n").map(html).join("\n");
      return styles.length > 0 ? `<span style="${styles.join(";")}">${safe}</span>` : safe;
    })
    .join("");
}

const record = await readRecord(here("../../reports/sample/record.json"));
const terminal = renderTerminal(analyse(record), record, { columns: 100, color: true, rows: 60 });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.newPage({ viewport: { width: 1200, height: 1370 }, colorScheme });
    await page.goto(new URL("../../reports/sample/report.html", import.meta.url).href);
    await page.waitForTimeout(300);
    await page.screenshot({ path: here(`report-${colorScheme}.png`) });
    await page.close();
  }
  const page = await browser.newPage({ viewport: { width: 1000, height: 400 } });
  await page.setContent(
    `<body style="margin:0;background:#14181d"><pre style="margin:0;padding:20px 24px;display:inline-block;color:#dfe4ea;font:14px/1.35 'DejaVu Sans Mono',monospace"><span style="opacity:.65">$</span> npx faultline run scenarios/quickstart-fragile.yaml\n\n${ansiToHtml(terminal)}</pre></body>`,
  );
  await page.locator("pre").screenshot({ path: here("terminal.png") });
} finally {
  await browser.close();
}
