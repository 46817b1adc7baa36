import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import protobuf from "protobufjs";
import { onTestFinished } from "vitest";

/** What is sent, as opentelemetry-proto 1 has it: fields by their numbers and types. */
const SCHEMA = `
syntax = "proto3";
message ExportMetricsServiceRequest { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message ScopeMetrics { InstrumentationScope scope = 1; repeated Metric metrics = 2; }
message Metric {
  string name = 1;
  string description = 2;
  string unit = 3;
  oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
}
message Gauge { repeated NumberDataPoint data_points = 1; }
message Sum {
  repeated NumberDataPoint data_points = 1;
  AggregationTemporality aggregation_temporality = 2;
  bool is_monotonic = 3;
}
message Histogram {
  repeated HistogramDataPoint data_points = 1;
  AggregationTemporality aggregation_temporality = 2;
}
enum AggregationTemporality { UNSPECIFIED = 0; DELTA = 1; CUMULATIVE = 2; }
message NumberDataPoint {
  repeated KeyValue attributes = 7;
  fixed64 start_time_unix_nano = 2;
  fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; }
  uint32 flags = 8;
  repeated Exemplar exemplars = 5;
}
message Exemplar {
  fixed64 time_unix_nano = 2;
  oneof value { double as_double = 3; sfixed64 as_int = 6; }
  bytes span_id = 4;
  bytes trace_id = 5;
}
message HistogramDataPoint {
  repeated KeyValue attributes = 9;
  fixed64 start_time_unix_nano = 2;
  fixed64 time_unix_nano = 3;
  fixed64 count = 4;
  optional double sum = 5;
  repeated fixed64 bucket_counts = 6;
  repeated double explicit_bounds = 7;
  uint32 flags = 10;
  repeated Exemplar exemplars = 8;
}
message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; }
message Span {
  bytes trace_id = 1;
  bytes span_id = 2;
  bytes parent_span_id = 4;
  string name = 5;
  SpanKind kind = 6;
  fixed64 start_time_unix_nano = 7;
  fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9;
  repeated Event events = 11;
  repeated Link links = 13;
  Status status = 15;
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
  message Link { bytes trace_id = 1; bytes span_id = 2; }
}
enum SpanKind { SPAN_KIND_UNSPECIFIED = 0; INTERNAL = 1; SERVER = 2; CLIENT = 3; }
message Status { string message = 2; StatusCode code = 3; }
enum StatusCode { UNSET = 0; OK = 1; ERROR = 2; }
message InstrumentationScope { string name = 1; string version = 2; }
message Resource { repeated KeyValue attributes = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
`;

export interface Attribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string;
    readonly doubleValue?: number;
  };
}

export interface DataPoint {
  readonly attributes: readonly Attribute[];
  readonly startTimeUnixNano?: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number | "Infinity";
  readonly asInt?: string;
  readonly count?: string;
  readonly sum?: number;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
  readonly flags?: number;
  readonly exemplars?: readonly {
    readonly timeUnixNano: string;
    readonly asDouble: number;
    readonly traceId: string;
    readonly spanId: string;
  }[];
}

interface Points {
  readonly dataPoints: readonly DataPoint[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

export interface OtlpMetric {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: Points;
  readonly sum?: Points;
  readonly histogram?: Points;
}

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly events?: readonly { readonly name: string }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number };
}

export interface OtlpDouble {
  readonly url: string;
  readonly metrics: OtlpMetric[];
  readonly spans: Span[];
  /** What a collector would have refused, and why. */
  readonly refused: string[];
}

/**
 * In place of a collector: takes OTLP over HTTP in JSON, and refuses what the schema does not read back as it was: an
 * unknown field, a number where a text belongs, an id of the wrong length.
 */
export async function otlpDouble(): Promise<OtlpDouble> {
  const root = protobuf.parse(SCHEMA).root;
  const metrics: OtlpMetric[] = [];
  const spans: Span[] = [];
  const refused: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      try {
        if (request.headers["content-type"] !== "application/json") throw new Error("not application/json");
        const sent = JSON.parse(body);
        if (request.url === "/v1/metrics") {
          readBack(root.lookupType("ExportMetricsServiceRequest"), sent);
          for (const { scopeMetrics } of sent.resourceMetrics)
            for (const scope of scopeMetrics) metrics.push(...scope.metrics);
        } else if (request.url === "/v1/traces") {
          readBack(root.lookupType("ExportTraceServiceRequest"), sent);
          for (const { scopeSpans } of sent.resourceSpans)
            for (const scope of scopeSpans) {
              scope.spans.forEach(checkIds);
              spans.push(...scope.spans);
            }
        } else throw new Error(`no such path: ${request.url}`);
        response.writeHead(200, { "content-type": "application/json" }).end('{"partialSuccess":{}}');
      } catch (error) {
        refused.push(String(error));
        response.writeHead(400).end(String(error));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { url: `http://127.0.0.1:${port}`, metrics, spans, refused };
}

/** Through the bytes of protobuf and back. */
function readBack(type: protobuf.Type, sent: object): void {
  const bytes = type.encode(type.fromObject(sent)).finish();
  const back = type.toObject(type.decode(bytes), { longs: String, bytes: String, json: true, oneofs: false });
  const [before, after] = [sent, back].map(sorted);
  if (before !== after)
    throw new Error(`read back as ${after?.slice(0, 2_000)}, sent ${before?.slice(0, 2_000)}`);
}

/** JSON without what protobuf leaves out: zeros, empty texts and lists of a field that is not there. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    const entries = Object.entries(part).filter(([, each]) => !isLeftOut(each));
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function isLeftOut(value: unknown): boolean {
  return value === "" || value === 0 || value === "0" || (Array.isArray(value) && value.length === 0);
}

function checkIds({ traceId, spanId, parentSpanId }: Span): void {
  const isHex = (text: string, bytes: number) => new RegExp(`^[0-9a-f]{${2 * bytes}}$`).test(text);
  if (!isHex(traceId, 16) || !isHex(spanId, 8)) throw new Error(`wrong ids: ${traceId} ${spanId}`);
  if (parentSpanId !== undefined && !isHex(parentSpanId, 8)) throw new Error(`wrong parent: ${parentSpanId}`);
}

export function textOf(attributes: readonly Attribute[], key: string): string | undefined {
  return attributes.find((each) => each.key === key)?.value.stringValue;
}
