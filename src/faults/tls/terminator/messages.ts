/** What the thread that ends TLS is told, and what it says. */

import type { ServerThreadData } from "../../between/server-thread.js";
import type { UpstreamAddress } from "../../between/upstream-socket.js";
import type { HandshakeCounts } from "../../tls-evidence.js";
import type { TlsFault } from "../../tls-fault.js";
import type { CertificatePair } from "../certificates/certificate.js";

/** A proxy before which TLS ends. */
export interface TerminatorPlace {
  readonly proxy: string;
  /** Where the bytes go. */
  readonly upstream: UpstreamAddress;
  /** Its certificates, and those that its faults show. */
  readonly certificates: Readonly<Partial<Record<TlsFault | "good", CertificatePair>>>;
  /** What it agrees to speak above TLS; null: whatever the client does. */
  readonly alpn: readonly string[] | null;
}

export interface TerminatorsStart extends ServerThreadData {
  readonly places: readonly TerminatorPlace[];
}

/** Questions, each answered by `answer` with the same `id`. */
export type Question =
  /** By proxy; those that are not named have none from now on. */
  { readonly ask: "set"; readonly faults: Readonly<Record<string, TlsFault>> } | { readonly ask: "counts" };

export interface PlaceCounts {
  readonly proxy: string;
  /** Connections to the upstream since it was asked last, and those that it did not accept. */
  readonly dials: number;
  readonly refused: number;
  /** Handshakes without a fault, in the whole run. */
  readonly earlier: number;
  /** Of the fault that is in place; null: none is. */
  readonly handshakes: HandshakeCounts | null;
}

export type FromTerminators =
  /** host:port by proxy. */
  | { readonly kind: "listening"; readonly addresses: readonly (readonly [proxy: string, address: string])[] }
  | { readonly kind: "failed"; readonly message: string }
  /** A connection was lost to a limit of this process; the system's code for it. */
  | { readonly kind: "limit"; readonly code: string }
  | { readonly kind: "answer"; readonly id: number; readonly counts: readonly PlaceCounts[] };
