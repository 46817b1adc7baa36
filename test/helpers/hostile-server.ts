import { createServer, type Server, type Socket } from "node:net";

/** A TCP server that says what it likes, and knows the truth about it. */
export interface HostileServer {
  readonly url: string;
  readonly port: number;
  /** Whole request heads that arrived. */
  readonly requests: number;
  readonly connections: number;
  readonly openSockets: number;
  /** Closes the listener and all connections. */
  down(): Promise<void>;
  /** Listens again on the same port. */
  up(): Promise<void>;
}

export interface Behaviour {
  /** Called for each whole request head; `nth` counts from 1 over all connections, `onSocket` on this one. */
  readonly onRequest: (socket: Socket, nth: number, onSocket: number, path: string) => void;
  readonly onConnection?: (socket: Socket) => void;
}

export async function startHostileServer(behaviour: Behaviour): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  let requests = 0;
  let connections = 0;
  let server: Server | null = null;
  let port = 0;
  const accept = (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // Clients that go away are part of the game.
    socket.on("error", () => {});
    behaviour.onConnection?.(socket);
    let head = "";
    let onSocket = 0;
    socket.on("data", (chunk) => {
      head += chunk.toString("latin1");
      for (let end = head.indexOf("\r\n\r\n"); end >= 0; end = head.indexOf("\r\n\r\n")) {
        const [, path = ""] = head.split(" ", 2);
        head = head.slice(end + 4);
        requests++;
        onSocket++;
        behaviour.onRequest(socket, requests, onSocket, path);
      }
    });
  };
  const up = async () => {
    const listening = createServer({ noDelay: true }, accept);
    server = listening;
    await new Promise<void>((resolve, reject) => {
      listening.once("error", reject);
      listening.listen(port, "127.0.0.1", resolve);
    });
    const address = listening.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    port = address.port;
  };
  const down = async () => {
    const closing = server;
    server = null;
    if (closing === null) return;
    const closed = new Promise((resolve) => closing.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await up();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get requests() {
      return requests;
    },
    get connections() {
      return connections;
    },
    get openSockets() {
      return sockets.size;
    },
    down,
    up,
  };
}

/** An ordinary answer. */
export function ok(body = "hello"): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
