import { type GatewayOptions, RequestGateway } from "../../between/gateway/gateway.js";
import { type Pair, PairedConnection } from "../../between/gateway/paired-connection.js";
import { isPreface } from "../../between/h2-relay/preface.js";
import { Relay } from "../../between/h2-relay/relay.js";
import { HTTP1, HTTP2 } from "../../between/spoken-above-tls.js";
import type { HttpRule } from "../../http-rule.js";
import { Connection } from "./connection.js";
import { FirstBytes } from "./first-bytes.js";
import { RequestView } from "./http2/request-view.js";
import { Heads } from "./message/heads.js";
import { newRules } from "./rules/rules.js";

export type HttpGateway = RequestGateway<HttpRule>;

/** The upstream is offered what the client speaks. */
function offeredFor(begin: Buffer): readonly string[] | null {
  const isHttp2 = isPreface(begin);
  return isHttp2 === null ? null : [isHttp2 ? HTTP2 : HTTP1];
}

/** Stands between one proxy and its upstream. Rejects with the system's error. */
export function openGateway({ listen, upstream, seed = 1 }: GatewayOptions): Promise<HttpGateway> {
  const rules = newRules(seed);
  const heads = new Heads();
  const gateway = new RequestGateway<HttpRule>(upstream, rules, (client, to, number, host) => {
    const view = new RequestView(rules, host);
    const versions = {
      http1: (pair: Pair) => new Connection(pair, { rules, heads }),
      http2: (pair: Pair) => new Relay(pair, view),
    };
    return new PairedConnection({
      client,
      upstream: to,
      number,
      gateway: host,
      speechOn: (pair) => new FirstBytes(pair, versions),
      offerFor: to.tls === null ? null : offeredFor,
    });
  });
  return gateway.listen(listen);
}
