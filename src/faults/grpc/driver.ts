import { GatewayDriver } from "../between/gateway/gateway-driver.js";
import type { FaultDriver } from "../fault-driver.js";
import { GRPC, grpcRuleOf } from "../kinds/grpc/grpc-rule.js";
import { callWords } from "./call-words.js";

/** Faults on calls of gRPC. */
export const driver = (): FaultDriver =>
  new GatewayDriver({
    protocol: GRPC,
    name: "the gRPC gateway",
    file: new URL("./gateway/worker.js", import.meta.url),
    ruleOf: grpcRuleOf,
    words: callWords,
  });
