import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../../src/cli/main.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";
import { folderWith, scenarioText } from "../helpers/scenario-files.js";
import { testIo } from "../helpers/test-io.js";

const SHELL = scenarioText("services: { shop: { run: node shop.js | cat, shell: true } }");

async function validate(env: Record<string, string>, ...args: string[]) {
  const io = testIo({ cwd: folderWith({ "s.yaml": SHELL }), env });
  const exitCode = await main(["validate", "s.yaml", ...args], io);
  return { exitCode, text: io.out() + io.err() };
}

test("--untrusted, or FAULTLINE_UNTRUSTED=1, refuses at its place what is not named, and says which option allows it", async () => {
  expect((await validate({})).exitCode).toBe(0);
  expect((await validate({ FAULTLINE_UNTRUSTED: "0" })).exitCode).toBe(0);
  for (const [env, ...args] of [[{}, "--untrusted"], [{ FAULTLINE_UNTRUSTED: "1" }]] as const) {
    const { exitCode, text } = await validate(env, ...args);
    expect(exitCode).toBe(2);
    expect(text).toContain("s.yaml:11:53: a scenario that is not trusted gets no shell");
    expect(text).toContain("--allow-shell shop");
  }
  const allowed = await validate({ FAULTLINE_UNTRUSTED: "true" }, "--allow-shell", "shop");
  expect(allowed.exitCode, allowed.text).toBe(0);
});

test.each([
  [{ FAULTLINE_UNTRUSTED: "yes please" }, [], 'FAULTLINE_UNTRUSTED: expected 1 or 0, not "yes please"'],
  [{}, ["--allow-env", "A=B"], '--allow-env: expected the name of a variable, not "A=B"'],
  [{}, ["--allow-read", "nowhere"], '--allow-read: expected a folder that is there, not "nowhere"'],
])("a slip in these options is refused, not taken for trust: %j %j", async (env, args, message) => {
  const { exitCode, text } = await validate(env, ...args);
  expect(exitCode).toBe(2);
  expect(text).toContain(message);
});

test("a service that may start gets a plain environment and what is named", async () => {
  const folder = await temporaryFolder();
  const print =
    "console.log('GOT', process.env.SECRET_ONE, process.env.NAMED_ONE, process.env.PATH !== undefined)";
  const serve = "require('http').createServer((q, s) => s.end('ok')).listen(process.env.PORT, '127.0.0.1')";
  writeFileSync(join(folder, "shop.js"), `${print}; ${serve}`);
  const port = "${services.shop.port}";
  const lines = [
    "faultline: 1",
    "name: Not trusted",
    "evidence: observed",
    `services: { shop: { run: node shop.js, env: { PORT: "${port}" }, ready: "http://127.0.0.1:${port}" } }`,
    `load: { target: "http://127.0.0.1:${port}", rate: 20/s }`,
    "phases: { warmup: 0s, baseline: 1s }",
    "slos: [availability >= 1%]",
  ];
  writeFileSync(join(folder, "s.yaml"), lines.join("\n"));
  const env = { ...process.env, SECRET_ONE: "hidden", NAMED_ONE: "given" };
  const refused = await faultline(["run", "s.yaml", "--untrusted", "--dry-run"], { cwd: folder, env });
  expect(refused.code, refused.stderr).toBe(2);
  const args = [
    "run",
    "s.yaml",
    "--untrusted",
    "--allow-run",
    "shop",
    "--allow-env",
    "NAMED_ONE",
    "--out",
    "out",
  ];
  const { code, stderr } = await faultline(args, { cwd: folder, env });
  expect(code, stderr).toBe(0);
  const record = readFileSync(join(folder, "out", "record.json"), "utf8");
  expect(record).toContain("GOT undefined given true");
}, 60_000);
