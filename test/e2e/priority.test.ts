import { readFile, writeFile } from "node:fs/promises";
import { getPriority } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { mayRaisePriority } from "../helpers/may-raise-priority.js";

/** Answers with its own nice level and that of the process that started it. */
const SERVICE = `
const { getPriority } = require("node:os");
require("node:http").createServer((request, response) => {
  const nice = { own: getPriority(), parent: getPriority(process.ppid) };
  if (request.url === "/nice") require("node:fs").writeFileSync("nice.json", JSON.stringify(nice));
  response.end("ok");
}).listen(Number(process.env.PORT), "127.0.0.1");`;

/** Nice levels while load goes on. */
async function niceIn(load: string): Promise<unknown> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "service.cjs"), SERVICE);
  const scenario = `
faultline: 1
name: Nice
services:
  shop: { run: node service.cjs, env: { PORT: "\${services.shop.port}" }, ready: "http://127.0.0.1:\${services.shop.port}/" }
load: { target: "http://127.0.0.1:\${services.shop.port}", ${load}, requests: [{ name: nice, path: /nice }] }
evidence: observed
phases: { warmup: 0s, baseline: 2s }
slos: ["availability >= 1%"]
`;
  await writeFile(join(folder, "nice.yaml"), scenario);
  const { code, stderr } = await startFaultline(["run", "nice.yaml"], { cwd: folder }).finished;
  expect([0, 3], stderr).toContain(code);
  return JSON.parse(await readFile(join(folder, "nice.json"), "utf8"));
}

test.runIf(mayRaisePriority())("in the open model faultline goes before its services", async () => {
  const usual = getPriority();
  expect(await niceIn("rate: 20/s")).toEqual({ own: usual, parent: usual - 5 });
});

test("in the closed model it does not", async () => {
  const usual = getPriority();
  expect(await niceIn("connections: 2")).toEqual({ own: usual, parent: usual });
});
