import type { StreamBegin, StreamView } from "../../between/h2-relay/relayed-stream.js";
import { isGrpc, RelayedCall } from "./relayed-call.js";
import type { CallRules } from "./rules/call-rules.js";

/** Streams as calls of gRPC. Rules act on no others. */
export class CallView implements StreamView {
  readonly #rules: CallRules;

  constructor(rules: CallRules) {
    this.#rules = rules;
  }

  get hasRules(): boolean {
    return !this.#rules.isEmpty;
  }

  begin(begin: StreamBegin, mayAct: boolean): RelayedCall {
    const { head, startMs } = begin;
    return new RelayedCall(begin, mayAct && isGrpc(head) ? this.#rules.deedFor(head, startMs) : null);
  }
}
