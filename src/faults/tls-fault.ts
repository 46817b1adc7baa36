/** The actions of the driver "tls": the kind makes them, the driver carries them out. */

import { z } from "zod";
import type { FaultAction } from "./fault-action.js";

export const TLS = "tls";

/** What is done to each new handshake: a certificate with a flaw, or no answer. */
export const TLS_FAULTS = ["expired", "wrong-name", "untrusted", "hang", "close"] as const;
export type TlsFault = (typeof TLS_FAULTS)[number];
export type CertificateFlaw = Exclude<TlsFault, "hang" | "close">;

const specSchema = z.object({ handshake: z.enum(TLS_FAULTS) });

export function tlsAction(target: string, handshake: TlsFault): FaultAction {
  return { kind: TLS, driver: TLS, target, spec: { handshake } };
}

/** @throws Error: a record may hold what this version does not know. */
export function tlsFaultOf({ spec }: FaultAction): TlsFault {
  return specSchema.parse(spec).handshake;
}

export function isCertificateFlaw(fault: TlsFault): fault is CertificateFlaw {
  return fault !== "hang" && fault !== "close";
}
