import { lookup } from "node:dns/promises";
import { isIP, isIPv4 } from "node:net";

export interface HostPort {
  /** Empty: every interface. */
  readonly host: string;
  readonly port: number;
}

/** An address that cannot be used; the message names it. */
export class AddressError extends Error {}

/** Takes "host:port" apart; IPv6 in brackets, as everywhere. Throws AddressError. */
export function parseHostPort(address: string): HostPort {
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(address);
  if (!match) throw new AddressError(`address ${address}: ${whyNot(address)}`);
  const [, bracketed, plain, portText = ""] = match;
  const port = portText === "" ? 0 : Number(portText);
  if (!/^\d*$/.test(portText) || port > 65_535) throw new AddressError(`address ${portText}: invalid port`);
  return { host: bracketed ?? plain ?? "", port };
}

function whyNot(address: string): string {
  if (address.startsWith("["))
    return address.includes("]") ? "missing port in address" : "missing ']' in address";
  return address.includes(":") ? "too many colons in address" : "missing port in address";
}

/** As `host:port`, IPv6 in brackets. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Finds the IP address to listen on, IPv4 before IPv6. An empty address is every interface and any port. */
export async function resolveListen(address: string): Promise<HostPort> {
  const { host, port } = address === "" ? { host: "", port: 0 } : parseHostPort(address);
  if (host === "" || isIP(host) !== 0) return { host, port };
  try {
    const found = await lookup(host, { all: true });
    const best = found.find((each) => isIPv4(each.address)) ?? found[0];
    if (best) return { host: best.address, port };
  } catch {
    // said below
  }
  throw new AddressError(`lookup ${host}: no such host`);
}
