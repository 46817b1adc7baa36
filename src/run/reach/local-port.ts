import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type ListenOptions, type Server } from "node:net";

/** Handed out by this process and perhaps not bound yet. */
const given = new Set<number>();

/**
 * A TCP port on loopback that nothing listens on, and that no other run on this machine has picked. (The second part is
 * Linux only: until a service binds the port, nothing else would tell.) The port lies outside the range from which the
 * system takes ports of outgoing connections. So the load's own connections cannot take it before a service binds it.
 */
export async function pickFreePort(): Promise<number> {
  const { from, to } = portRange();
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(from, to);
    if (given.has(port) || !(await canBind(port)) || !(await reserve(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free TCP port found between ${from} and ${to}`);
}

/** 15,000 ports or more beside the system's own range for outgoing connections. `to` is exclusive. */
function portRange(): { readonly from: number; readonly to: number } {
  const [low, high] = ephemeralRange();
  if (low - 10_000 >= 15_000) return { from: Math.max(10_000, low - 20_000), to: low };
  if (65_536 - (high + 1) >= 15_000) return { from: high + 1, to: 65_536 };
  return { from: 10_000, to: 65_536 };
}

function ephemeralRange(): readonly [number, number] {
  try {
    const [low, high] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
      .split(/\s+/)
      .map(Number);
    if (low && high) return [low, high];
  } catch {
    // Not Linux.
  }
  // IANA's range, which macOS uses.
  return [49_152, 65_535];
}

/**
 * Reserves a port with an abstract unix socket (unix(7)), which ends with its process. Resolves with false when another
 * process has it.
 */
export async function reserve(port: number): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const held = createServer().unref();
  return (await listening(held, { path: `\0faultline-port-${port}` })) !== "EADDRINUSE";
}

/** On loopback. A listener on every interface is in the way there, too. */
export async function canBind(port: number): Promise<boolean> {
  return (
    (await bindOnce("127.0.0.1", port)) !== "EADDRINUSE" && (await bindOnce("::1", port)) !== "EADDRINUSE"
  );
}

/** Resolves with the error's code, or with null when the port could be bound (and is free again). */
async function bindOnce(host: string, port: number): Promise<string | null> {
  const server = createServer();
  const code = await listening(server, { host, port });
  if (code === null) await new Promise((resolve) => server.close(resolve));
  return code;
}

/** Resolves with the error's code, or with null when the server listens. */
function listening(server: Server, options: ListenOptions): Promise<string | null> {
  return new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
    server.listen({ ...options, exclusive: true }, () => resolve(null));
  });
}
