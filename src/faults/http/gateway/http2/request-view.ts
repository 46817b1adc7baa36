import type { GatewayHost } from "../../../between/gateway/gateway.js";
import type { StreamBegin, StreamView } from "../../../between/h2-relay/relayed-stream.js";
import type { Rules } from "../rules/rules.js";
import { RelayedRequest } from "./relayed-request.js";
import { streamHeadOf } from "./stream-head.js";

/** Streams as requests of HTTP: the same rules count them as those of HTTP/1. */
export class RequestView implements StreamView {
  readonly #rules: Rules;
  readonly #host: GatewayHost;

  constructor(rules: Rules, host: GatewayHost) {
    this.#rules = rules;
    this.#host = host;
  }

  get hasRules(): boolean {
    return !this.#rules.isEmpty;
  }

  begin(begin: StreamBegin, mayAct: boolean): RelayedRequest {
    const request = streamHeadOf(begin.head);
    const deed = mayAct ? this.#rules.deedFor(request, begin.startMs) : null;
    if (deed?.slowHeaders) this.#host.notSlowed();
    return new RelayedRequest(begin, request, deed);
  }
}
