import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test as oneTest } from "vitest";
import { readRecord } from "../../src/measure/read-record.js";
import type { RunRecord } from "../../src/measure/record.js";
import { parseProtos } from "../../src/requests/grpc/proto/parse-protos.js";
import { sleep } from "../../src/support/clock.js";
import { onTestFinished, testAtOnce } from "../helpers/at-once.js";
import { startCountingTarget } from "../helpers/crews.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { framed } from "../helpers/grpc-server.js";
import { SHOP_PROTOS } from "../helpers/protos.js";
import { hasNats, says, startNats, startWorkers } from "../helpers/real-nats.js";
import { startReflectionServer } from "../helpers/reflection-server.js";
import { writeShopScenario } from "../helpers/scenarios.js";

const test = hasNats ? testAtOnce : (name: string) => oneTest.skip(name, () => {});

async function recordIn(folder: string): Promise<RunRecord> {
  const reports = join(folder, "reports");
  const [run = ""] = (await readdir(reports)).filter((name) => name !== "history.jsonl");
  return readRecord(join(reports, run, "record.json"));
}

async function writeLoad(folder: string, target: string, phases: string): Promise<string> {
  const file = join(folder, "load.yaml");
  const load = `load: { target: ${JSON.stringify(target)}, rate: 100/s }`;
  await writeFile(
    file,
    `faultline: 1\nname: load\nevidence: observed\n${load}\n${phases}\nslos: [availability >= 1%]\n`,
  );
  return file;
}

test("the record of a run by workers is that of any other, with who saw what beside it", async () => {
  const nats = await startNats();
  const target = await startCountingTarget();
  await startWorkers(nats.url, ["east", "west"]);
  const folder = await temporaryFolder();
  const file = await writeLoad(folder, target.url, "phases: { warmup: 0.5s, baseline: 3s }");
  const args = ["run", file, "--workers", nats.url, "--expect-workers", "2", "--no-retry"];
  const { code, stdout, stderr } = await faultline(args, { cwd: folder, timeoutMs: 100_000 });
  // A machine that is too busy for so little load makes it undecided.
  expect([0, 3], `${stdout}\n${stderr}`).toContain(code);
  expect(stdout).toContain("2 workers");
  const { workers = [], phases, unjudged } = await recordIn(folder);
  expect(workers.map(({ name, lost }) => [name, lost])).toEqual([
    ["east", null],
    ["west", null],
  ]);
  expect(phases.map(({ kind }) => kind)).toEqual(["warmup", "baseline"]);
  for (const { id, all, lost } of phases) {
    expect(lost).toBeNull();
    const seen = workers.flatMap((worker) => worker.phases.filter((phase) => phase.id === id));
    const scheduled = seen.reduce((sum, phase) => sum + phase.scheduled, 0);
    expect(scheduled).toBe(all.scheduled.reduce((sum, count) => sum + count, 0));
  }
  const counted = phases.flatMap(({ all }) => all.scheduled).reduce((sum, count) => sum + count, 0);
  expect(target.requests.length).toBeLessThanOrEqual(
    counted + unjudged.scheduled + (unjudged.unfinished ?? 0),
  );
  expect(counted).toBeGreaterThanOrEqual(100 * 3.5);
});

test("workers call a target that only the run has asked for its services, behind a gateway of gRPC that fails half", async () => {
  const nats = await startNats();
  const quote = parseProtos(SHOP_PROTOS).lookupType("shop.Quote");
  let calls = 0;
  const target = await startReflectionServer({
    onCall: (stream) => {
      calls += 1;
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(framed(quote.encode(quote.create({ id: "q1" })).finish()));
    },
  });
  onTestFinished(() => target.down());
  await startWorkers(nats.url, ["east", "west"]);
  const folder = await temporaryFolder();
  const file = join(folder, "quotes.yaml");
  await writeFile(
    file,
    `faultline: 1
name: Quotes
evidence: observed
proxies: { quotes: { protocol: grpc, upstream: ${JSON.stringify(new URL(target.url).host)} } }
load:
  target: http://\${proxies.quotes.listen}
  rate: 100/s
  requests: [{ name: quote, grpc: { method: shop.Quotes/Get, message: { sku: "A\${seq}" } } }]
phases: { warmup: 0.5s, baseline: 1s, fault: 1s, recovery: 1s }
slos: [availability >= 1%]
faults: [{ name: half, proxy: quotes, grpc: { status: UNAVAILABLE, share: 50% } }]
`,
  );
  const args = ["run", file, "--workers", nats.url, "--expect-workers", "2", "--no-retry"];
  const { code, stdout, stderr } = await faultline(args, { cwd: folder, timeoutMs: 100_000 });
  // A machine that is too busy for so little load makes it undecided.
  expect([0, 3], `${stdout}\n${stderr}`).toContain(code);
  const { workers = [], phases } = await recordIn(folder);
  expect(workers.map(({ name, lost }) => [name, lost])).toEqual([
    ["east", null],
    ["west", null],
  ]);
  const countOf = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  for (const { id, all, lost } of phases) {
    expect(lost).toBeNull();
    const seen = workers.map((worker) => worker.phases.find((phase) => phase.id === id)?.scheduled ?? 0);
    expect(Math.min(...seen)).toBeGreaterThan(0);
    expect(countOf(seen)).toBe(countOf(all.scheduled));
  }
  const fault = phases.find(({ kind }) => kind === "fault");
  expect(countOf(fault?.all.outcomes.http_error ?? [])).toBeGreaterThan(10);
  expect(countOf(fault?.all.outcomes.ok ?? [])).toBeGreaterThan(10);
  expect(calls).toBeGreaterThanOrEqual(countOf(phases.flatMap(({ all }) => all.outcomes.ok)));
  // Workers have what the run was told: nobody else asks.
  expect(target.asked).toHaveLength(1);
});

test("without a worker a run ends before it starts anything, and says what to do", async () => {
  const nats = await startNats();
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder);
  const late = await faultline(["run", file, "--workers", nats.url, "--workers-within", "500ms"], {
    cwd: folder,
  });
  expect(late.code).toBe(4);
  expect(late.stderr).toMatch(/no worker came within 0\.5 s at nats:/);
  expect(late.stderr).toContain("Start one on each machine: faultline worker --nats URL.");
  expect(late.stderr).not.toContain("starting");
});

test("options that lack another, and servers that are none, are refused", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder);
  const refused = async (...args: readonly string[]) => {
    const { code, stderr } = await faultline(["run", file, ...args], { cwd: folder });
    expect(code, stderr).toBe(2);
    return stderr;
  };
  expect(await refused("--expect-workers", "2")).toContain("--expect-workers needs --workers URL");
  expect(await refused("--workers", "localhost")).toContain("expected nats://HOST:PORT");
  expect(await refused("--workers", "nats://127.0.0.1", "--workers-within", "soon")).toContain(
    'expected a duration such as 2m, not "soon"',
  );
  expect(await refused("--workers", "nats://nats.example.com")).toContain("FAULTLINE_WORKERS_KEY is not set");
});

test("when the run is killed, workers stop within three seconds and work for the next one", async () => {
  const nats = await startNats();
  const target = await startCountingTarget();
  const [worker] = await startWorkers(nats.url, ["a"]);
  if (!worker) throw new Error("no worker");
  const folder = await temporaryFolder();
  const file = await writeLoad(folder, target.url, "phases: { warmup: 1s, baseline: 30s }");
  const run = startFaultline(["run", file, "--workers", nats.url], { cwd: folder, timeoutMs: 60_000 });
  run.finished.catch(() => {});
  for (let tries = 0; target.requests.length < 50 && tries < 800; tries++) await sleep(25);
  run.child.kill("SIGKILL");
  await says(worker, "the run is over: it heard nothing of its run for 2.5 s");
  await run.finished;
  // What was sent before may still lie unread here.
  await sleep(1_000);
  const sent = target.requests.length;
  expect(sent).toBeGreaterThanOrEqual(50);
  await sleep(500);
  expect(target.requests).toHaveLength(sent);
  worker.kill("SIGTERM");
  expect((await worker.finished).code).toBe(0);
});
