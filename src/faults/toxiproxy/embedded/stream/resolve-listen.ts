import { lookup } from "node:dns/promises";
import { isIP, isIPv4 } from "node:net";
import type { Address } from "../../../../support/address.js";
import { AddressError, parseHostPort } from "../../client/toxiproxy-address.js";

/**
 * Finds the IP address to listen on, IPv4 before IPv6. An empty address is every interface and any port. @throws
 * AddressError.
 */
export async function resolveListen(address: string): Promise<Address> {
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
