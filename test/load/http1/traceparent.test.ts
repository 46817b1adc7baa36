import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { LoadPlan } from "../../../src/plan/load-plan.js";
import { closedModel, loadPlan, openModel, request, runLoad, sum } from "../../helpers/load-plans.js";

interface Received {
  readonly method: string;
  readonly url: string;
  /** All headers of the name `traceparent`. */
  readonly traceparents: readonly string[];
  readonly other: string | undefined;
  readonly body: string;
}

/** What it has received; every answer to /late waits, and /bad is answered with 503. */
async function startApi() {
  const received: Received[] = [];
  const server = createServer(async (incoming, response) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const { method = "", url = "", rawHeaders, headers } = incoming;
    const traceparents = rawHeaders.filter((_, at) => rawHeaders[at - 1]?.toLowerCase() === "traceparent");
    received.push({ method, url, traceparents, other: headers["x-other"]?.toString(), body });
    if (url === "/late") return;
    response.writeHead(url === "/bad" ? 503 : 200);
    if (url === "/slow") setTimeout(() => response.end("slow"), 60);
    else response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { url: `http://127.0.0.1:${port}`, received };
}

const tracing = (sampling = 1): Pick<LoadPlan, "tracing"> => ({
  tracing: { sampling, traceLink: null, runKey: "00112233445566778899aabbccddeeff" },
});
const SAMPLED = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/;
const mixOf = (...requests: readonly ReturnType<typeof request>[]) =>
  ({ mix: { kind: "requests", requests } }) as const;

test("each request carries one trace id of its own, beside all else that it says", async () => {
  const api = await startApi();
  const seq = "$" + "{seq}";
  const plan = loadPlan(`${api.url}/base`, openModel(300), {
    ...tracing(),
    workers: 2,
    ...mixOf(
      request({ name: "constant", path: "/constant", headers: { "X-Other": "as it was" } }),
      request({
        name: "varying",
        method: "POST",
        path: `/varying?n=${seq}`,
        body: `body ${seq} ä`,
        headers: { "X-Other": seq },
      }),
    ),
  });
  const measured = await runLoad(plan, 500);
  expect(sum(measured.all.outcomes.ok)).toBe(api.received.length);
  expect(api.received.length).toBeGreaterThan(100);
  const sent = api.received.map(({ traceparents }) => traceparents.join());
  expect(sent.filter((traceparent) => !SAMPLED.test(traceparent))).toEqual([]);
  expect(new Set(sent).size).toBe(sent.length);
  for (const { url, method, other, body } of api.received) {
    const n = /^\/base\/varying\?n=(\d+)$/.exec(url)?.[1];
    expect([method, url, other, body]).toEqual(
      n === undefined ? ["GET", "/base/constant", "as it was", ""] : ["POST", url, n, `body ${n} ä`],
    );
  }
});

test("only the share that is sampled is marked so; without tracing there is no such header", async () => {
  const api = await startApi();
  await runLoad(loadPlan(api.url, openModel(400), tracing(0.25)), 1_000);
  const flags = api.received.map(({ traceparents }) => traceparents.join().slice(-2));
  const share = flags.filter((flag) => flag === "01").length / flags.length;
  expect(new Set(flags)).toEqual(new Set(["00", "01"]));
  // 400 requests: six standard deviations are 0.13.
  expect(Math.abs(share - 0.25)).toBeLessThan(0.15);
  api.received.length = 0;
  await runLoad(loadPlan(api.url, openModel(100)), 200);
  expect(api.received.length).toBeGreaterThan(0);
  expect(api.received.flatMap(({ traceparents }) => traceparents)).toEqual([]);
});

test("failed requests and the slowest are kept with the ids that they were sent with; those that were refused are not", async () => {
  const api = await startApi();
  const plan = loadPlan(api.url, openModel(100), {
    ...tracing(),
    timeoutMs: 2_000,
    ...mixOf(
      request({ name: "good", path: "/good" }),
      request({ name: "slow", path: "/slow" }),
      request({ name: "bad", path: "/bad" }),
      request({ name: "late", path: "/late" }),
    ),
  });
  const { traces = [] } = await runLoad(plan, 500);
  const sentTo = new Map(
    api.received.map(({ traceparents, url }) => [traceparents.join().slice(3, 35), url] as const),
  );
  for (const { traceId, request: name } of traces) expect(sentTo.get(traceId)).toBe(`/${name}`);
  const of = (name: string) => traces.filter((trace) => trace.request === name);
  expect(of("bad")).toHaveLength(3);
  expect(of("bad")[0]).toMatchObject({ outcome: "http_error", reason: "status 503", status: 503 });
  expect(of("late")).toHaveLength(3);
  expect(of("late")[0]).toMatchObject({ outcome: "timeout", status: null });
  // The generator's own lateness is not taken from the system's time.
  for (const { ms } of of("late")) expect(ms).toBeGreaterThanOrEqual(2_000);
  const ok = traces.filter(({ outcome }) => outcome === "ok");
  expect(ok).toHaveLength(5);
  expect(ok.map(({ ms }) => ms)).toEqual(ok.map(({ ms }) => ms).sort((a, b) => b - a));
  // Half a second, and what a busy machine was late with its end.
  for (const { dueS } of traces) expect(dueS).toBeLessThan(10);

  const nobody = await runLoad(loadPlan("http://127.0.0.1:1", closedModel(1), tracing()), 300);
  expect(sum(nobody.all.outcomes.refused)).toBeGreaterThan(0);
  expect(nobody.traces).toBe(undefined);
});
