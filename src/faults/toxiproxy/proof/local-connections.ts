/**
 * Who is connected to a proxy, as this machine's kernel sees it (Linux). A Toxiproxy server does not count connections.
 */

import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { withDeadline } from "../../../support/clock.js";
import { parseHostPort } from "../client/toxiproxy-address.js";

/** proc(5): sl local_address rem_address st …; addresses are in hexadecimal, state 01 is ESTABLISHED. */
const SOCKET = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) 01 /gm;
const LOOKUP_MS = 500;
/**
 * Addresses of names. Each name is asked for once, even without an answer: a look must not load the name server, nor
 * wait for it, nor use up the few threads that Node asks it with.
 */
const asked = new Map<string, Promise<ReadonlySet<string>>>();

/** A side of a connection. */
export interface ConnectionSide {
  readonly address: string;
  readonly port: number;
}

/**
 * Clients connected to `listen` at this moment, as their "address:port". Both ends of a connection within this machine
 * are seen, and have the same client. An empty set: clients may be on another machine or in a container. null: this
 * system does not say, or the name of `listen` cannot be resolved.
 */
export async function clientsNow(listen: string): Promise<ReadonlySet<string> | null> {
  const read = (name: string) => readFile(`/proc/net/${name}`, "utf8").catch(() => null);
  try {
    const tables = (await Promise.all([read("tcp"), read("tcp6")])).filter((table) => table !== null);
    return tables.length === 0 ? null : await clientsIn(tables.join("\n"), listen);
  } catch {
    return null;
  }
}

/** @param table /proc/net/tcp and tcp6. Rejects when the name of `listen` cannot be resolved. */
export async function clientsIn(table: string, listen: string): Promise<ReadonlySet<string>> {
  const { port } = parseHostPort(listen);
  const clientOf = await clientsOf(listen);
  const clients = new Set<string>();
  for (const [, local = "", localPort = "", remote = "", remotePort = ""] of table.matchAll(SOCKET)) {
    // Most of a table is about other ports, and reading an address takes longer than reading a port.
    if (Number.parseInt(localPort, 16) !== port && Number.parseInt(remotePort, 16) !== port) continue;
    const client = clientOf(endpoint(local, localPort), endpoint(remote, remotePort));
    if (client !== null) clients.add(client);
  }
  return clients;
}

/** Tells the client of a connection to `listen`, whichever end is this one. @returns null when it leads elsewhere. */
export async function clientsOf(
  listen: string,
): Promise<(local: ConnectionSide, remote: ConnectionSide) => string | null> {
  const { host, port } = parseHostPort(listen);
  const addresses = await addressesOf(host);
  const isProxy = (end: ConnectionSide) => end.port === port && addresses.has(end.address);
  return (local, remote) => {
    const client = isProxy(remote) ? local : isProxy(local) ? remote : null;
    return client && `${client.address}:${client.port}`;
  };
}

function endpoint(address: string, port: string): ConnectionSide {
  return { address: fromHex(address), port: Number.parseInt(port, 16) };
}

/** Addresses that a client may have connected to. For "every interface": all addresses of this machine. */
async function addressesOf(host: string): Promise<ReadonlySet<string>> {
  if (host === "" || host === "0.0.0.0" || /^[0:]+$/.test(host)) {
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    return new Set(["127.0.0.1", "::1", ...own.map(({ address }) => address)]);
  }
  if (isIP(host) !== 0) return new Set([host]);
  const addresses = asked.get(host) ?? resolve(host);
  asked.set(host, addresses);
  return addresses;
}

async function resolve(host: string): Promise<ReadonlySet<string>> {
  const late = () => new Error(`${host} was not resolved in time`);
  const found = await withDeadline(lookup(host, { all: true }), LOOKUP_MS, late);
  return new Set(found.map(({ address }) => address));
}

/** Words of four bytes, each in the order of a little-endian machine. IPv4 within IPv6 counts as IPv4. */
function fromHex(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    [6, 4, 2, 0].map((at) => Number.parseInt(word.slice(at, at + 2), 16)),
  );
  if (bytes.length === 4) return bytes.join(".");
  if (/^0{16}FFFF0000/.test(hex)) return bytes.slice(12).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! * 256 + bytes[2 * i + 1]!).toString(16));
  // As Node writes addresses: the first longest run of zeros is left out.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
