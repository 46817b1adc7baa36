/**
 * Connections to a proxy as this machine's kernel sees them (Linux): a Toxiproxy server does not count connections, and
 * bytes only once a connection has closed, so that pooled ones never show there.
 */

import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { monotonicMs, sleep } from "../support/clock.js";
import { parseHostPort } from "./toxiproxy-address.js";

/** proc(5): sl local_address rem_address st …; addresses are in hexadecimal, state 01 is ESTABLISHED. */
const SOCKET = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) 01 /gm;
/** Clients without a pool are connected for moments only; within this time one of them is seen. */
const WATCH_MS = 500;
const LOOK_MS = 10;

/**
 * How many are open to `listen`, by either end, whichever is here; 0: none was seen within half a second (the clients
 * may be on another machine or in a container). null: this system does not say.
 */
export async function connectionsTo(listen: string): Promise<number | null> {
  const until = monotonicMs() + WATCH_MS;
  for (;;) {
    const seen = await connectionsNow(listen);
    if (seen !== 0 || monotonicMs() >= until) return seen;
    await sleep(LOOK_MS);
  }
}

/** The same at this moment. */
export async function connectionsNow(listen: string): Promise<number | null> {
  const read = (name: string) => readFile(`/proc/net/${name}`, "utf8").catch(() => null);
  const tables = (await Promise.all([read("tcp"), read("tcp6")])).filter((table) => table !== null);
  return tables.length === 0 ? null : countIn(tables.join("\n"), listen);
}

/** @param table /proc/net/tcp and tcp6. */
export function countIn(table: string, listen: string): number {
  const { host, port } = parseHostPort(listen);
  const addresses = addressesOf(host);
  let outgoing = 0;
  let incoming = 0;
  for (const [, local = "", localPort = "", remote = "", remotePort = ""] of table.matchAll(SOCKET)) {
    if (Number.parseInt(remotePort, 16) === port && addresses.has(addressOf(remote))) outgoing++;
    if (Number.parseInt(localPort, 16) === port && addresses.has(addressOf(local))) incoming++;
  }
  return Math.max(outgoing, incoming);
}

/** What a client may have connected to; for a name or "every interface" all addresses of this machine. */
function addressesOf(host: string): ReadonlySet<string> {
  const isOne = isIP(host) !== 0 && host !== "0.0.0.0" && !/^[0:]+$/.test(host);
  if (isOne) return new Set([host]);
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return new Set(["127.0.0.1", "::1", ...own.map(({ address }) => address)]);
}

/** Words of four bytes, each in the order of a little-endian machine; IPv4 within IPv6 counts as IPv4. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    [6, 4, 2, 0].map((at) => Number.parseInt(word.slice(at, at + 2), 16)),
  );
  if (bytes.length === 4) return bytes.join(".");
  if (/^0{16}FFFF0000/.test(hex)) return bytes.slice(12).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! * 256 + bytes[2 * i + 1]!).toString(16));
  // As Node writes addresses: the first longest run of zeros is left out.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
