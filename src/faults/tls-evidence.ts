/** What the driver "tls" tells of the handshakes that met its faults. Records hold it as evidence. */

import { z } from "zod";
import { countOf } from "../support/count-of.js";
import { formatCount, formatMs } from "../support/format.js";
import type { TargetProof } from "./proof.js";
import { type CertificateFlaw, isCertificateFlaw, TLS, TLS_FAULTS } from "./tls-fault.js";

const handshakes = z.object({
  /** Clients that began one. */
  met: z.number(),
  /** Refused by the client, by the alert that it sent: "certificate expired" → 12. */
  alerts: z.record(z.string(), z.number()),
  /** Ended without an alert and without a byte of data. Some clients refuse a certificate so. */
  closed: z.number(),
  /** Clients that sent data all the same. */
  wentOn: z.number(),
  /** Neither refused nor used yet. */
  open: z.number(),
  /** Connections whose first bytes were no TLS. */
  notTls: z.number(),
  /** How long those that were `closed` had waited. null: there are none. */
  waitedMs: z.object({ least: z.number(), most: z.number() }).nullable(),
});

/** What became of handshakes with a fault in them. */
export type HandshakeCounts = Readonly<z.output<typeof handshakes>>;

const evidence = z.object({ fault: z.enum(TLS_FAULTS), handshakes });

/** What one fault did to the handshakes with one proxy. */
export interface TlsEvidence extends Readonly<z.output<typeof evidence>> {
  readonly proxy: string;
}

export function tlsTarget({ proxy, fault, handshakes }: TlsEvidence): TargetProof {
  return { driver: TLS, target: proxy, evidence: { fault, handshakes } };
}

/** @returns null when it is of another driver, or of a version that counts otherwise. */
export function tlsEvidenceOf({ driver, target, evidence: seen }: TargetProof): TlsEvidence | null {
  const read = driver === TLS ? evidence.safeParse(seen).data : undefined;
  return read ? { proxy: target, ...read } : null;
}

/** For after "met": the flaw of a certificate as a thing. */
export const FLAWED: Readonly<Record<CertificateFlaw, string>> = {
  expired: "expired certificate",
  "wrong-name": "certificate for another name",
  untrusted: "certificate from an unknown authority",
};

/** "12 handshakes with payments met the expired certificate: 12 refused it (certificate expired)". */
export function tellHandshakes({ proxy, fault, handshakes }: TlsEvidence): string {
  const { met, alerts, closed, open, wentOn, waitedMs } = handshakes;
  const count = countOf(met, "handshake");
  if (fault === "close") return `${count} with ${proxy} cut off`;
  if (!isCertificateFlaw(fault)) {
    const waited = waitedMs === null ? "" : ` after ${spanOf(waitedMs)}`;
    return [
      `${count} with ${proxy} not answered`,
      ...told(closed, `given up${waited}`),
      ...told(open, "still waiting"),
    ].join(", ");
  }
  const refused = Object.entries(alerts).toSorted(([, a], [, b]) => b - a);
  const parts = [
    ...refused.flatMap(([alert, n]) => told(n, `refused it (${alert})`)),
    ...told(closed, "closed the connection"),
    ...told(wentOn, "went on all the same"),
    ...told(open, "had sent nothing yet"),
  ];
  return `${count} with ${proxy} met the ${FLAWED[fault]}: ${parts.join(", ")}`;
}

function told(count: number, what: string): string[] {
  return count > 0 ? [`${formatCount(count)} ${what}`] : [];
}

function spanOf({ least, most }: { readonly least: number; readonly most: number }): string {
  const [from, to] = [formatMs(least), formatMs(most)];
  return from === to ? from : `${from} to ${to}`;
}
