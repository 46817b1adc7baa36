import { createServer, type Server, type Socket } from "node:net";

/** Answers lines over TCP, and knows the truth about them. */
export class PingServer {
  /** Lines that came, all of them whole. */
  readonly lines: string[] = [];
  connections = 0;
  readonly #answer: (line: string, socket: Socket) => void;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;

  constructor(answer: (line: string, socket: Socket) => void) {
    this.#answer = answer;
  }

  get url(): string {
    return `ping://127.0.0.1:${this.#port}`;
  }

  /** Listens; on the same port as before, if it has done so before. */
  async up(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#server = server;
    const address = server.address();
    if (address !== null && typeof address === "object") this.#port = address.port;
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // Clients that go away are part of the game.
    socket.on("error", () => {});
    let unread = "";
    socket.on("data", (chunk) => {
      const parts = (unread + chunk.toString()).split("\n");
      unread = parts.pop() ?? "";
      for (const line of parts) {
        this.lines.push(line);
        this.#answer(line, socket);
      }
    });
  }
}
