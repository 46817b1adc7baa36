import protobuf from "protobufjs";
import { uncompress } from "snappyjs";
import { expect, test } from "vitest";
import { type WrittenSeries, writeRequest } from "../../../src/telemetry/remote-write/write-request.js";

/** As Prometheus has it, prompb/types.proto and remote.proto. */
const SCHEMA = `
syntax = "proto3";
message WriteRequest { repeated TimeSeries timeseries = 1; }
message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Exemplar exemplars = 3; }
message Label { string name = 1; string value = 2; }
message Exemplar { repeated Label labels = 1; fixed64 value = 2; int64 timestamp = 3; }
message Sample { fixed64 value = 1; int64 timestamp = 2; }
`;
const WriteRequest = protobuf.parse(SCHEMA).root.lookupType("WriteRequest");

function decoded(series: readonly WrittenSeries[]) {
  const bytes = Buffer.from(uncompress(writeRequest(series)));
  return WriteRequest.toObject(WriteRequest.decode(bytes), { longs: String, defaults: true });
}

/** The bits of a double, as a decimal number. */
function bitsOf(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return String(bytes.readBigUInt64BE());
}

test("a request is what the schema of Prometheus reads back: names, values, times, and the mark of an end", () => {
  const labels = [
    ["__name__", "faultline_requests_total"],
    ["fault", `cache “langsam” – ${"x".repeat(300)}`],
  ] as const;
  const atMs = 1_796_037_000_123;
  const samples = [
    { atMs, value: 0 },
    { atMs: atMs + 1, value: 12.5 },
    { atMs: atMs + 2, value: Number.POSITIVE_INFINITY },
    { atMs: atMs + 3, value: "stale" },
  ] as const;
  const exemplars = [{ traceId: "ab12", value: 0.25, atMs: atMs + 0.4 }];
  expect(decoded([{ labels, samples, exemplars }])).toEqual({
    timeseries: [
      {
        labels: labels.map(([name, value]) => ({ name, value })),
        samples: [
          { value: "0", timestamp: String(atMs) },
          { value: bitsOf(12.5), timestamp: String(atMs + 1) },
          { value: bitsOf(Number.POSITIVE_INFINITY), timestamp: String(atMs + 2) },
          { value: String(0x7ff0_0000_0000_0002n), timestamp: String(atMs + 3) },
        ],
        exemplars: [
          {
            labels: [{ name: "trace_id", value: "ab12" }],
            value: bitsOf(0.25),
            timestamp: String(atMs),
          },
        ],
      },
    ],
  });
});

test("a request of many series is compressed, and nothing of it is lost", () => {
  const series = Array.from({ length: 3_000 }, (_, at) => ({
    labels: [["__name__", `faultline_series_${at}`] as const],
    samples: [{ atMs: 1_796_037_000_000 + at, value: at }],
    exemplars: [],
  }));
  const { timeseries } = decoded(series);
  expect(timeseries).toHaveLength(3_000);
  expect(timeseries[2_999].labels).toEqual([{ name: "__name__", value: "faultline_series_2999" }]);
  expect(writeRequest(series).length).toBeLessThan(3_000 * 30);
});
