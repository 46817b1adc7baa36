import { deserialize, serialize } from "node:v8";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { requestsOf } from "../../plan/load-mix.js";
import type { DataFeed, LoadPlan } from "../../plan/load-plan.js";
import { isHttpRequest } from "../../requests/http/http-request.js";
import { FaultlineError } from "../../support/errors.js";
import type { ToRun, ToWorker } from "./messages.js";

/** A plan with its feeds, or a report. More than this is no message. */
export const MOST_BYTES = 256 * 1024 * 1024;
/** Shorter messages are sent as they are: to make room for a (de)compressor costs more than they weigh. */
const COMPRESSED_FROM = 16 * 1024;
const PLAIN = 0;
const DEFLATED = 1;

/** Writes a message for another machine. @throws FaultlineError LOAD_FAILED: it is too large. */
export function encode(message: ToWorker | ToRun): Buffer {
  // A packed plan cannot be made shorter.
  return packed(message, message.kind !== "prepare");
}

/** Reads what `encode` has written. Only the other side of a sealed line can have written it. */
export function decode(bytes: Buffer): ToWorker | ToRun {
  // Both sides are of one version.
  return unpacked(bytes) as ToWorker | ToRun;
}

/** Writes a plan with its feeds and files, the same for all workers. @throws FaultlineError LOAD_FAILED: it is too large. */
export function packPlan(plan: LoadPlan): Buffer {
  return packed(withFeeds(plan, unshared), true);
}

/** Reads what `packPlan` has written. */
export function unpackPlan(bytes: Uint8Array): LoadPlan {
  const plan = unpacked(Buffer.from(bytes)) as LoadPlan; // as `decode`
  return withOwnBodies(withFeeds(plan, shared));
}

function packed(value: unknown, mayDeflate: boolean): Buffer {
  const bytes = serialize(value);
  if (bytes.length > MOST_BYTES) {
    const size = `${Math.ceil(bytes.length / 1e6)} MB`;
    throw new FaultlineError(
      "LOAD_FAILED",
      `a message of ${size} is too large for a worker: use smaller data files`,
    );
  }
  if (!mayDeflate || bytes.length < COMPRESSED_FROM) return Buffer.concat([Buffer.of(PLAIN), bytes]);
  return Buffer.concat([Buffer.of(DEFLATED), deflateRawSync(bytes, { level: 1 })]);
}

function unpacked(bytes: Buffer): unknown {
  const body = bytes.subarray(1);
  return deserialize(bytes[0] === DEFLATED ? inflateRawSync(body, { maxOutputLength: MOST_BYTES }) : body);
}

function withFeeds(plan: LoadPlan, change: (bytes: ArrayBufferLike | Uint8Array) => unknown): LoadPlan {
  const feeds = plan.feeds.map(({ table, ...feed }) => ({
    ...feed,
    table: { ...table, bytes: change(table.bytes), ends: change(table.ends) },
  }));
  // What threads share is written as bytes, and made anew on the other side.
  return { ...plan, feeds: feeds as unknown as readonly DataFeed[] };
}

/** Files that are sent are read as parts of the whole message, which would be copied for each thread. */
function withOwnBodies(plan: LoadPlan): LoadPlan {
  const own = new Map<Uint8Array, Uint8Array>();
  const bytesOf = (piece: Uint8Array) => {
    const bytes = own.get(piece) ?? new Uint8Array(piece);
    own.set(piece, bytes);
    return bytes;
  };
  for (const request of requestsOf(plan.mix)) {
    if (!isHttpRequest(request) || request.pieces === undefined) continue;
    const pieces = request.pieces.map((piece) => (piece instanceof Uint8Array ? bytesOf(piece) : piece));
    // It was made here a moment ago, and nobody else has it.
    Object.assign(request, { pieces });
  }
  return plan;
}

function unshared(bytes: ArrayBufferLike | Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.from(bytes as SharedArrayBuffer));
}

function shared(bytes: ArrayBufferLike | Uint8Array): SharedArrayBuffer {
  const from = new Uint8Array(bytes as Uint8Array);
  const memory = new SharedArrayBuffer(from.length);
  new Uint8Array(memory).set(from);
  return memory;
}
