import { isIPv4, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { type Address, bareHost, splitAddress } from "./address.js";
import { isLocalhostName } from "./lookup-host.js";

export const HIGHEST_PORT = 65_535;

/** Node compiles its long pattern for IPv6 at the first call, which takes milliseconds. Only a host with a colon needs it. */
function isV6(host: string): boolean {
  return host.includes(":") && isIPv6(host);
}

function isAddress(host: string): boolean {
  return isIPv4(host) || isV6(host);
}

/** Reads "host:port" or "[::1]:port". @returns null for anything else. */
export function parseAddress(text: string): Address | null {
  const parts = splitAddress(text);
  if (!parts || !/^\d{1,5}$/.test(parts.port)) return null;
  const { host, isBracketed } = parts;
  const port = Number(parts.port);
  // An IPv6 zone ("%eth0") has no place in a URL.
  const isHost = isBracketed ? isV6(host) && !host.includes("%") : /^[A-Za-z0-9._-]+$/.test(host);
  return isHost && port <= HIGHEST_PORT ? { host, port } : null;
}

/** The port of a URL or of host:port that is above the highest port. @returns null for any other text. */
export function portTooHigh(text: string): number | null {
  const [, digits] = /^(?:[A-Za-z][\w+.-]*:\/\/)?[^/?#]*:(\d+)(?:[/?#]|$)/.exec(text) ?? [];
  return digits !== undefined && Number(digits) > HIGHEST_PORT ? Number(digits) : null;
}

/** Host of a URL without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return bareHost(url.hostname);
}

/** Names and addresses that never leave this machine. */
export function isLoopback(host: string): boolean {
  if (isLocalhostName(host)) return true;
  const name = host.toLowerCase().replace(/\.$/, "");
  if (isIPv4(name)) return name.startsWith("127.");
  if (!isV6(name)) return false;
  // The URL parser writes every spelling of an IPv6 address the same way, v4-mapped ones in hexadecimal.
  const normal = new URL(`http://[${name}]/`).hostname;
  return normal === "[::1]" || /^\[::ffff:7f[0-9a-f]{2}:/.test(normal);
}

/** An address of one of this machine's interfaces: its own in the network, or that of a bridge to containers. */
export function isOwnAddress(host: string): boolean {
  if (!isAddress(host)) return false;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.some(({ address }) => canonical(address) === canonical(host));
}

/** Every interface of this machine at once. */
export function isWildcard(host: string): boolean {
  return isAddress(host) && ["0.0.0.0", "[::]", "[::ffff:0:0]"].includes(canonical(host));
}

/** One spelling for each IP address. */
function canonical(address: string): string {
  return isV6(address) && !address.includes("%") ? new URL(`http://[${address}]/`).hostname : address;
}

/**
 * Whether a host may be used: it is this machine, or the user named it. `*.example.com` allows what is below
 * example.com.
 */
export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  if (isLoopback(host) || isOwnAddress(host)) return true;
  const name = host.toLowerCase().replace(/\.$/, "");
  return allowed.some((entry) => {
    const pattern = bareHost(entry.toLowerCase());
    return pattern.startsWith("*.") ? name.endsWith(pattern.slice(1)) : name === pattern;
  });
}

/** A loopback address goes by several names. */
export function isSameListener(one: Address | null, other: Address): boolean {
  if (one?.port !== other.port) return false;
  return one.host === other.host || (isLoopback(one.host) && isLoopback(other.host));
}
