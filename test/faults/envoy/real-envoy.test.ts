import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { EnvoyAdmin } from "../../../src/faults/envoy/admin/envoy-admin.js";
import { driver } from "../../../src/faults/envoy/driver.js";
import { undo } from "../../../src/faults/envoy/undo.js";
import type { DriverContext } from "../../../src/faults/fault-driver.js";
import { type EnvoySpec, envoyAction } from "../../../src/faults/kinds/envoy/envoy-action.js";
import type { UndoEntry } from "../../../src/faults/undo-entry.js";
import { driverContext } from "../../helpers/driver-context.js";
import { hasEnvoy, IDLE_FILTER, type RealEnvoy, startEnvoy } from "../../helpers/real-envoy.js";

const PERCENT = "fault.http.abort.abort_percent";
const STATUS = "fault.http.abort.http_status";
const DELAY_PERCENT = "fault.http.delay.fixed_delay_percent";
const DELAY_MS = "fault.http.delay.fixed_duration_ms";
const MARK = "faultline.run";

const NOTHING: EnvoySpec = { statPrefix: null, abort: null, delay: null };
const abort = (share: number, status = 503): EnvoySpec => ({
  ...NOTHING,
  abort: { status, grpc: false, share },
});
const delay = (ms: number, share = 1): EnvoySpec => ({ ...NOTHING, delay: { ms, share } });

/** A driver that has met the Envoy, with what it wrote into its journal. */
async function met(
  envoy: Pick<RealEnvoy, "admin">,
  specs: readonly EnvoySpec[],
  changes: Partial<DriverContext> = {},
) {
  const journal: UndoEntry[] = [];
  const events: string[] = [];
  const faults = driver();
  const actions = specs.map((spec) => envoyAction(envoy.admin, spec));
  onTestFinished(() => faults.close().catch(() => {}));
  await faults.prepare(
    driverContext({
      actions,
      journal: { undoable: (entry) => journal.push({ driver: "envoy", ...entry }) },
      onEvent: (text) => events.push(text),
      ...changes,
    }),
  );
  await faults.servicesReady?.([]);
  return { faults, actions, journal, events };
}

/** No other filter asks these. */
const OWN_KEYS = {
  ...IDLE_FILTER,
  abort_percent_runtime: "fault.ingress",
  abort_http_status_runtime: "fault.ingress.status",
};

/** One after the other. */
async function statuses(
  url: string,
  count: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly number[]> {
  const found: number[] = [];
  for (let sent = 0; sent < count; sent += 1) {
    const answer = await fetch(url, { headers });
    await answer.text();
    found.push(answer.status);
  }
  return found;
}

const share = (found: readonly number[], status: number) =>
  found.filter((each) => each === status).length / found.length;

describe.runIf(hasEnvoy)("a real Envoy", () => {
  test("answers a share of the requests, says how many, and is as it was found after that", async () => {
    const envoy = await startEnvoy();
    // Somebody has set this one before.
    await envoy.ask(`/runtime_modify?${STATUS}=500`, "POST");
    const { faults, actions, journal } = await met(envoy, [abort(0.3)]);
    await faults.inject(actions);
    expect(await envoy.runtime(PERCENT)).toBe("30");
    const during = await statuses(envoy.urls.ingress ?? "", 400);
    // Five standard deviations of 400 draws at 30% are 11.5%.
    expect(share(during, 503)).toBeGreaterThan(0.18);
    expect(share(during, 503)).toBeLessThan(0.42);
    expect(share(during, 500)).toBe(0);
    const proof = await faults.prove();
    const aborted = during.filter((status) => status === 503).length;
    expect(proof).toMatchObject({
      strength: "observed",
      proven: true,
      acted: { connections: aborted, of: 400, unit: "request" },
    });
    expect(proof.explanation).toContain(`answered ${aborted} of 400 requests with status 503`);
    expect(proof.targets).toMatchObject([
      {
        driver: "envoy",
        target: envoy.admin,
        evidence: { trouble: null, parts: [{ does: "abort", share: 0.3 }] },
      },
    ]);
    await faults.clear();
    expect(await envoy.runtime(PERCENT)).toBeUndefined();
    expect(await envoy.runtime(STATUS)).toBe("500");
    expect(await envoy.runtime(MARK)).toBeUndefined();
    expect(new Set(await statuses(envoy.urls.ingress ?? "", 50))).toEqual(new Set([200]));
    expect(journal).toHaveLength(1);
    // All is undone already.
    expect(await undo(journal, { dryRun: false })).toEqual({ did: [], failures: [] });
  });

  test("holds requests, and does both in two stages of one fault", async () => {
    const envoy = await startEnvoy();
    const url = envoy.urls.ingress ?? "";
    const { faults, actions } = await met(envoy, [delay(120), abort(1, 418)]);
    await faults.inject(actions.slice(0, 1));
    const beganMs = performance.now();
    expect(await statuses(url, 3)).toEqual([200, 200, 200]);
    expect(performance.now() - beganMs).toBeGreaterThan(3 * 119);
    await faults.inject(actions.slice(1));
    expect(await envoy.runtime(DELAY_PERCENT)).toBeUndefined();
    expect(await envoy.runtime(DELAY_MS)).toBeUndefined();
    expect(await statuses(url, 2)).toEqual([418, 418]);
    const { proven, explanation } = await faults.prove();
    expect(explanation).toContain("held 3 of 3 requests for 120 ms");
    expect(explanation).toContain("answered 2 of 2 requests with status 418");
    expect(proven).toBe(true);
    // A pause of the fault: no part of it is there.
    await faults.inject([]);
    expect(await envoy.runtime(PERCENT)).toBeUndefined();
    expect(await statuses(url, 1)).toEqual([200]);
    await faults.clear();
    expect(await envoy.runtime(MARK)).toBeUndefined();
  });

  test("answers calls of gRPC at one connection manager that has keys of its own", async () => {
    const ofCalls = {
      abort: { grpc_status: 14, percentage: { numerator: 0 } },
      abort_percent_runtime: "fault.calls.percent",
      abort_grpc_status_runtime: "fault.calls.status",
    };
    const envoy = await startEnvoy({ managers: { ingress: IDLE_FILTER, calls: ofCalls } });
    const spec: EnvoySpec = { ...NOTHING, statPrefix: "calls", abort: { status: 8, grpc: true, share: 1 } };
    const { faults, actions } = await met(envoy, [spec]);
    await faults.inject(actions);
    const call = await fetch(envoy.urls.calls ?? "", {
      method: "POST",
      headers: { "content-type": "application/grpc" },
    });
    await call.arrayBuffer();
    expect(call.headers.get("grpc-status")).toBe("8");
    expect(await statuses(envoy.urls.ingress ?? "", 3)).toEqual([200, 200, 200]);
    const { explanation } = await faults.prove();
    expect(explanation).toContain("(calls) answered 1 of 1 request with gRPC status 8 (RESOURCE_EXHAUSTED)");
    await faults.clear();
    expect(await envoy.runtime("fault.calls.percent")).toBeUndefined();
  });

  test("counts finer than in percent", async () => {
    const envoy = await startEnvoy();
    const { faults, actions } = await met(envoy, [abort(0.125)]);
    await faults.inject(actions);
    const found = await statuses(envoy.urls.ingress ?? "", 400);
    // Five standard deviations of 400 draws at 12.5% are 8.3%. As a whole number it would be 0, or all.
    expect(share(found, 503)).toBeGreaterThan(0.042);
    expect(share(found, 503)).toBeLessThan(0.208);
  });

  test("proves nothing without requests, nor where its share chose none of them", async () => {
    const envoy = await startEnvoy();
    const { faults, actions } = await met(envoy, [abort(0.0001)]);
    await faults.inject(actions);
    const without = await faults.prove();
    expect(without).toMatchObject({ strength: "none", proven: false, isIdle: false });
    expect(without.explanation).toContain("no request came");
    await statuses(envoy.urls.ingress ?? "", 3);
    expect(await faults.prove()).toMatchObject({ proven: false, isIdle: true });
  });

  test("that matches some requests only, and none of these, proves nothing", async () => {
    const headers = [{ name: "x-tenant", string_match: { exact: "acme" } }];
    const envoy = await startEnvoy({ managers: { ingress: { ...IDLE_FILTER, headers } } });
    const { faults, actions } = await met(envoy, [abort(1)]);
    await faults.inject(actions);
    await statuses(envoy.urls.ingress ?? "", 8);
    const { proven, isIdle, explanation } = await faults.prove();
    expect({ proven, isIdle }).toEqual({ proven: false, isIdle: false });
    expect(explanation).toContain("8 requests came, and its fault filter aborted none");
  });

  test("that acted on far fewer requests than were asked for proves nothing", async () => {
    const envoy = await startEnvoy();
    const url = envoy.urls.ingress ?? "";
    const { faults, actions } = await met(envoy, [abort(0.5)]);
    await faults.inject(actions);
    // Such a request asks keys of its own, which say nothing.
    await statuses(url, 60, { "x-envoy-downstream-service-cluster": "shop" });
    const none = await faults.prove();
    expect(none.proven).toBe(false);
    expect(none.explanation).toContain("x-envoy-downstream-service-cluster");
    const found = await statuses(url, 12);
    const aborted = found.filter((status) => status === 503).length;
    expect(aborted).toBeGreaterThan(0);
    const { proven, isIdle, explanation, because } = await faults.prove();
    expect({ proven, isIdle }).toEqual({ proven: false, isIdle: false });
    expect(explanation).toContain(
      `72 requests came, and its fault filter aborted only ${aborted} of them, where 50% was asked`,
    );
    expect(because).toMatchObject([{ id: "envoy_met_few", facts: { acted: aborted, asked: 0.5 } }]);
  });

  test("whose filter is for some requests only may act on few, and says why", async () => {
    const headers = [{ name: "x-tenant", string_match: { exact: "acme" } }];
    const envoy = await startEnvoy({ managers: { ingress: { ...IDLE_FILTER, headers } } });
    const { faults, actions } = await met(envoy, [abort(1)]);
    await faults.inject(actions);
    await statuses(envoy.urls.ingress ?? "", 40);
    expect(await statuses(envoy.urls.ingress ?? "", 2, { "x-tenant": "acme" })).toEqual([503, 503]);
    const { proven, explanation } = await faults.prove();
    expect(proven).toBe(true);
    expect(explanation).toContain(
      "answered 2 of 42 requests with status 503, where all was asked: its filter acts on some of them only (`headers`)",
    );
  });

  test("that lets only so many faults go on at once says so, and did not do what was asked", async () => {
    const envoy = await startEnvoy({ managers: { ingress: { ...IDLE_FILTER, max_active_faults: 1 } } });
    const url = envoy.urls.ingress ?? "";
    const { faults, actions } = await met(envoy, [delay(300)]);
    await faults.inject(actions);
    await Promise.all(Array.from({ length: 40 }, () => statuses(url, 1)));
    const { proven, explanation } = await faults.prove();
    expect(explanation).toMatch(
      /40 requests came, and its fault filter delayed only \d+ of them: `max_active_faults` was reached \d+ times/,
    );
    expect(proven).toBe(false);
  });

  test("whose filter acts before the fault, too, proves nothing", async () => {
    const envoy = await startEnvoy({
      managers: { ingress: { ...IDLE_FILTER, abort: { http_status: 503, percentage: { numerator: 100 } } } },
    });
    const { faults, actions } = await met(envoy, [abort(1)]);
    await statuses(envoy.urls.ingress ?? "", 3);
    await faults.markBaseline();
    await statuses(envoy.urls.ingress ?? "", 4);
    await faults.inject(actions);
    await statuses(envoy.urls.ingress ?? "", 5);
    const { proven, explanation } = await faults.prove();
    expect(proven).toBe(false);
    expect(explanation).toContain("aborted 4 of 4 requests before the fault had begun");
  });

  test("is proven when nothing was aborted in the baseline, also in a second fault", async () => {
    const envoy = await startEnvoy();
    const { faults, actions } = await met(envoy, [abort(1)]);
    await faults.markBaseline();
    await statuses(envoy.urls.ingress ?? "", 4);
    for (const sent of [5, 6]) {
      await faults.inject(actions);
      await statuses(envoy.urls.ingress ?? "", sent);
      expect(await faults.prove()).toMatchObject({ proven: true, acted: { connections: sent, of: sent } });
      await faults.clear();
    }
  });

  test("has two connection managers with one stat_prefix, which both get the fault and count together", async () => {
    const envoy = await startEnvoy({
      managers: { plain: IDLE_FILTER, secure: { ...IDLE_FILTER, abort_percent_runtime: "fault.secure" } },
      statPrefixes: { plain: "in:80", secure: "in:80" },
    });
    const { faults, actions } = await met(envoy, [{ ...abort(1), statPrefix: "in:80" }]);
    await faults.inject(actions);
    expect(await statuses(envoy.urls.plain ?? "", 3)).toEqual([503, 503, 503]);
    expect(await statuses(envoy.urls.secure ?? "", 4)).toEqual([503, 503, 503, 503]);
    expect(await faults.prove()).toMatchObject({ proven: true, acted: { connections: 7, of: 7 } });
    await faults.clear();
    expect(await envoy.runtime("fault.secure")).toBeUndefined();
  });

  test("acts at a route that has a filter of its own, by the runtime as well", async () => {
    const envoy = await startEnvoy({ ofRoutes: { ingress: IDLE_FILTER } });
    const { faults, actions } = await met(envoy, [abort(1)]);
    await faults.inject(actions);
    expect(await statuses(envoy.urls.ingress ?? "", 2)).toEqual([503, 503]);
    expect(await faults.prove()).toMatchObject({ proven: true, acted: { connections: 2, of: 2 } });
  });

  test("that was started again in the middle of a fault has lost it, which is told", async () => {
    const envoy = await startEnvoy();
    const { faults, actions, events } = await met(envoy, [abort(1)]);
    await faults.inject(actions);
    expect(await statuses(envoy.urls.ingress ?? "", 5)).toEqual([503, 503, 503, 503, 503]);
    await envoy.kill();
    await envoy.start();
    await vi.waitFor(() => expect(events).toHaveLength(1), { timeout: 10_000 });
    expect(events[0]).toContain("empty again");
    const { proven, explanation } = await faults.prove();
    expect(proven).toBe(false);
    expect(explanation).toContain("Envoy was started again");
    await faults.clear();
  });

  test("that somebody else changes keeps that change, and the fault is not proven", async () => {
    const envoy = await startEnvoy();
    const { faults, actions, events, journal } = await met(envoy, [abort(1), delay(50)]);
    await faults.inject(actions);
    await statuses(envoy.urls.ingress ?? "", 2);
    await envoy.ask(`/runtime_modify?${PERCENT}=7`, "POST");
    const { proven, explanation } = await faults.prove();
    expect(proven).toBe(false);
    expect(explanation).toContain(`somebody had set ${PERCENT} to 7`);
    // Nor does a later stage.
    await faults.inject(actions.slice(0, 1));
    expect(await envoy.runtime(PERCENT)).toBe("7");
    const preview = await undo(journal, { dryRun: true });
    expect(preview.did).toContainEqual(expect.stringContaining(`leave ${PERCENT} at 7`));
    expect(await envoy.runtime(STATUS)).toBe("503");
    await faults.clear();
    expect(await envoy.runtime(PERCENT)).toBe("7");
    expect(await envoy.runtime(STATUS)).toBeUndefined();
    expect(await envoy.runtime(DELAY_MS)).toBeUndefined();
    expect(await envoy.runtime(MARK)).toBeUndefined();
    expect(events.join("\n")).toContain(`left ${PERCENT} at 7, as somebody has changed it since`);
  });

  test("that somebody else changes just before a stage keeps that change, too", async () => {
    const envoy = await startEnvoy();
    const { faults, actions } = await met(envoy, [abort(1), abort(0.5)]);
    await faults.inject(actions.slice(0, 1));
    await envoy.ask(`/runtime_modify?${PERCENT}=7`, "POST");
    await faults.inject(actions.slice(1));
    expect(await envoy.runtime(PERCENT)).toBe("7");
    expect((await faults.prove()).proven).toBe(false);
    await faults.clear();
    expect(await envoy.runtime(PERCENT)).toBe("7");
  });

  test("is put back by another process from what the journal says, once", async () => {
    const envoy = await startEnvoy();
    await envoy.ask(`/runtime_modify?${PERCENT}=2`, "POST");
    const { faults, actions, journal } = await met(envoy, [abort(0.5), delay(900)]);
    await faults.inject(actions);
    // A journal is JSON.
    const entries: UndoEntry[] = JSON.parse(JSON.stringify(journal));
    const preview = await undo(entries, { dryRun: true });
    expect(preview.did).toContainEqual(expect.stringContaining(`set ${PERCENT} to 2 again`));
    expect(await envoy.runtime(PERCENT)).toBe("50");
    const undone = await undo(entries, { dryRun: false });
    expect(undone.failures).toEqual([]);
    expect(undone.did).toHaveLength(5);
    expect(await envoy.runtime(PERCENT)).toBe("2");
    expect(await envoy.runtime(DELAY_PERCENT)).toBeUndefined();
    expect(await undo(entries, { dryRun: false })).toEqual({ did: [], failures: [] });
    await envoy.kill();
    const gone = await undo(entries, { dryRun: false });
    // It was no service of the run: a tunnel may have ended.
    expect(gone.failures).toHaveLength(1);
    const ofService = entries.map((entry) => ({
      ...entry,
      undo: { ...(entry.undo as object), service: "envoy" },
    }));
    expect(await undo(ofService, { dryRun: false })).toEqual({ did: [], failures: [] });
  });

  test("is for one run at a time", async () => {
    const envoy = await startEnvoy();
    const first = await met(envoy, [abort(1)]);
    const early = await met(envoy, [abort(1)]);
    await first.faults.inject(first.actions);
    const refused = await met(envoy, [abort(1)]).catch((error) => error);
    expect(refused).toMatchObject({ code: "RUN_CONFLICT" });
    await expect(early.faults.inject(early.actions)).rejects.toMatchObject({ code: "RUN_CONFLICT" });
    await early.faults.clear();
    expect(await envoy.runtime(PERCENT)).toBe("100");
    await first.faults.clear();
    await early.faults.inject(early.actions);
    await early.faults.clear();
    expect(await envoy.runtime(PERCENT)).toBeUndefined();
    // As if the first were dead: what is advised leaves nothing of its fault.
    await envoy.ask(`/runtime_modify?${MARK}=run-dead&${PERCENT}=30&${STATUS}=503`, "POST");
    const [, advised = ""] = /curl -X POST '([^']+)'/.exec(refused.message) ?? [];
    await fetch(advised, { method: "POST" });
    for (const key of [MARK, PERCENT, STATUS]) expect(await envoy.runtime(key)).toBeUndefined();
  });

  /** What it lacks, and a part of what is said. */
  const LACKING: readonly (readonly [
    string,
    Parameters<typeof startEnvoy>[0],
    EnvoySpec,
    readonly string[],
  ])[] = [
    [
      "no filter",
      { managers: { ingress: null } },
      abort(1),
      ["has no fault filter", "envoy.filters.http.fault", "http_status: 503"],
    ],
    [
      "a filter that only delays",
      { managers: { ingress: { delay: IDLE_FILTER.delay } } },
      abort(1),
      ["has no `abort` with http_status"],
    ],
    [
      "a filter that only aborts",
      { managers: { ingress: { abort: IDLE_FILTER.abort } } },
      delay(5),
      ["has no `delay`", "fixed_delay: 1s"],
    ],
    [
      "an abort of HTTP for calls of gRPC",
      {},
      { ...NOTHING, abort: { status: 14, grpc: true, share: 1 } },
      ["has no `abort` with grpc_status", "grpc_status: 14"],
    ],
    ["no layers", { layers: null }, abort(1), ["no admin layer", "admin_layer: {}"]],
    [
      "no admin layer",
      { layers: [{ name: "own", static_layer: {} }] },
      abort(1),
      ["no admin layer", "admin_layer: {}"],
    ],
    [
      "another stat_prefix",
      {},
      { ...abort(1), statPrefix: "egress" },
      ["at ingress, and none at", "stat_prefix: egress"],
    ],
    [
      "the keys of another filter",
      { managers: { ingress: IDLE_FILTER, egress: IDLE_FILTER } },
      { ...abort(1), statPrefix: "egress" },
      ["asks the same runtime keys as the one at ingress"],
    ],
    [
      "the keys of a filter that a route has",
      {
        managers: { ingress: OWN_KEYS, egress: { ...IDLE_FILTER, abort_percent_runtime: "fault.egress" } },
        ofRoutes: { egress: { ...IDLE_FILTER, abort_percent_runtime: "fault.ingress" } },
      },
      { ...abort(1), statPrefix: "ingress" },
      ["asks the same runtime keys as the one of a route at egress"],
    ],
    [
      "counters that it does not list",
      { stats: { stats_matcher: { exclusion_list: { patterns: [{ suffix: "downstream_rq_total" }] } } } },
      abort(1),
      ["does not list http.ingress.downstream_rq_total", "stats_matcher"],
    ],
    [
      "counters of faults that it does not list",
      { stats: { stats_matcher: { exclusion_list: { patterns: [{ suffix: "delays_injected" }] } } } },
      delay(5),
      ["does not list http.ingress.fault.delays_injected"],
    ],
    [
      "a layer above",
      {
        layers: [
          { name: "ours", admin_layer: {} },
          { name: "top", static_layer: { [PERCENT]: 0 } },
        ],
      },
      abort(1),
      [`layer "top" says what ${PERCENT} is`],
    ],
  ];

  test.each(LACKING)(
    "with %s is refused before the run, with what to write",
    async (_, options, spec, said) => {
      const envoy = await startEnvoy(options);
      const refused = await met(envoy, [spec]).then(
        () => null,
        (error) => error,
      );
      expect(refused).toMatchObject({ code: "ENVOY_UNPREPARED" });
      for (const part of said) expect(refused.message).toContain(part);
      expect(await envoy.runtime(MARK)).toBeUndefined();
    },
  );

  test("with an admin layer between others takes its own value back", async () => {
    const layers = [
      { name: "base", static_layer: { [PERCENT]: 1 } },
      { name: "ours", admin_layer: {} },
    ];
    const envoy = await startEnvoy({ layers });
    const { faults, actions } = await met(envoy, [abort(1)]);
    await faults.inject(actions);
    expect(await envoy.runtime(PERCENT)).toBe("100");
    await faults.clear();
    expect(await envoy.runtime(PERCENT)).toBe("1");
  });
});

/** A server that answers as it is told to. */
async function server(answer: (path: string) => string | null): Promise<string> {
  const made = createServer((request, response) => {
    const text = answer(request.url ?? "");
    if (text !== null) response.end(text);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => made.once("listening", resolve));
  onTestFinished(() => {
    made.closeAllConnections();
    made.close();
  });
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

describe("what is no Envoy", () => {
  test.each([
    ["text", () => "hello"],
    ["other JSON", () => '{"layers": 5}'],
    ["a list", () => "[]"],
    ["nothing", () => ""],
  ])("and answers with %s is told from one", async (_, answer) => {
    const admin = await server(answer);
    await expect(met({ admin }, [abort(1)])).rejects.toMatchObject({ code: "ENVOY_UNREACHABLE" });
  });

  test("and does not answer is not waited for long", async () => {
    const admin = await server(() => null);
    const beganMs = performance.now();
    await expect(met({ admin }, [abort(1)])).rejects.toMatchObject({ code: "ENVOY_UNREACHABLE" });
    expect(performance.now() - beganMs).toBeLessThan(8_000);
  });

  test("may take longer for its configuration than for anything else", async () => {
    const made = createServer((_, response) => void setTimeout(() => response.end("{}"), 500));
    made.listen(0, "127.0.0.1");
    await new Promise((resolve) => made.once("listening", resolve));
    onTestFinished(() => {
      made.closeAllConnections();
      made.close();
    });
    const admin = new EnvoyAdmin(`http://127.0.0.1:${(made.address() as AddressInfo).port}`, 250);
    expect(await admin.configuration()).toEqual({});
    await expect(admin.runtime()).rejects.toMatchObject({ code: "ENVOY_UNREACHABLE" });
  });

  test("and nothing listens there", async () => {
    await expect(met({ admin: "http://127.0.0.1:1" }, [abort(1)])).rejects.toMatchObject({
      code: "ENVOY_UNREACHABLE",
    });
  });

  test("nor may it be elsewhere, whatever a placeholder came to", async () => {
    const fill = () => "http://192.0.2.7:9901";
    await expect(met({ admin: "http://${services.a.port}" }, [abort(1)], { fill })).rejects.toMatchObject({
      code: "HOST_NOT_ALLOWED",
    });
  });

  test("an entry of a journal that cannot be read is a failure", async () => {
    const entry = { driver: "envoy", undo: { kind: "runtime", admin: "no url" }, text: "runtime of Envoy x" };
    expect(await undo([entry], { dryRun: false })).toEqual({
      did: [],
      failures: ["runtime of Envoy x: how to undo it cannot be read"],
    });
  });
});
