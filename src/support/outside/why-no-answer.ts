/** Why nobody answered, in words that name no address: Node's own messages hold names and addresses. */
export function whyNoAnswer({ code = "", message }: NodeJS.ErrnoException): string {
  return (
    OF_CONNECTIONS[code] ?? ofTls(code, message) ?? `the connection failed${code === "" ? "" : ` (${code})`}`
  );
}

const UNKNOWN = "its host is not known";
const CLOSED = "the connection was closed before the answer was whole";

const OF_CONNECTIONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: UNKNOWN,
  EAI_AGAIN: UNKNOWN,
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  // Of unix sockets.
  ENOENT: "there is no such socket",
  EACCES: "this user may not use the socket",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

/** @returns null when it is about something else. */
function ofTls(code: string, message: string): string | null {
  if (/SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)/.test(code)) {
    return `its certificate is of an authority that is not trusted (${code})`;
  }
  if (/ALERT_(CERTIFICATE_REQUIRED|UNKNOWN_CA|BAD_CERTIFICATE|HANDSHAKE_FAILURE)/.test(code)) {
    return `it asks for a client's certificate, and refuses this one or none (${code})`;
  }
  return code === "ERR_SSL_WRONG_VERSION_NUMBER" || /wrong version number/i.test(message)
    ? "it speaks no TLS"
    : null;
}
