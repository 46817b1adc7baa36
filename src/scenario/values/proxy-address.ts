/** Where a proxy listens or leads: host:port, or with what is spoken there in front: http://, https:// or tls://. */
export interface ProxyAddress {
  /** In small letters, without "://"; null: none is written. */
  readonly scheme: string | null;
  /** host:port; either may still be ${…}. */
  readonly address: string;
}

/** Of a URL without a port. */
const STANDARD_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };
/** TLS without HTTP in it. */
export const BARE_TLS = "tls";

/** null: host:port alone. */
export function isKnownScheme(scheme: string | null): boolean {
  return scheme === null || scheme === BARE_TLS || Object.hasOwn(STANDARD_PORTS, scheme);
}

/** What stands before a proxy's address in messages. */
export function schemeShown(protocol: string | undefined, isTls: boolean): string {
  if (protocol === undefined) return isTls ? `${BARE_TLS}://` : "";
  return isTls ? "https://" : "http://";
}

/** Takes a proxy's address apart; what follows a host (a path) stays with it, and makes it no address. */
export function splitProxyAddress(text: string): ProxyAddress {
  const [, scheme, rest = text] = /^(?:([A-Za-z][\w+.-]*):\/\/)?(.*)$/s.exec(text) ?? [];
  if (scheme === undefined) return { scheme: null, address: text };
  const address = rest.replace(/\/$/, "");
  const port = STANDARD_PORTS[scheme.toLowerCase()];
  const hasPort = /:(\d+|\$\{[^}]*\})$/.test(address.replace(/^\[[^\]]*\]/, "")) || address.endsWith("}");
  return {
    scheme: scheme.toLowerCase(),
    address: hasPort || port === undefined || /[/?#]/.test(address) ? address : `${address}:${port}`,
  };
}

/** Which sides of a proxy speak TLS. Services find what the upstream speaks, unless `listen` says otherwise. */
export function tlsSides({ listen, upstream }: { readonly listen: string; readonly upstream: string }): {
  readonly services: boolean;
  readonly upstream: boolean;
} {
  const isTls = isOverTls(splitProxyAddress(upstream).scheme);
  const { scheme } = splitProxyAddress(listen);
  return { services: scheme === null ? isTls : isOverTls(scheme), upstream: isTls };
}

function isOverTls(scheme: string | null): boolean {
  return scheme === "https" || scheme === BARE_TLS;
}
