import { choice } from "../../quantities/schema.js";
import { faultKind } from "../fault-kind.js";
import { TLS, TLS_FAULTS, type TlsFault, tlsAction, tlsFaultOf } from "../tls-fault.js";

export const tls = faultKind({
  name: TLS,
  driver: TLS,
  keys: {
    tls: choice(TLS_FAULTS)
      .meta({
        description:
          "What clients meet that connect over TLS: a certificate that has expired, is for another name or of an authority that nobody trusts (untrusted), no answer to their handshake (hang), or a closed connection (close). Connections that are open are closed as it begins.",
        samples: ["expired"],
      })
      .optional(),
  },
  modifiers: [],
  slots: () => ["TLS handshake"],
  lacking: ({ name, protocol, servesTls }) =>
    servesTls
      ? null
      : {
          message: `\`tls\` is a fault of TLS handshakes, and services connect to \`${name}\` without TLS`,
          help: `At the proxy \`${name}\` write upstream: "${protocol === null ? "tls" : "https"}://HOST:PORT"; or listen: "${protocol === null ? "tls" : "https"}://127.0.0.1:PORT" where the upstream itself speaks no TLS.`,
        },
  actions: ({ tls }, { target }) => (tls === undefined ? [] : [tlsAction(target, tls)]),
  describe: (actions) => actions.map((action) => DESCRIBED[tlsFaultOf(action)](action.target)).join(", "),
});

const DESCRIBED: Readonly<Record<TlsFault, (proxy: string) => string>> = {
  expired: (proxy) => `certificate of ${proxy} expired`,
  "wrong-name": (proxy) => `certificate of ${proxy} for another name`,
  untrusted: (proxy) => `certificate of ${proxy} from an unknown authority`,
  hang: (proxy) => `TLS handshakes with ${proxy} not answered`,
  close: (proxy) => `TLS handshakes with ${proxy} cut off`,
};
