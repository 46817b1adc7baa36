export const HTTP1 = "http/1.1";
export const HTTP2 = "h2";

const BY_PROTOCOL: Readonly<Record<string, readonly string[]>> = { http: [HTTP2, HTTP1], grpc: [HTTP2] };

/**
 * What a proxy that knows a protocol speaks above TLS, as ALPN has it: it offers that to the upstream, and agrees to that with
 * services. Some servers end a connection that offers nothing.
 * @returns null when it knows none.
 */
export function spokenAboveTls(protocol: string | undefined): readonly string[] | null {
  return protocol === undefined ? null : (BY_PROTOCOL[protocol] ?? null);
}
