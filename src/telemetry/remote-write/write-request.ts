import { compress } from "snappyjs";

/** A series with samples in the order of their time. Labels are sorted by name, as receivers ask for it. */
export interface WrittenSeries {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples: readonly WrittenSample[];
  readonly exemplars: readonly WrittenExemplar[];
}

/** One of the requests that the series counts. */
export interface WrittenExemplar {
  readonly traceId: string;
  readonly value: number;
  readonly atMs: number;
}

export interface WrittenSample {
  readonly atMs: number;
  /** "stale": the series ends here. */
  readonly value: number | "stale";
}

/**
 * The body of a remote write: `prometheus.WriteRequest` in protobuf, compressed as a block of snappy.
 *
 *   WriteRequest { repeated TimeSeries timeseries = 1 }
 *   TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2; repeated Exemplar exemplars = 3 }
 *   Label        { string name = 1; string value = 2 }
 *   Sample       { double value = 1; int64 timestamp = 2 }
 *   Exemplar     { repeated Label labels = 1; double value = 2; int64 timestamp = 3 }
 */
export function writeRequest(series: readonly WrittenSeries[]): Uint8Array {
  return compress(
    Buffer.concat(
      series.map(({ labels, samples, exemplars }) =>
        message(1, [
          ...labels.map(([name, value]) => message(1, [text(1, name), text(2, value)])),
          ...samples.map((sample) => message(2, [double(1, sample.value), whole(2, sample.atMs)])),
          ...exemplars.map(({ traceId, value, atMs }) => {
            const label = message(1, [text(1, "trace_id"), text(2, traceId)]);
            return message(3, [label, double(2, value), whole(3, Math.round(atMs))]);
          }),
        ]),
      ),
    ),
  );
}

/** Wire types of protobuf. */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;

/** Prometheus' mark for "no more samples": a NaN of its own. */
const STALE_NAN = 0x7ff0_0000_0000_0002n;

function message(field: number, parts: readonly Buffer[]): Buffer {
  return delimited(field, Buffer.concat(parts));
}

function text(field: number, value: string): Buffer {
  return delimited(field, Buffer.from(value, "utf8"));
}

function delimited(field: number, content: Buffer): Buffer {
  return Buffer.concat([tag(field, LENGTH_DELIMITED), varint(content.length), content]);
}

function double(field: number, value: WrittenSample["value"]): Buffer {
  const bytes = Buffer.alloc(8);
  if (value === "stale") bytes.writeBigUInt64LE(STALE_NAN);
  else bytes.writeDoubleLE(value);
  return Buffer.concat([tag(field, FIXED_64), bytes]);
}

function whole(field: number, value: number): Buffer {
  return Buffer.concat([tag(field, VARINT), varint(value)]);
}

function tag(field: number, wireType: number): Buffer {
  return varint(field * 8 + wireType);
}

/** Seven bits in each byte, the lowest first. Milliseconds of Unix time need more than 32 bits. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}
