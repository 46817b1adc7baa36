/** Bytes on the open connections to a proxy, if `ss` (iproute2, Linux) is installed. No file of /proc has them. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { parseHostPort } from "../client/toxiproxy-address.js";
import { type ConnectionSide, clientsOf } from "./local-connections.js";

const DEADLINE_MS = 1_000;
/** Enough for some ten thousand connections. */
const LARGEST_OUTPUT_BYTES = 16 * 1024 * 1024;

/** ss -tinHO: State Recv-Q Send-Q Local:Port Peer:Port, then what the kernel knows of the connection. */
const SOCKET = /^ESTAB\s+\d+\s+\d+\s+(\S+):(\d+)\s+(\S+):(\d+)\s(.*)$/gm;

/**
 * Bytes sent and received in all by each client that is connected now, by the client's "address:port". Resolves with
 * null when this machine does not say.
 */
export async function socketBytes(listen: string): Promise<ReadonlyMap<string, number> | null> {
  const options = { timeout: DEADLINE_MS, maxBuffer: LARGEST_OUTPUT_BYTES };
  try {
    const { port } = parseHostPort(listen);
    const filter = `( sport = :${port} or dport = :${port} )`;
    const { stdout } = await promisify(execFile)("ss", ["-tinHO", filter], options);
    return await bytesIn(stdout, listen);
  } catch {
    return null;
  }
}

/** @param output of ss. Rejects when the name of `listen` cannot be resolved. */
export async function bytesIn(output: string, listen: string): Promise<ReadonlyMap<string, number>> {
  const clientOf = await clientsOf(listen);
  const bytes = new Map<string, number>();
  for (const [, local = "", localPort = "", peer = "", peerPort = "", info = ""] of output.matchAll(SOCKET)) {
    const client = clientOf(endpoint(local, localPort), endpoint(peer, peerPort));
    if (client === null) continue;
    // Both ends of one connection are listed. The one that was asked later knows more.
    bytes.set(
      client,
      Math.max(bytes.get(client) ?? 0, counted(info, "bytes_sent") + counted(info, "bytes_received")),
    );
  }
  return bytes;
}

/** Counts that are 0 are left out. */
function counted(info: string, name: string): number {
  return Number(new RegExp(`\\b${name}:(\\d+)`).exec(info)?.[1] ?? 0);
}

/** IPv6 in brackets. IPv4 within it counts as IPv4, and an interface is left out. */
function endpoint(address: string, port: string): ConnectionSide {
  const bare = address.replace(/^\[(.*)\]$/, "$1").replace(/%.*$/, "");
  return { address: bare.replace(/^::ffff:(?=\d+\.)/, ""), port: Number(port) };
}
