import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";

/** Notes how long its dependency took, as it saw it. */
const SHOP = `
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
const [host, port] = process.env.DEPENDENCY_ADDRESS.split(":");
createServer(async (request, response) => {
  const atMs = performance.now();
  const answer = await fetch("http://" + host + ":" + port + "/").catch(() => null);
  appendFileSync("seen.jsonl", JSON.stringify({ atMs, tookMs: performance.now() - atMs }) + "\\n");
  response.writeHead(answer ? 200 : 502).end();
}).listen(process.env.PORT, "127.0.0.1");
`;
/** Of each second, in ms. */
const CURVE = [250, 250, 250, 400, 400, 400, 200, 200, 200, 300, 300, 300];

test("an incident that is played again has the latencies of its curve, within a tenth", {
  retry: 2,
}, async () => {
  const cwd = await temporaryFolder();
  const dependency = createServer((_, response) => response.end("ok")).listen(0, "127.0.0.1");
  onTestFinished(() => void dependency.close());
  await new Promise((resolve) => dependency.once("listening", resolve));
  const { port } = dependency.address() as AddressInfo;
  const own = await pickFreePort();
  writeFileSync(join(cwd, "shop.mjs"), SHOP);
  writeFileSync(
    join(cwd, "incident.csv"),
    `time,latency_ms\n${CURVE.map((ms, second) => `${second},${ms}\n`).join("")}`,
  );
  const answers = [
    "--target",
    `http://127.0.0.1:${own}`,
    "--dependency",
    `127.0.0.1:${port}`,
    "--rate",
    "40/s",
  ];
  const begun = await faultline(["init", "--from", "incident.csv", ...answers, "--run", "node shop.mjs"], {
    cwd,
  });
  expect(begun.code, begun.stderr).toBe(0);
  const short = ["warmup=1s", "baseline=3s", "recovery=2s"].flatMap((each) => ["--set", `phases.${each}`]);
  const ran = await faultline(
    ["run", "scenario.yaml", ...short, "--set", `services.app.env.PORT="${own}"`, "--no-history"],
    { cwd },
  );
  const seen: readonly { readonly atMs: number; readonly tookMs: number }[] = readFileSync(
    join(cwd, "seen.jsonl"),
    "utf8",
  )
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  // A single one may be slow for any reason.
  const begin = seen.find((_, at) => seen.slice(at, at + 5).every(({ tookMs }) => tookMs > 190));
  expect(begin, ran.stderr).toBeDefined();
  const medians = CURVE.map((_, second) => {
    const of = seen.filter(({ atMs }) => Math.floor((atMs - (begin?.atMs ?? 0)) / 1000) === second);
    return of.map(({ tookMs }) => tookMs).sort((a, b) => a - b)[Math.floor(of.length / 2)] ?? 0;
  });
  // A second in which the curve changes belongs to both of its values.
  for (const [second, ms] of CURVE.entries()) {
    if (ms !== CURVE[second - 1] && second > 0) continue;
    expect(medians[second], `second ${second} of ${medians.map(Math.round)}`).toBeGreaterThan(0.9 * ms);
    expect(medians[second], `second ${second} of ${medians.map(Math.round)}`).toBeLessThan(1.1 * ms);
  }
});
