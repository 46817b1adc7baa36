import { type Address, splitAddress } from "../../../support/address.js";

/** An address that cannot be used. The message names it, in Toxiproxy's words. */
export class AddressError extends Error {}

/**
 * Takes "host:port" apart as Toxiproxy does: an empty host is every interface, an empty port is 0. @throws
 * AddressError.
 */
export function parseHostPort(address: string): Address {
  const parts = splitAddress(address);
  if (!parts) throw new AddressError(`address ${address}: ${whyNot(address)}`);
  if (/[^\d+-]/.test(parts.port)) throw new AddressError(`lookup tcp/${parts.port}: unknown port`);
  const port = Number(parts.port);
  if (!/^\d*$/.test(parts.port) || port > 65_535)
    throw new AddressError(`address ${parts.port}: invalid port`);
  return { host: parts.host, port };
}

function whyNot(address: string): string {
  if (address.startsWith("["))
    return address.includes("]") ? "missing port in address" : "missing ']' in address";
  return address.includes(":") ? "too many colons in address" : "missing port in address";
}
