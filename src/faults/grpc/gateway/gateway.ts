import { type GatewayOptions, RequestGateway } from "../../between/gateway/gateway.js";
import { PairedConnection } from "../../between/gateway/paired-connection.js";
import { Relay } from "../../between/h2-relay/relay.js";
import type { GrpcRule } from "../../kinds/grpc/grpc-rule.js";
import { CallView } from "./call-view.js";
import { newCallRules } from "./rules/call-rules.js";

export type GrpcGateway = RequestGateway<GrpcRule>;

/** Stands between one proxy and its upstream. Rejects with the system's error. */
export function openGrpcGateway({ listen, upstream, seed = 1 }: GatewayOptions): Promise<GrpcGateway> {
  const rules = newCallRules(seed);
  const view = new CallView(rules);
  const gateway = new RequestGateway<GrpcRule>(
    upstream,
    rules,
    (client, to, number, host) =>
      new PairedConnection({
        client,
        upstream: to,
        number,
        gateway: host,
        speechOn: (pair) => new Relay(pair, view),
      }),
  );
  return gateway.listen(listen);
}
