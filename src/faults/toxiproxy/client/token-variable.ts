/** Environment variable with the token of a Toxiproxy server that asks for one (`faultline proxy --require-token`). */
export const PROXY_TOKEN_VARIABLE = "FAULTLINE_PROXY_TOKEN";

/** What Toxiproxy itself calls it since 2.13, on the server and in its clients. */
export const TOXIPROXY_TOKEN_VARIABLE = "TOXIPROXY_AUTH_TOKEN";

/**
 * Our own variable goes before Toxiproxy's.
 * @returns null when none is set; then none is sent.
 */
export function proxyTokenOf(env: Readonly<Record<string, string | undefined>>): string | null {
  return env[PROXY_TOKEN_VARIABLE] || toxiproxyTokenOf(env);
}

/** @returns null when it is not set, or empty. */
export function toxiproxyTokenOf(env: Readonly<Record<string, string | undefined>>): string | null {
  return env[TOXIPROXY_TOKEN_VARIABLE] || null;
}
