/** What other threads tell and ask the thread that ends TLS. */

import type { UpstreamAddress } from "../../between/upstream-socket.js";
import type { HandshakeCounts } from "../../tls-evidence.js";
import type { TlsFault } from "../../tls-fault.js";
import type { CertificatePair } from "../certificates/certificate.js";

/** A proxy whose clients speak TLS. */
export interface TerminatorPlace {
  readonly proxy: string;
  /** host:port that the bytes go to. */
  readonly upstream: UpstreamAddress;
  /** Its certificates, and those that its faults show. */
  readonly certificates: Readonly<Partial<Record<TlsFault | "good", CertificatePair>>>;
  /** The protocol that it agrees to above TLS (ALPN). null: whatever the client offers. */
  readonly alpn: readonly string[] | null;
  /** Of `alpn`, services are offered what this one agrees to. null: all of it. */
  readonly agreesWith: UpstreamAddress | null;
}

export interface PlaceCounts {
  /** Connections to the upstream since the last question, and how many it did not accept. */
  readonly dials: number;
  readonly refused: number;
  /** Handshakes of the whole run that met no fault. */
  readonly earlier: number;
  /** Handshakes that met the fault in place. null: none is in place. */
  readonly handshakes: HandshakeCounts | null;
}

/** The answer to each is what was counted before the question changed anything. */
export interface TerminatorQuestions {
  /** Puts these faults in place, by proxy. A proxy without an entry has none from now on. */
  readonly set: { readonly about: Readonly<Record<string, TlsFault>>; readonly answer: PlaceCounts };
  readonly counts: { readonly about: null; readonly answer: PlaceCounts };
}
