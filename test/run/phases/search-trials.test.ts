import { expect, onTestFinished, test } from "vitest";
import { openFaultPlane } from "../../../src/faults/toxiproxy/open.js";
import { PhaseRunner, type RunParts } from "../../../src/run/phases/phase-runner.js";
import { Recorder } from "../../../src/run/phases/recorder.js";
import { SearchTrials } from "../../../src/run/phases/search-trials.js";
import { StopSwitch } from "../../../src/run/phases/stop-switch.js";
import { monotonicMs } from "../../../src/support/clock.js";
import { echo, ProxyBench, pattern } from "../../helpers/proxy-line.js";
import { buildRecord } from "../../helpers/record-builder.js";
import { searchStep } from "../../helpers/search-step.js";

const search = searchStep();

/** Searches through a real plane, with a phase that the run is stopped in; resolves with what was recorded. */
async function searchWith(proxies: readonly string[]) {
  const faults = await openFaultPlane({ toxiproxyUrl: null, seed: 1 });
  try {
    await faults.createProxies(
      proxies.map((name) => ({ name, listen: "127.0.0.1:0", upstream: "127.0.0.1:9" })),
    );
    const recorder = new Recorder({}, (text) => text);
    const phases = { begin: () => Promise.reject(new Error("stopped")) };
    // No more of a run than a search that ends within its first trial uses.
    const parts = {
      plan: { slos: [], steps: [] },
      phases,
      faults,
      recorder,
      observer: {},
      stop: new StopSwitch(),
    } as unknown as RunParts;
    const error = await new SearchTrials(search, parts, new PhaseRunner(parts)).run().catch((why) => why);
    return { error, faults: recorder.faults };
  } finally {
    await faults.close();
  }
}

test("a search whose first toxic is refused was not injected, and leaves no record of itself", async () => {
  const { error, faults } = await searchWith([]);
  expect(error.message).toContain("cache");
  expect(faults).toEqual([]);
});

test("a search that is stopped within its first trial is recorded with the value that was in place", async () => {
  const { error, faults } = await searchWith(["cache"]);
  expect(error.message).toBe("stopped");
  expect(faults).toMatchObject([
    {
      name: search.fault.name,
      injectedAtS: 0,
      removedAtS: null,
      actions: [{ spec: { attributes: { latency: 1_000 } } }],
    },
  ]);
});

/** Searches for the limit that breaks a client which moves 500 B on each connection; `holds` says what it then measures. */
async function searchLimit(
  from: number,
  to: number,
  holds: (isCut: boolean) => boolean,
  /** Of the load generator in the phases in their order, recoveries among them. */
  lagMs: (phase: number) => number = () => 0.1,
) {
  const bench = await ProxyBench.open();
  const faults = await openFaultPlane({ toxiproxyUrl: null, seed: 1 });
  onTestFinished(async () => {
    await faults.close();
    await bench.close();
  });
  const up = await bench.upstream(echo);
  const spec = { name: "cache", listen: "127.0.0.1:0", upstream: up.address };
  const address = (await faults.createProxies([spec])).get("cache") ?? "";
  const recorder = new Recorder({}, (text) => text);
  let isCut = false;
  let begun = 0;
  const begin = async () => {
    begun++;
    const client = await bench.client(address);
    client.socket.write(pattern(500));
    await client.until(() => client.received >= 500 || client.ended !== null, 5_000, "answer or end");
    isCut = client.received < 500;
    return monotonicMs();
  };
  const settle = async () => {
    // Timeouts may be the doing of a load generator that is late.
    const bad = holds(isCut) ? {} : { timeout: 1 };
    const sketch = { kind: "fault", fault: search.fault.name, seconds: 1, bad, lagMs: lagMs(begun) } as const;
    const phases = [sketch];
    return buildRecord({ slos: [search.until], phases }).phases[0];
  };
  const limit = {
    axis: "limit_data",
    attribute: "bytes",
    unit: "B",
    from,
    to,
    precision: 100,
    maxTrials: 3,
  };
  const plan = {
    slos: [],
    steps: [],
    evidence: "observed",
    load: { model: { kind: "open" }, timeoutMs: 1_000 },
  };
  const parts = {
    plan,
    mayRetry: true,
    phases: { begin, settle, snapshot: settle },
    faults,
    recorder,
    observer: {},
    stop: new StopSwitch(),
  } as unknown as RunParts; // no more of a run than a search uses
  const planned = { ...search, ...limit, trialMs: 100, recoveryMs: 0 };
  await new SearchTrials(planned, parts, new PhaseRunner(parts)).run();
  const [fault] = recorder.faults;
  const warnings = recorder.events().flatMap(({ kind, text }) => (kind === "warning" ? [text] : []));
  return { warnings, verdicts: fault?.search?.trials.map(({ verdict }) => verdict), ...fault };
}

test("a value too mild to have an effect held, and takes nothing from the proof of those that had one", async () => {
  const { verdicts, proof, search: found } = await searchLimit(10_000, 100, (isCut) => !isCut);
  expect(verdicts).toEqual(["fail", "pass", "pass"]);
  expect(found).toMatchObject({ holdsUpTo: 5_100, breaksAt: 100 });
  expect(proof).toMatchObject({ strength: "observed" });
});

test("a search in which no value had an effect is not proven, and what broke was not its doing", async () => {
  const held = await searchLimit(10_000, 5_000, () => true);
  expect(held).toMatchObject({ verdicts: ["pass"], proof: { proven: false, isIdle: true } });
  const broken = await searchLimit(10_000, 5_000, () => false);
  expect(broken).toMatchObject({ verdicts: ["invalid", "invalid"], proof: { proven: false } });
});

test("a trial in which the load generator was late is made once more, and no oftener", async () => {
  const once = await searchLimit(
    10_000,
    100,
    (isCut) => !isCut,
    (phase) => (phase === 1 ? 900 : 0.1),
  );
  expect(once.verdicts).toEqual(["inconclusive", "fail", "pass", "pass"]);
  expect(once.search).toMatchObject({ holdsUpTo: 5_100, breaksAt: 100 });
  expect(once.warnings).toEqual(["slower and slower: once more, as the load generator was late in trial 1"]);
  const always = await searchLimit(
    10_000,
    100,
    (isCut) => !isCut,
    () => 900,
  );
  expect(always.verdicts).toEqual(["inconclusive", "inconclusive", "pass", "pass"]);
});
