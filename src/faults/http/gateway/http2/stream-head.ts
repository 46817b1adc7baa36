import { fieldOf, type HeaderList } from "../../../between/h2-relay/frames/relayed-blocks.js";
import type { RuledRequest } from "../rules/wanted.js";

/** A request of HTTP/2, as rules and logs look at requests. */
export interface StreamHead extends RuledRequest {
  readonly hasIdempotencyKey: boolean;
}

/** The headers of streams are often the same as before: they are read once. */
const known = new WeakMap<HeaderList, StreamHead>();

export function streamHeadOf(list: HeaderList): StreamHead {
  const before = known.get(list);
  if (before) return before;
  const method = fieldOf(list, ":method") ?? "";
  const authority = fieldOf(list, ":authority") ?? "";
  const head: StreamHead = {
    method,
    // CONNECT has no path.
    target: fieldOf(list, ":path") ?? authority,
    hasIdempotencyKey: fieldOf(list, "idempotency-key") !== null,
    valuesOf: (name) => {
      const values = valuesIn(list, name);
      // HTTP/2 may send each of them alone (RFC 9113, section 8.2.3).
      if (name === "cookie" && values.length > 1) return [values.join("; ")];
      return name === "host" && values.length === 0 && authority !== "" ? [authority] : values;
    },
  };
  known.set(list, head);
  return head;
}

function valuesIn({ fields }: HeaderList, name: string): readonly string[] {
  return fields.filter((_, at) => at % 2 === 1 && fields[at - 1] === name);
}
