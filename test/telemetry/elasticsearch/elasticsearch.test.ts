import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { elasticsearchExporter } from "../../../src/telemetry/elasticsearch/elasticsearch-exporter.js";
import { ExportQueue } from "../../../src/telemetry/export-queue.js";
import { NotTaken } from "../../../src/telemetry/exporter.js";
import { linesOf } from "../../../src/telemetry/lines/lines.js";
import type { ToldItem } from "../../../src/telemetry/told.js";
import { buildRecord } from "../../helpers/record-builder.js";
import { TRACES, toldRun } from "../../helpers/told-samples.js";

interface Item {
  readonly status: number;
  readonly error?: { readonly type: string; readonly reason: string };
}

/**
 * The part of the bulk API that is used, as its documentation has it: `create` of documents with ids, and an answer with no
 * more than was asked for.
 */
async function elasticsearchDouble(
  status: (documents: number, id: string) => Item = () => ({ status: 201 }),
  answerFor: (answer: object) => string = JSON.stringify,
) {
  const documents = new Map<string, { readonly index: string; readonly document: unknown }>();
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
      const isBulk = request.method === "POST" && pathname === "/_bulk";
      const asked = (searchParams.get("filter_path") ?? "took,items,errors").split(",");
      if (!isBulk || request.headers["content-type"] !== "application/x-ndjson" || !body.endsWith("\n")) {
        response.writeHead(400).end(JSON.stringify({ error: "no bulk request" }));
        return;
      }
      const lines = body
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      const items: { create: Item }[] = [];
      for (let at = 0; at < lines.length; at += 2) {
        const { _index: index, _id: id } = lines[at].create;
        const item = documents.has(id)
          ? { status: 409, error: { type: "version_conflict_engine_exception", reason: `${id} is there` } }
          : status(documents.size, id);
        if (item.status === 201) documents.set(id, { index, document: lines[at + 1] });
        const unasked = asked.includes("items")
          ? { _index: index, _id: id, _shards: { total: 2, failed: 0 } }
          : {};
        items.push({ create: { ...item, ...unasked } });
      }
      const errors = items.some(({ create }) => create.error !== undefined);
      const took = asked.includes("took") ? { took: 1 } : {};
      response.writeHead(200).end(answerFor({ ...took, errors, items }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { url: `http://127.0.0.1:${port}`, documents };
}

const report = analyse(
  buildRecord({
    ratePerS: 20,
    slos: ["p99 < 400ms"],
    phases: [
      { kind: "baseline", seconds: 30 },
      { kind: "fault", fault: "slow cache", seconds: 30, bad: { refused: 0.3 } },
    ],
  }),
);
const told = toldRun(report);
const exporterTo = (url: string) =>
  elasticsearchExporter(
    { kind: "elasticsearch", url, index: "chaos", headers: {} },
    { scenario: "Shop", version: "1.2.3", folder: null },
  );
const send = (exporter: ReturnType<typeof exporterTo>) => exporter.send(told, new AbortController().signal);

test("events, seconds and verdicts are documents, each once, also when they are sent again", async () => {
  const { url, documents } = await elasticsearchDouble();
  const exporter = exporterTo(url);
  await send(exporter);
  await send(exporter);
  const lines = told.flatMap((each) => linesOf(each, "Shop"));
  expect([...documents.values()]).toEqual(lines.map((document) => ({ index: "chaos", document })));
});

test("each line says when, in which scenario and what kind; numbers are numbers", () => {
  const lines = told.flatMap((each) => linesOf(each, "Shop"));
  for (const line of lines) {
    expect(line).toMatchObject({
      "@timestamp": expect.stringMatching(/^\d{4}-.*Z$/),
      faultline: { scenario: "Shop" },
    });
    // What has no number in JSON is null.
    expect(JSON.parse(JSON.stringify(line))).toEqual(line);
  }
  const kinds = lines.map((line) => (line.event as { dataset: string }).dataset); // just checked
  expect(new Set(kinds)).toEqual(
    new Set(
      ["phase", "second", "event", "request", "run", "fault", "slo"].map((kind) => `faultline.${kind}`),
    ),
  );
  expect(lines.find((line) => line.message === "cache slow")).toMatchObject({
    faultline: { kind: "inject", at_s: 1 },
  });
  const [, second] = lines.filter((_, at) => kinds[at] === "faultline.second");
  expect(second).toMatchObject({
    faultline: {
      phase: "fault",
      fault: 'cache "slow"',
      requests: { ok: 1, refused: 1 },
      latency_ms: { p50: expect.closeTo(30, 0), p99: null },
    },
  });
  const [failed] = lines.filter((_, at) => kinds[at] === "faultline.request");
  expect(failed).toMatchObject({
    message: "status 503",
    trace: { id: TRACES[0]?.traceId },
    faultline: { id: "fault-1", request: "GET /cart", outcome: "refused", status: 503, ms: 12 },
  });
  const slo = lines.find((line) => JSON.stringify(line).includes('"faultline.slo"'));
  expect(slo).toMatchObject({ faultline: { slo: "p99 < 400ms", target: 400, unit: "ms" } });
});

test.each([
  [429, "busy"],
  [400, "refused"],
])("a line that is answered with %i is not taken for one that is there", async (status, id) => {
  const { url } = await elasticsearchDouble((documents) =>
    documents < 3 ? { status: 201 } : { status, error: { type: "some_exception", reason: "no room" } },
  );
  const failure = await send(exporterTo(url)).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NotTaken);
  expect(failure).toMatchObject({ trouble: { id, facts: { status, said: "some_exception: no room" } } });
});

/** As much as is told at once. */
const hundred = Array.from({ length: 100 }, (_, at): ToldItem => {
  const phase = { id: "baseline", kind: "baseline", fault: null, trial: null, begunAtMs: 1 } as const;
  return { kind: "phase_over", atMs: at + 1, phase };
});
const tally = async (url: string) => {
  const queue = new ExportQueue(exporterTo(url));
  for (const each of hundred) queue.add(each);
  return await queue.finish(20_000);
};

test("documents that are refused with many words each count as dropped, and no more is asked for than what became of them", async () => {
  const answers: string[] = [];
  const { url } = await elasticsearchDouble(
    () => ({ status: 400, error: { type: "mapper_parsing_exception", reason: "no ".repeat(1_000) } }),
    (answer) => {
      answers.push(JSON.stringify(answer));
      return JSON.stringify(answer);
    },
  );
  expect(await tally(url)).toMatchObject({
    sent: 0,
    dropped: 100,
    trouble: {
      id: "refused",
      facts: { status: 400, said: expect.stringMatching(/^mapper_parsing_exception: no no/) },
    },
  });
  expect(answers[0]?.length).toBeGreaterThan(100_000);
  expect(answers[0]).not.toMatch(/_shards|took/);
});

test.each([
  ["more than is read", (answer: object) => JSON.stringify({ ...answer, more: "x".repeat(5_000_000) })],
  ["half of it", (answer: object) => JSON.stringify(answer).slice(0, -10)],
  ["no JSON", () => "<html>Welcome</html>"],
  ["nothing", () => ""],
  ["other JSON", () => '{"ok":true}'],
  ["errors, and not whose", () => '{"errors":true}'],
])("an answer that does not say what was taken counts as not taken: %s", async (_, answerFor) => {
  const { url } = await elasticsearchDouble(() => ({ status: 201 }), answerFor);
  expect(await tally(url)).toEqual({
    sent: 0,
    dropped: 100,
    trouble: { id: "unreadable", facts: { status: 200 } },
  });
});

test.each([429, 503])(
  "documents that are answered with %i for now are sent again until they are there",
  async (status) => {
    const refused = new Set<string>();
    const { url, documents } = await elasticsearchDouble((_, id) => {
      if (!/-\d*[05]-0$/.test(id) || refused.has(id)) return { status: 201 };
      refused.add(id);
      // Some say no more than the number.
      return { status };
    });
    const queue = new ExportQueue(exporterTo(url));
    for (const each of hundred) queue.add(each);
    await expect.poll(() => documents.size, { timeout: 20_000 }).toBe(100);
    expect(refused.size).toBe(20);
    expect(await queue.finish(20_000)).toEqual({ sent: 100, dropped: 0, trouble: null });
  },
);
