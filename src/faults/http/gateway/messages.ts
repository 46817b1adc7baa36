/** What the thread of the gateways is told, and what it says. */

import type { UpstreamAddress } from "../../between/upstream-socket.js";
import type { ServerThreadData } from "../../server-thread.js";

export interface GatewayPlace {
  /** Of the proxy that it stands behind. */
  readonly proxy: string;
  readonly upstream: UpstreamAddress;
}

export interface GatewaysStart extends ServerThreadData {
  readonly places: readonly GatewayPlace[];
}

/** Questions, each answered by `answer` with the same `id`. */
export type Question = { readonly ask: "dials" };

export interface Asked {
  readonly id: number;
  readonly question: Question;
}

export interface Dials {
  readonly proxy: string;
  readonly dials: number;
  readonly refused: number;
}

export type FromGateways =
  /** host:port by proxy. */
  | { readonly kind: "listening"; readonly addresses: readonly (readonly [proxy: string, address: string])[] }
  | { readonly kind: "failed"; readonly message: string }
  /** A connection was lost to a limit of this process; the system's code for it. */
  | { readonly kind: "limit"; readonly code: string }
  | { readonly kind: "answer"; readonly id: number; readonly dials: readonly Dials[] };
