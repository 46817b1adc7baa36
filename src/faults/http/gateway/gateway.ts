import { type GatewayOptions, RequestGateway } from "../../between/gateway/gateway.js";
import type { HttpRule } from "../../http-rule.js";
import { Connection } from "./connection.js";
import { Heads } from "./message/heads.js";
import { newRules } from "./rules/rules.js";

export type HttpGateway = RequestGateway<HttpRule>;

/** Stands between one proxy and its upstream. Rejects with the system's error. */
export function openGateway({ listen, upstream, seed = 1 }: GatewayOptions): Promise<HttpGateway> {
  const rules = newRules(seed);
  const heads = new Heads();
  const gateway = new RequestGateway<HttpRule>(
    upstream,
    rules,
    (client, to, number, host) => new Connection(client, to, number, { host, rules, heads }),
  );
  return gateway.listen(listen);
}
