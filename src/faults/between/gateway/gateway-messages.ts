/** What a thread of gateways is told and asked. */

import type { PlacesStart } from "../place-messages.js";
import type { RuleTally } from "../rules/rule.js";
import type { TakenTraffic } from "../traffic/traffic-log.js";
import type { UpstreamAddress } from "../upstream-socket.js";
import type { GatewayCounters, SeenByRules } from "./gateway.js";

export interface GatewayPlace {
  /** Of the proxy that it stands behind. */
  readonly proxy: string;
  readonly upstream: UpstreamAddress;
}

export interface GatewaysStart extends PlacesStart<GatewayPlace> {
  readonly seed: number;
}

/** Rules of each proxy. One that is not named has none. */
export type RulesByProxy<Spec> = Readonly<Record<string, readonly Spec[]>>;

/** What is asked of every gateway, and what each answers. */
export interface GatewayQuestions<Spec> {
  /** Puts these in place of those that are there; answers with what those that are gone have come to. */
  readonly setRules: { readonly about: RulesByProxy<Spec>; readonly answer: readonly RuleTally<Spec>[] };
  /** What was seen since rules came in place. */
  readonly seen: { readonly about: null; readonly answer: SeenByRules<Spec> };
  readonly counters: { readonly about: null; readonly answer: GatewayCounters };
  /** Connections to the upstream since it was asked last. */
  readonly takeDials: {
    readonly about: null;
    readonly answer: { readonly dials: number; readonly refused: number };
  };
  /** Since it was asked last. */
  readonly takeTraffic: { readonly about: null; readonly answer: TakenTraffic };
}
