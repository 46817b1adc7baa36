import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { main } from "../../src/cli/main.js";
import { gameDayText } from "../helpers/game-days.js";
import { folderWith } from "../helpers/scenario-files.js";
import { testIo } from "../helpers/test-io.js";

const SHOP = `import http from "node:http";
http.createServer((_, response) => response.end("ok")).listen(Number(process.env.PORT), "127.0.0.1");
`;

/** A load test of a few seconds. */
const scenario = (slo: string) => `faultline: 1
name: Quick
services:
  shop:
    run: [node, shop.mjs]
    env: { PORT: "\${services.shop.port}" }
    ready: "http://127.0.0.1:\${services.shop.port}/"
load: { target: "http://127.0.0.1:\${services.shop.port}", rate: 20/s }
phases: { warmup: 0s, baseline: 2s }
slos: ["${slo}"]
evidence: observed
`;

function folder(changes: Readonly<Record<string, string>> = {}) {
  return folderWith({
    "shop.mjs": SHOP,
    "good.yaml": scenario("p50 < 5s"),
    "bad.yaml": scenario("p50 < 1us"),
    "day.yaml": gameDayText({ schedule: "", scenarios: "scenarios: [good.yaml]", ...changes }),
  });
}

async function schedule(cwd: string, ...args: string[]) {
  const io = testIo({ cwd, env: { ...process.env, FAULTLINE_STATE_DIR: join(cwd, "state") } });
  const exitCode = await main(["schedule", ...args, "day.yaml"], io);
  return { exitCode, out: io.out(), err: io.err() };
}

const memory = (cwd: string): unknown =>
  JSON.parse(readFileSync(join(cwd, "reports", "checkout-friday", "schedule.json"), "utf8"));

test("--now runs the scenarios in order, and stops after one that did not pass", {
  timeout: 120_000,
}, async () => {
  const cwd = folder({ scenarios: "scenarios: [good.yaml, bad.yaml, good.yaml]" });
  const { exitCode, out } = await schedule(cwd, "--now");
  // A busy machine may leave it open by how much the promise was missed.
  expect(out).toMatch(/Checkout Friday: begins, due [\s\S]*\nCheckout Friday: (fail|inconclusive|invalid), /);
  expect([1, 3]).toContain(exitCode);
  expect(memory(cwd)).toMatchObject({ running: null, last: { verdict: expect.not.stringMatching("pass") } });
  // Each scenario has its line in the ledger.
  const ledger = readFileSync(join(cwd, "reports", "history.jsonl"), "utf8");
  expect(ledger.trimEnd().split("\n")).toHaveLength(2);
  const [day = ""] = readdirSync(join(cwd, "reports", "checkout-friday")).filter(
    (name) => !name.endsWith(".json"),
  );
  expect(
    readdirSync(join(cwd, "reports", "checkout-friday", day)).filter(
      (name) => !/\.(?:json|html|md|yaml)$/.test(name),
    ),
  ).toHaveLength(2);
});

test("--now in a quiet time runs nothing", async () => {
  const cwd = folder({ quiet: 'quiet: ["2020-01-01..2099-12-31"]' });
  const { exitCode, out } = await schedule(cwd, "--now");
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^Checkout Friday: left out, .* is quiet \(2020-01-01\.\.2099-12-31\)\n$/);
});

test("--due says nothing at its first look, and runs later what has become due since", {
  timeout: 120_000,
}, async () => {
  const cwd = folder({ schedule: 'schedule: { cron: "* * * * *" }' });
  expect(await schedule(cwd, "--due")).toEqual({ exitCode: 0, out: "", err: "" });
  const lookedAt = new Date(Date.now() - 90_000).toISOString();
  const file = join(cwd, "reports", "checkout-friday", "schedule.json");
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(/"handledUntil":"[^"]+"/, `"handledUntil":"${lookedAt}"`),
  );
  const { exitCode, out } = await schedule(cwd, "--due");
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^Checkout Friday: begins, due [\s\S]*\nCheckout Friday: pass, .*\n/m);
});

test("a condition that does not hold postpones it", async () => {
  const cwd = folder({ preflight: 'preflight: [{ name: quiet street, run: "false" }]' });
  const { exitCode, out } = await schedule(cwd, "--now");
  expect(exitCode).toBe(3);
  expect(out).toContain("Checkout Friday: postponed, ");
  expect(memory(cwd)).toMatchObject({ running: null, last: null });
});

test("a run that cannot begin is an error of this run, and ends no scheduler", async () => {
  const cwd = folder();
  writeFileSync(join(cwd, "taken"), "");
  const { exitCode, out, err } = await schedule(cwd, "--now", "--out", "taken");
  expect(exitCode).toBe(4);
  expect(out).toContain("Checkout Friday: error, ");
  expect(err).toContain("taken");
});
