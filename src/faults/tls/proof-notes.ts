/** What the proof of a fault on TLS says of the handshakes with each proxy. */

import { countOf } from "../../support/count-of.js";
import { type NoteFacts, noteKind, type ProofNoteKind } from "../proof-note.js";
import { type HandshakeCounts, tellHandshakes } from "../tls-evidence.js";
import type { TlsFault } from "../tls-fault.js";

type OfProxy = {
  readonly proxy: string;
  /** HTTP is spoken in it, so that services may be told the proxy by its URL. */
  readonly isHttp: boolean;
};

const PROXY: OfProxy = { proxy: "payments", isHttp: true };

const HANDSHAKES: HandshakeCounts = {
  ...{ met: 12, alerts: { "certificate expired": 12 } },
  ...{ closed: 0, wentOn: 0, open: 0, notTls: 0, waitedMs: null },
};

function addressText({ proxy, isHttp }: OfProxy): string {
  return `\${proxies.${proxy}.${isHttp ? "url" : "listen"}}`;
}

export const proofNotes = {
  handshakes: noteKind<{
    readonly proxy: string;
    readonly fault: TlsFault;
    readonly handshakes: HandshakeCounts;
  }>({ proxy: "payments", fault: "expired", handshakes: HANDSHAKES }, tellHandshakes),
  no_tls: noteKind<OfProxy & { readonly connections: number }>(
    { ...PROXY, connections: 12 },
    ({ connections, ...of }) => {
      const question = of.isHttp
        ? `is the service's address set from ${addressText(of)}, which begins with https://?`
        : "is the service set to speak TLS there?";
      return `${countOf(connections, "connection")} to ${of.proxy} spoke no TLS: ${question}`;
    },
  ),
  no_handshake: noteKind<
    OfProxy & {
      /** In the whole run, while no such fault was in place. */
      readonly earlier: number;
    }
  >({ ...PROXY, earlier: 0 }, ({ earlier, ...of }) =>
    earlier === 0
      ? `no client ever began a TLS handshake with ${of.proxy}: is the service's address set from ${addressText(of)}?`
      : `${countOf(earlier, "handshake")} with ${of.proxy} before, none while the fault was on: does the load still reach what uses it?`,
  ),
} satisfies Readonly<Record<string, ProofNoteKind<NoteFacts>>>;
