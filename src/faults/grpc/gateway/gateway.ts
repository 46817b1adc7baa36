import { type GatewayOptions, RequestGateway } from "../../between/gateway/gateway.js";
import type { GrpcRule } from "../../kinds/grpc/grpc-rule.js";
import { CallConnection } from "./connection.js";
import { newCallRules } from "./rules/call-rules.js";

export type GrpcGateway = RequestGateway<GrpcRule>;

/** Stands between one proxy and its upstream. Rejects with the system's error. */
export function openGrpcGateway({ listen, upstream, seed = 1 }: GatewayOptions): Promise<GrpcGateway> {
  const rules = newCallRules(seed);
  const gateway = new RequestGateway<GrpcRule>(
    upstream,
    rules,
    (client, to, number, host) => new CallConnection(client, to, number, host, rules),
  );
  return gateway.listen(listen);
}
