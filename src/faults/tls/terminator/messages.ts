/** What the thread that ends TLS is told and asked. */

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

export interface PlaceCounts {
  /** Connections to the upstream since it was asked last, and those that it did not accept. */
  readonly dials: number;
  readonly refused: number;
  /** Handshakes without a fault, in the whole run. */
  readonly earlier: number;
  /** Of the fault that is in place; null: none is. */
  readonly handshakes: HandshakeCounts | null;
}

/** Each is answered with what was counted before anything changes. */
export interface TerminatorQuestions {
  /** Puts these in place, by proxy; those that are not named have none from now on. */
  readonly set: { readonly about: Readonly<Record<string, TlsFault>>; readonly answer: PlaceCounts };
  readonly counts: { readonly about: null; readonly answer: PlaceCounts };
}
