import { isIP, isIPv6 } from "node:net";

export interface Address {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

/** "host:port" or "[::1]:port"; null for anything else. */
export function parseAddress(text: string): Address | null {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text);
  if (!match) return null;
  const port = Number(match[3]);
  if (port > 65_535 || (match[1] !== undefined && !isIPv6(match[1]))) return null;
  return { host: match[1] ?? match[2] ?? "", port };
}

/** Host of a URL without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

/** Names and addresses that never leave this machine. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  if (isIP(name) === 4) return name.startsWith("127.");
  if (!isIPv6(name)) return false;
  // The URL parser writes every spelling of an IPv6 address the same way, v4-mapped ones in hexadecimal.
  const normal = new URL(`http://[${name}]/`).hostname;
  return normal === "[::1]" || /^\[::ffff:7f[0-9a-f]{2}:/.test(normal);
}

/** Whether a host may be used: loopback, or named by the user. `*.example.com` allows what is below example.com. */
export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  if (isLoopback(host)) return true;
  const name = host.toLowerCase().replace(/\.$/, "");
  return allowed.some((entry) => {
    const pattern = entry.toLowerCase().replace(/^\[|\]$/g, "");
    return pattern.startsWith("*.") ? name.endsWith(pattern.slice(1)) : name === pattern;
  });
}
