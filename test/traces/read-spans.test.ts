import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSpans } from "../../src/traces/read/read-spans.js";
import { folderWith } from "../helpers/scenario-files.js";

const otlp = (spans: readonly object[]) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
      scopeSpans: [{ scope: { name: "http" }, spans }],
    },
  ],
});
const ROOT = {
  traceId: "5b8efff798038103d269b633813fc60c",
  spanId: "eee19b7ec3c1b174",
  parentSpanId: "",
  name: "GET /orders",
  kind: 2,
  startTimeUnixNano: "1772366400000500000",
  endTimeUnixNano: "1772366400250500000",
  status: { code: 2 },
};
const CALL = {
  ...ROOT,
  spanId: "eee19b7ec3c1b175",
  parentSpanId: ROOT.spanId,
  name: "GET",
  kind: "SPAN_KIND_CLIENT",
  status: {},
};

function read(text: string) {
  const folder = folderWith({});
  writeFileSync(join(folder, "spans.json"), text);
  return readSpans(join(folder, "spans.json"), "spans.json");
}

test("OpenTelemetry's JSON is read as one document, and as one in each line; what is there twice counts once", async () => {
  const expected = [
    {
      traceId: ROOT.traceId,
      spanId: ROOT.spanId,
      parentId: null,
      service: "shop",
      name: "GET /orders",
      kind: "server",
      isError: true,
      startMs: expect.closeTo(1772366400000.5, 2),
      endMs: expect.closeTo(1772366400250.5, 2),
    },
    expect.objectContaining({ parentId: ROOT.spanId, kind: "client", isError: false }),
  ];
  expect(await read(JSON.stringify(otlp([ROOT, CALL]), null, 2))).toEqual(expected);
  const lines = [otlp([ROOT]), otlp([CALL, ROOT])]
    .map((document) => `${JSON.stringify(document)}\n`)
    .join("");
  expect(await read(lines)).toEqual(expected);
});

test("Jaeger's JSON is read; a span that follows from another one is not waited for", async () => {
  const span = {
    traceID: "a1",
    processID: "p1",
    startTime: 1772366400000500,
    duration: 250000,
    tags: [{ key: "span.kind", type: "string", value: "server" }],
  };
  const spans = [
    { ...span, spanID: "1", operationName: "GET /orders", references: [] },
    {
      ...span,
      spanID: "2",
      operationName: "reserve",
      references: [{ refType: "CHILD_OF", traceID: "a1", spanID: "1" }],
      tags: [{ key: "error", type: "bool", value: true }],
    },
    {
      ...span,
      spanID: "3",
      operationName: "mail",
      references: [{ refType: "FOLLOWS_FROM", traceID: "a1", spanID: "1" }],
    },
  ];
  const document = { data: [{ traceID: "a1", spans, processes: { p1: { serviceName: "shop" } } }] };
  expect(await read(JSON.stringify(document))).toEqual([
    expect.objectContaining({
      service: "shop",
      parentId: null,
      kind: "server",
      startMs: 1772366400000.5,
      endMs: 1772366400250.5,
    }),
    expect.objectContaining({ parentId: "1", kind: "internal", isError: true }),
    expect.objectContaining({ parentId: "1", kind: "message" }),
  ]);
});

test.each([
  ["not json", /^spans\.json is no JSON: .*Take OpenTelemetry's JSON/],
  ['{"spans": []}', /^spans\.json holds no spans of a form that is known\. Take/],
  [JSON.stringify(otlp([])), /^spans\.json holds no spans\. Take/],
  ["", /holds no spans/],
])("%j is refused with what to take", async (text, message) => {
  await expect(read(text)).rejects.toThrow(message);
});

test("a file that is not there is said", async () => {
  await expect(readSpans("/nowhere/spans.json", "spans.json")).rejects.toThrow(
    /^spans\.json does not exist$/,
  );
});
