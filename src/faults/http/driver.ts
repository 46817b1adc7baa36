import { GatewayDriver } from "../between/gateway/gateway-driver.js";
import type { FaultDriver } from "../fault-driver.js";
import { HTTP, httpRuleOf } from "../http-rule.js";
import { ruleWords } from "./rule-words.js";

/** Faults on requests of HTTP/1. */
export const driver = (): FaultDriver =>
  new GatewayDriver({
    protocol: HTTP,
    name: "the HTTP gateway",
    file: new URL("./gateway/worker.js", import.meta.url),
    ruleOf: httpRuleOf,
    words: ruleWords,
  });
