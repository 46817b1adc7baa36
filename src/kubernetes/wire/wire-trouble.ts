import { whyNoAnswer } from "../../support/outside/why-no-answer.js";

/** There was no whole answer. The message names no address. */
export class WireTrouble extends Error {
  readonly id: "unreachable" | "untrusted" | "late" | "stopped";
  /** Whether the server may have got the request. */
  readonly maySent: boolean;

  constructor(id: WireTrouble["id"], message: string, maySent: boolean) {
    super(message);
    this.id = id;
    this.maySent = maySent;
  }
}

export function troubleOf(error: NodeJS.ErrnoException, maySent: boolean): WireTrouble {
  const isTls = /^(CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|ERR_TLS_|ERR_SSL_|ERR_OSSL)/.test(
    error.code ?? "",
  );
  return new WireTrouble(isTls ? "untrusted" : "unreachable", whyNoAnswer(error), maySent);
}
