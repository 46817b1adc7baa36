/** What the errors of a server's handshakes say about their clients. */

/**
 * The alert by which a client ended a handshake, as RFC 8446 (section 6.2) calls it: "certificate expired".
 * @returns null when it sent none.
 */
export function alertName(error: unknown): string | null {
  // OpenSSL says "sslv3 alert certificate expired", "tlsv1 alert unknown ca" or "ssl/tls alert bad certificate".
  return /\balert (.+)$/.exec(reasonOf(error))?.[1] ?? null;
}

/** Whether the first bytes were no TLS, such as a request of plain HTTP. */
export function isNoTls(error: unknown): boolean {
  return ["http request", "wrong version number", "https proxy request", "packet length too long"].includes(
    reasonOf(error),
  );
}

/** In OpenSSL's words. */
function reasonOf(error: unknown): string {
  return error instanceof Error && "reason" in error && typeof error.reason === "string" ? error.reason : "";
}
