import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { CLOSED_IDLE } from "../../measure/outcome.js";
import { isLimitCode } from "../../support/system-limits.js";
import type { Failure } from "../channel.js";

/**
 * What the end of a connection means for the request on it.
 * @param crossed the end must have been under way before the request could get there.
 */
export function describeEnd(
  error: Error | null,
  wasOpen: boolean,
  bytesRead: number,
  secure: boolean,
  crossed: boolean,
): Failure {
  const code = error === null ? null : codeOf(error);
  if (code !== null && isLimitCode(code)) return { kind: "generator", reason: code };
  const isEnd = error === null || code === "ECONNRESET" || code === "EPIPE";
  if (crossed && wasOpen && isEnd && bytesRead === 0) return { kind: "reset", reason: CLOSED_IDLE };
  if (error === null) {
    if (!wasOpen)
      return { kind: "reset", reason: secure ? "closed in the TLS handshake" : "closed while connecting" };
    return {
      kind: "reset",
      reason: bytesRead === 0 ? "closed without answer" : "closed before the whole answer",
    };
  }
  if (isTlsError(error, code))
    return { kind: wasOpen ? "reset" : "refused", reason: `TLS: ${tlsText(error, code)}` };
  const reason = code ?? error.message;
  // While connecting, a reset can only come from a peer that had accepted (a TLS handshake that was cut off).
  if (!wasOpen && code !== "ECONNRESET" && code !== "EPIPE") return { kind: "refused", reason };
  return { kind: "reset", reason: bytesRead === 0 ? reason : `${reason} within the answer` };
}

/** Why a TLS peer is not to be trusted. autocannon itself never asks. @returns null when the peer is trusted. */
export function tlsProblem(socket: Socket): string | null {
  if (!(socket instanceof TLSSocket) || socket.authorized) return null;
  const error: unknown = socket.authorizationError;
  const code = error instanceof Error ? (codeOf(error) ?? error.message) : String(error);
  return TLS_TEXTS[code] ?? code;
}

const TLS_TEXTS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "self-signed certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "self-signed certificate in the chain",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate of an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate of an unknown authority",
  CERT_HAS_EXPIRED: "certificate has expired",
  CERT_NOT_YET_VALID: "certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate is for another host",
};

function codeOf(error: Error): string | null {
  // Several addresses were tried, as for localhost. The last error is what ended it. Where the generator had run out of
  // something, the other errors say nothing.
  if (error instanceof AggregateError && error.errors.length > 0) {
    const codes = error.errors.map((one: unknown) => (one instanceof Error ? codeOf(one) : null));
    return codes.find((code) => code !== null && isLimitCode(code)) ?? codes.at(-1) ?? null;
  }
  return "code" in error && typeof error.code === "string" ? error.code : null;
}

function isTlsError(error: Error, code: string | null): boolean {
  return (
    code !== null &&
    (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_") || code === "EPROTO" || "library" in error)
  );
}

function tlsText(error: Error, code: string | null): string {
  const text = code
    ?.replace(/^ERR_(SSL|TLS)_/, "")
    .toLowerCase()
    .replaceAll("_", " ");
  return text && code !== "EPROTO"
    ? text
    : "reason" in error && typeof error.reason === "string"
      ? error.reason
      : error.message;
}
