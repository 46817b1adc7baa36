import type { TraceIds } from "../../tracing/trace-ids.js";

const CARRIAGE_RETURN = 13;
const BEGIN = "traceparent: 00-";
const SPAN_ID = "0".repeat(16);
const SAMPLED = "01";
const NOT_SAMPLED = "00";

/** The header `traceparent` of W3C Trace Context, put into the bytes of requests behind their first line. */
export class TraceLine {
  readonly #ids: TraceIds;
  /** The line of a request that is sampled, and of one that is not, without what is the request's own. */
  readonly #sampled: Buffer;
  readonly #notSampled: Buffer;
  /** Where in the line the trace id's own half begins, and the span id. */
  readonly #traceAt: number;
  readonly #spanAt: number;

  constructor(ids: TraceIds) {
    this.#ids = ids;
    const line = (flags: string) =>
      Buffer.from(`${BEGIN}${ids.head}${SPAN_ID}-${SPAN_ID}-${flags}\r\n`, "latin1");
    this.#sampled = line(SAMPLED);
    this.#notSampled = line(NOT_SAMPLED);
    this.#traceAt = BEGIN.length + ids.head.length;
    this.#spanAt = this.#traceAt + SPAN_ID.length + 1;
  }

  /** @returns bytes of their own. The socket may hold on to them, so none are used twice. */
  addTo(request: Buffer, number: number): Buffer {
    const at = request.indexOf(CARRIAGE_RETURN) + 2;
    const line = this.#ids.isSampled(number) ? this.#sampled : this.#notSampled;
    const traced = Buffer.allocUnsafe(request.length + line.length);
    request.copy(traced, 0, 0, at);
    line.copy(traced, at);
    request.copy(traced, at + line.length, at);
    this.#ids.writeSpanId(number, traced, at + this.#traceAt);
    traced.copyWithin(at + this.#spanAt, at + this.#traceAt, at + this.#traceAt + SPAN_ID.length);
    return traced;
  }
}
