/** Where a proxy listens or leads: host:port, or with `protocol: http` a URL that says whether TLS is spoken there. */
export interface ProxyAddress {
  /** In small letters, without "://"; null: none is written. */
  readonly scheme: string | null;
  /** host:port; either may still be ${…}. */
  readonly address: string;
}

/** Of a URL without a port. */
const STANDARD_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** null: host:port alone. */
export function isKnownScheme(scheme: string | null): boolean {
  return scheme === null || Object.hasOwn(STANDARD_PORTS, scheme);
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
  const isTls = splitProxyAddress(upstream).scheme === "https";
  const { scheme } = splitProxyAddress(listen);
  return { services: scheme === null ? isTls : scheme === "https", upstream: isTls };
}
