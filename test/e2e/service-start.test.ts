import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";

const SERVER = `
const http = require("http"), fs = require("fs");
const rows = fs.readFileSync(process.env.DATA + "/rows", "utf8");
let asked = 0;
http.createServer((q, s) => { asked += 1; if (asked === 5) fs.writeFileSync("asked", "5"); s.end(rows) }).listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening, key " + process.env.API_KEY));
setTimeout(() => process.exit(), 120_000);
`;

/** A shop that needs a database's folder, prepared by a command; what happens is written into steps.log. */
async function shop(baseline: string, changes: Readonly<Record<string, string>> = {}) {
  const folder = await temporaryFolder();
  const state = join(folder, "state");
  await writeFile(join(folder, "server.js"), SERVER);
  await writeFile(join(folder, "shop.env"), "API_KEY=hunter2-hunter2\nGREETING=hello\n");
  await writeFile(
    join(folder, "scenario.yaml"),
    `faultline: 1
name: prepared
evidence: observed
services:
  shop:
    run: node server.js
    after: [database]
    env: { PORT: "\${services.shop.port}", DATA: "\${run.dir}/db" }
    envFile: shop.env
    shell: true
    prepare: ${changes.prepare ?? '["echo \\"order $GREETING\\" > $DATA/rows"]'}
    cleanup: ["echo shop $(cat $DATA/rows) >> steps.log"]
    ready: { url: "http://127.0.0.1:\${services.shop.port}", log: "^listening" }
  database:
    run: sleep 120
    shell: true
    prepare: ['mkdir "\${run.dir}/db"', 'echo "\${run.dir}" > run-dir']
    cleanup: ["echo database >> steps.log"]
    ready: { command: 'test -d "\${run.dir}/db"' }
load: { target: "http://127.0.0.1:\${services.shop.port}", rate: 20/s }
phases: { warmup: 0s, baseline: ${baseline} }
slos: [availability >= 1%]
`,
  );
  const options = { cwd: folder, env: { FAULTLINE_STATE_DIR: state } };
  const text = (name: string) => readFile(join(folder, name), "utf8").catch(() => "");
  /** What is left of the run on the machine. */
  const left = async () => {
    const runDir = (await text("run-dir")).trim();
    return [...(existsSync(runDir) ? [runDir] : []), ...(await readdir(join(state, "runs")).catch(() => []))];
  };
  return { folder, options, text, left, args: ["run", "scenario.yaml", "--out", "out", "--no-history"] };
}

test("a run prepares its services, keeps their output, and cleans up", async () => {
  const { folder, options, text, left, args } = await shop("1s");
  const { code, stdout, stderr } = await faultline(args, options);
  expect(code, stderr).toBe(0);
  expect(await text("steps.log")).toBe("shop order hello\ndatabase\n");
  expect(await text("out/services/shop.log")).toBe("listening, key •••\n");
  expect(await readdir(join(folder, "out/services"))).toEqual(["database.log", "shop.log"]);
  expect(await left()).toEqual([]);
  expect(stdout + stderr + (await text("out/report.html"))).not.toContain("hunter2");
}, 60_000);

test("a failing command ends the run as a matter of the environment, with its output, and nothing is left", async () => {
  const prepare = `['echo "connecting as $API_KEY"; echo "relation orders does not exist" >&2; exit 3']`;
  const { options, text, left, args } = await shop("1s", { prepare });
  const { code, stderr } = await faultline(args, options);
  expect(code).toBe(4);
  expect(stderr).toContain('of service "shop" exited with code 3');
  expect(stderr).toContain("relation orders does not exist");
  expect(stderr).not.toContain("hunter2");
  expect(await text("steps.log")).toBe("shop\ndatabase\n");
  expect(await left()).toEqual([]);
}, 60_000);

test("after a SIGKILL the cleanup is run and the folder removed", async () => {
  const { options, text, left, args } = await shop("40s");
  const run = startFaultline(args, options);
  await expect.poll(() => text("asked"), { timeout: 30_000 }).toBe("5");
  run.child.kill("SIGKILL");
  await expect.poll(() => text("steps.log"), { timeout: 20_000 }).toBe("shop order hello\ndatabase\n");
  await expect.poll(left, { timeout: 20_000 }).toEqual([]);
  await expect(run.finished).resolves.toMatchObject({ signal: "SIGKILL" });
}, 90_000);

test("after a SIGKILL in the middle of a command that prepares, this command is ended", async () => {
  const prepare = "['echo $$ > pid; exec sleep 100']";
  const { options, text, left, args } = await shop("1s", { prepare });
  const run = startFaultline(args, options);
  await expect.poll(() => text("pid"), { timeout: 30_000 }).toMatch(/\d+/);
  const isGone = async () =>
    (await readFile(`/proc/${(await text("pid")).trim()}/comm`, "utf8").catch(() => "")) === "";
  expect(await isGone()).toBe(false);
  run.child.kill("SIGKILL");
  await expect.poll(left, { timeout: 20_000 }).toEqual([]);
  await expect.poll(isGone, { timeout: 10_000 }).toBe(true);
  await expect(run.finished).resolves.toMatchObject({ signal: "SIGKILL" });
}, 90_000);
