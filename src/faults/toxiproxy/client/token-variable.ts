/** Environment variable with the token of a Toxiproxy server that asks for one (`faultline proxy --require-token`). */
export const PROXY_TOKEN_VARIABLE = "FAULTLINE_PROXY_TOKEN";

/** @returns null when none is set; then none is sent. */
export function proxyTokenOf(env: Readonly<Record<string, string | undefined>>): string | null {
  return env[PROXY_TOKEN_VARIABLE] || null;
}
