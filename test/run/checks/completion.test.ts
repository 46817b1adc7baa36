import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { analyse } from "../../../src/analysis/analyse.js";
import type { Report } from "../../../src/analysis/document/report.js";
import type { RunRecord } from "../../../src/measure/record.js";
import { runExperiment } from "../../../src/run/experiment.js";
import { testAtOnce } from "../../helpers/at-once.js";
import { temporaryFolder } from "../../helpers/faultline.js";
import { loadScenario } from "../../helpers/scenario-files.js";
import { type SlowStore, slowStore } from "../../helpers/slow-store.js";

interface Ran {
  readonly report: Report;
  readonly record: RunRecord;
  readonly store: SlowStore;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Orders are stored after 300 ms; under the fault the way to the store takes 1.2 s longer. */
async function ran(
  check: object,
  slos: readonly string[],
  options: { readonly losesEvery?: number } = {},
): Promise<Ran> {
  const folder = await temporaryFolder();
  const proxyPort = await freePort();
  const store = await slowStore({
    ...options,
    delayMs: 300,
    storeAt: () => ({ host: "127.0.0.1", port: proxyPort }),
  });
  const file = join(folder, "scenario.yaml");
  await writeFile(
    file,
    stringify({
      faultline: 1,
      name: "Orders that are stored later",
      evidence: "observed",
      proxies: { store: { listen: `127.0.0.1:${proxyPort}`, upstream: `127.0.0.1:${store.storePort}` } },
      load: {
        target: `http://127.0.0.1:${store.ordersPort}`,
        rate: "20/s",
        requests: [
          {
            name: "checkout",
            method: "POST",
            path: "/orders",
            json: { id: "${uuid}" },
            expect: { status: 202 },
          },
        ],
      },
      phases: { warmup: "1s", baseline: "4s", fault: "4s", recovery: "3s" },
      slos: ["availability >= 1%", ...slos],
      faults: [{ name: "slow store", proxy: "store", latency: "1200ms", stream: "upstream" }],
      checks: [
        {
          name: "each order is stored once",
          of: "checkout",
          id: "${uuid}",
          http: `http://127.0.0.1:${store.ordersPort}/orders`,
          within: "60s",
          ...check,
        },
      ],
    }),
  );
  const env = { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state") };
  const plan = await loadScenario(file, { env, cwd: folder });
  const { record, release } = await runExperiment({
    plan,
    toolVersion: "0.0.0",
    env,
    reportFolder: { folder, isNew: false },
    mayRetry: false,
  });
  await release();
  return { report: analyse(record), record, store };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

test("how long completion took is bounded as the store itself saw it, without the fault and with it", async () => {
  const { report, record, store } = await ran({ every: "200ms" }, [
    "completion(checkout) p50 < 60s",
    "completion(checkout) p90 < 900ms",
  ]);
  const [check] = report.checks ?? [];
  expect(check?.verdict, JSON.stringify(check)).toBe("pass");
  const phases = check?.completion?.phases ?? [];
  expect(phases.map(({ when }) => when)).toEqual(["baseline", "fault", "recovery"]);
  const own = (when: string): readonly number[] => {
    const phase = record.phases.find(({ kind }) => kind === when);
    const fromMs = Date.parse(phase?.startedAt ?? "");
    const untilMs = fromMs + 1000 * (phase?.durationS ?? 0);
    return store
      .times()
      .filter(({ acknowledgedMs: atMs }) => atMs >= fromMs && atMs < untilMs)
      .map(({ tookMs }) => tookMs);
  };
  for (const when of ["baseline", "fault"]) {
    const truth = median(own(when));
    const seen = phases.find((phase) => phase.when === when)?.p50;
    const { atLeast, atMost } = seen ?? { atLeast: "inf", atMost: null };
    expect(truth).toBeGreaterThan(when === "fault" ? 1400 : 290);
    // Times are kept to a twentieth; the rest is for a machine on which both clocks' owners wait for a CPU.
    expect(atLeast, `${when}: ${truth}`).toBeLessThanOrEqual(1.1 * truth + 100);
    expect(atMost, `${when}: ${truth}`).toBeGreaterThanOrEqual(0.95 * truth - 100);
  }
  const [fault] = report.faults;
  // On a machine that is too busy for the load both are invalid.
  const verdicts = fault?.slos.map(({ expect: text, verdict }) => `${text}: ${verdict}`);
  expect(verdicts).not.toContain("completion(checkout) p50 < 60s: fail");
  expect(verdicts).not.toContain("completion(checkout) p90 < 900ms: pass");
  expect(check?.completion?.looks.count).toBeGreaterThan(5);
}, 120_000);

testAtOnce(
  "asked in a fault, what is not there `within` its time does not hold, although it comes later",
  async () => {
    const { report } = await ran({ every: "200ms", within: "700ms", when: ["baseline", "fault"] }, [
      "completion(checkout) p50 < 600ms in recovery",
    ]);
    const [check] = report.checks ?? [];
    expect(check?.verdict, JSON.stringify(check?.asked)).toBe("fail");
    const inFault = check?.asked.find(({ when }) => when === "fault");
    expect(inFault?.broken).toBeGreaterThan(0);
    expect(inFault?.firstBroken?.reason).toMatch(
      /^\d+ acknowledged of "checkout" (is|are) not there 700 ms after the answer \(such as [0-9a-f-]{36}, sent at 0:\d\d\)$/,
    );
    expect(report.faults[0]?.findings.join("\n")).toMatch(
      /In it "each order is stored once" does not hold: \d+ acknowledged/,
    );
  },
);

testAtOnce("what is never stored took longer than anything, and is lost", async () => {
  const { report } = await ran({ within: "2s" }, ["completion(checkout) max < 2s in fault"], {
    losesEvery: 20,
  });
  const [check] = report.checks ?? [];
  expect(check).toMatchObject({ verdict: "fail", completion: { looks: { everyS: 0.4 } } });
  const phases = check?.completion?.phases ?? [];
  const never = phases.reduce((sum, phase) => sum + phase.never, 0);
  expect(never).toBeGreaterThan(5);
  expect(never).toBeLessThanOrEqual(check?.ids?.lost.count ?? 0);
  for (const { max } of phases) expect(max).toMatchObject({ atMost: "inf" });
  const promise = report.faults[0]?.slos.find(({ expect: text }) => text.startsWith("completion"));
  expect(promise?.observed).toBe("inf");
  expect(promise?.verdict).not.toBe("pass");
});
