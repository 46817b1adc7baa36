import { encodeHead, type Head } from "../../../http2/hpack/header-encoder.js";
import type { TraceIds } from "../../tracing/trace-ids.js";

const NAME = "traceparent";
const VERSION = "00-";
const SPAN_ID = "0".repeat(16);
const SAMPLED = "01";
const NOT_SAMPLED = "00";

/** The header `traceparent` of W3C Trace Context, put behind the headers of requests. */
export class TraceField {
  readonly #ids: TraceIds;
  /** The field of a request that is sampled, and of one that is not, without what is the request's own. */
  readonly #sampled: Head;
  readonly #notSampled: Head;
  /** Where in the field the trace id's own half begins. */
  readonly #traceAt: number;

  constructor(ids: TraceIds) {
    this.#ids = ids;
    const value = (flags: string) => `${VERSION}${ids.head}${SPAN_ID}-${SPAN_ID}-${flags}`;
    this.#sampled = encodeHead([[NAME, value(SAMPLED)]]);
    this.#notSampled = encodeHead([[NAME, value(NOT_SAMPLED)]]);
    const valueAt = this.#sampled.bytes.length - value(SAMPLED).length;
    this.#traceAt = valueAt + VERSION.length + ids.head.length;
  }

  addTo(head: Head, number: number): Head {
    const field = this.#ids.isSampled(number) ? this.#sampled : this.#notSampled;
    const bytes = Buffer.concat([head.bytes, field.bytes]);
    const at = head.bytes.length + this.#traceAt;
    this.#ids.writeSpanId(number, bytes, at);
    bytes.copyWithin(at + SPAN_ID.length + 1, at, at + SPAN_ID.length);
    return { bytes, listBytes: head.listBytes + field.listBytes };
  }
}
