import dns, { type LookupAddress, type LookupOptions } from "node:dns";
import { BlockList, isIPv6, type LookupFunction } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** `localhost` and all below it, also with a dot at the end, as DNS names may have. */
export function isLocalhostName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return name === "localhost" || name.endsWith(".localhost");
}

/**
 * How sockets of this program look names up. `shop.localhost` and `localhost.` are this machine (RFC 6761, section
 * 6.3), whatever a name server says. Many systems ask a name server for both, and its answer could lead anywhere.
 */
export const lookupHost: LookupFunction = (host, options, callback) => {
  if (isLocalhostName(host)) lookupLocalhost(options, callback);
  else dns.lookup(host, options, callback);
};

/** The loopback addresses that this system has for "localhost". */
function lookupLocalhost(options: LookupOptions, callback: Parameters<LookupFunction>[2]): void {
  dns.lookup("localhost", { ...options, all: true }, (error, found) => {
    const own = error === null ? found.filter(isLoopbackAddress) : [];
    const addresses = own.length > 0 ? own : standardAddresses(options);
    if (options.all === true) callback(null, addresses);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  });
}

function isLoopbackAddress({ address }: LookupAddress): boolean {
  return loopback.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** For a system that does not know "localhost", or has another address for it. */
function standardAddresses({ family }: LookupOptions): LookupAddress[] {
  const v4 = { address: "127.0.0.1", family: 4 };
  const v6 = { address: "::1", family: 6 };
  if (family === 6 || family === "IPv6") return [v6];
  return family === 4 || family === "IPv4" ? [v4] : [v4, v6];
}
