// npm run bench -- live-memory [--minutes 10]: the memory of the live page in a real browser while a run goes on (Debian's
// chromium, or CHROMIUM_PATH). The heap is read after a collection. Build first (npm run build).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startChild } from "../test/helpers/children/start-child.mjs";
import { option } from "./load/measure.mjs";

const minutes = option("minutes", 10);
const BIN = fileURLToPath(new URL("../bin/faultline.js", import.meta.url));
const SHOP = fileURLToPath(new URL("schedule/shop.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "faultline-bench-live-"));
writeFileSync(
  join(folder, "long.yaml"),
  `faultline: 1
name: Long
services:
  shop:
    run: [node, ${JSON.stringify(SHOP)}]
    env: { PORT: "\${services.shop.port}" }
    ready: "http://127.0.0.1:\${services.shop.port}/"
load: { target: "http://127.0.0.1:\${services.shop.port}", rate: 100/s }
phases: { warmup: 1s, baseline: ${minutes * 60 + 20}s }
slos: [availability >= 99%, p99 < 500ms]
evidence: observed
`,
);
const child = startChild(process.execPath, [BIN, "run", "long.yaml", "--ui", "--no-history"], {
  cwd: folder,
  env: { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state"), NO_COLOR: "1" },
  stdio: ["ignore", "pipe", "pipe"],
});
let said = "";
for (const stream of [child.stdout, child.stderr])
  stream.on("data", (chunk) => {
    said += chunk;
  });
const url = await (async () => {
  for (let waited = 0; waited < 300; waited += 1) {
    const found = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(said);
    if (found) return found[0];
    await sleep(100);
  }
  throw new Error(`no page:\n${said}`);
})();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage();
await page.goto(url);
const devtools = await page.context().newCDPSession(page);
const rows = [];
const startMs = performance.now();
for (let minute = 0; minute <= minutes; minute += 1) {
  await sleep(Math.max(0, startMs + minute * 60_000 + 5_000 - performance.now()));
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  const { nodes, jsEventListeners } = await devtools.send("Memory.getDOMCounters");
  rows.push({
    minute,
    "heap KiB": Math.round(usedSize / 1024),
    "DOM nodes": nodes,
    listeners: jsEventListeners,
  });
}
await browser.close();
child.kill("SIGTERM");
await new Promise((resolve) => child.once("exit", resolve));
rmSync(folder, { recursive: true });
console.table(rows);
