import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { stringify } from "yaml";
import type { IdGroup, IdsRecord } from "../../../src/measure/checks/ids-record.js";
import { runExperiment } from "../../../src/run/experiment.js";
import { testAtOnce as test } from "../../helpers/at-once.js";
import { temporaryFolder } from "../../helpers/faultline.js";
import { type OrderTarget, orderTarget } from "../../helpers/order-target.js";
import { loadScenario } from "../../helpers/scenario-files.js";

/** Runs the scenario over the target and returns what its one check on ids has found. */
async function found(
  target: OrderTarget,
  changes: { readonly load: object; readonly faults?: readonly object[]; readonly check?: object },
): Promise<IdsRecord> {
  const folder = await temporaryFolder();
  const file = join(folder, "scenario.yaml");
  const { load, faults = [], check = {} } = changes;
  const scenario = {
    faultline: 1,
    name: "Orders",
    evidence: "observed",
    proxies: { orders: { upstream: `127.0.0.1:${target.port}` } },
    load: { target: "http://${proxies.orders.listen}", timeout: "30s", workers: 2, ...load },
    phases: { warmup: "1s", baseline: "3s", fault: "2s", recovery: "2s" },
    slos: ["availability >= 1%"],
    faults,
    checks: [
      {
        name: "each order is stored once",
        of: "order",
        id: "${uuid}",
        http: `http://127.0.0.1:${target.port}/orders`,
        ids: { list: "$.orders", each: "$.id" },
        unexpected: 0,
        lost: 0,
        duplicated: 0,
        ...check,
      },
    ],
  };
  await writeFile(file, stringify(scenario));
  const env = { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state") };
  const plan = await loadScenario(file, { env, cwd: folder });
  const reportFolder = { folder, isNew: false };
  const { record, release } = await runExperiment({ plan, toolVersion: "0.0.0", env, reportFolder });
  await release();
  const [only] = record.checks ?? [];
  expect(only?.asked[0]).toMatchObject({ when: "end", asked: 1, unasked: 0 });
  if (!only?.ids) throw new Error(`no ids: ${JSON.stringify(only)}`);
  return only.ids;
}

const order = {
  name: "order",
  method: "POST",
  path: "/orders",
  json: { id: "${uuid}" },
  expect: { status: 201 },
};
const journey = {
  name: "buy",
  steps: [{ ...order, json: { id: "${seq}" }, capture: { orderId: { json: "$.orderId" } } }],
};

function expectIds(group: IdGroup, ids: ReadonlySet<string>): void {
  expect(group.count).toBe(ids.size);
  expect(group.examples).toHaveLength(Math.min(20, ids.size));
  for (const { id } of group.examples) expect(ids).toContain(id);
  expect(group.sent.reduce((sum, { count }) => sum + count, 0)).toBe(group.count);
}

const careless = { losesEvery: 37, doublesEvery: 41, refusesEvery: 29, storesRefused: true };

for (const [model, load] of [
  ["open", { rate: "300/s", requests: [order] }],
  ["closed", { connections: 8, requests: [order] }],
] as const) {
  test(`what a careless service loses, doubles and stores against its word is found to the last order: ${model} model`, async () => {
    const target = await orderTarget(careless);
    const ids = await found(target, { load });
    expect(target.lost.size).toBeGreaterThan(5);
    expectIds(ids.lost, target.lost);
    expectIds(ids.duplicated, target.doubled);
    expectIds(ids.unexpected, target.refused);
    expect(ids).toMatchObject({
      acknowledged: target.acknowledged,
      refused: target.refused.size,
      unknown: 0,
    });
    expect(ids).toMatchObject({ thereBefore: 0, neverSent: 0, recovered: { count: 0 } });
  });
}

test("ids may be what a number of the request makes of them, or what the answer brought", async () => {
  const target = await orderTarget({ losesEvery: 50 });
  const bySeq = await found(target, {
    load: { rate: "100/s", requests: [{ ...order, json: { id: "n-${seq}" } }] },
    check: { id: "n-${seq}" },
  });
  expect(bySeq.lost.count).toBe(target.lost.size);
  const other = await orderTarget({ refusesEvery: 20, losesEvery: 50 });
  const byAnswer = await found(other, {
    load: { rate: "100/s", journeys: [journey] },
    check: { id: "${capture.orderId}", http: `http://127.0.0.1:${other.port}/orderIds` },
  });
  expect(byAnswer.acknowledged).toBe(other.acknowledged);
  expect(byAnswer.lost.count).toBe(other.lost.size);
  // Who is refused gets no id.
  expect(byAnswer).toMatchObject({ refused: 0, unexpected: { count: 0 } });
});

test("a careful service loses nothing, whatever is done to its connections, and what was in doubt is counted apart", async () => {
  const target = await orderTarget();
  const ids = await found(target, {
    load: { rate: "200/s", timeout: "1s", requests: [order] },
    faults: [
      { name: "answers are lost", proxy: "orders", partition: "downstream" },
      { name: "connections are reset", proxy: "orders", reset: "20ms", stream: "downstream" },
      { name: "nobody there", proxy: "orders", down: true },
      { name: "slow", proxy: "orders", latency: "1500ms" },
    ],
  });
  expect(ids).toMatchObject({
    lost: { count: 0 },
    duplicated: { count: 0 },
    unexpected: { count: 0 },
    neverSent: 0,
  });
  expect(ids.unknown).toBeGreaterThan(100);
  expect(ids.recovered.count).toBeGreaterThan(50);
  expect(ids.refused).toBeGreaterThan(50);
  expect(ids.recovered.sent.map(({ fault }) => fault)).toContain("answers are lost");
});
