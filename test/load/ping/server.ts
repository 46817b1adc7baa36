import { createServer, type Server, type Socket } from "node:net";

/** What is said to a text; null: nothing. */
export type Answerer = (text: string, socket: Socket) => string | null;

/** Answers lines over TCP, and knows the truth about them. */
export class PingServer {
  /** Texts of the lines that came. */
  readonly texts: string[] = [];
  connections = 0;
  bytes = 0;
  readonly #answer: Answerer;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;

  constructor(answer: Answerer) {
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
      this.bytes += chunk.length;
      const parts = (unread + chunk.toString()).split("\n");
      unread = parts.pop() ?? "";
      for (const line of parts) {
        const [number = "", text = ""] = line.split(" ");
        this.texts.push(text);
        const answer = this.#answer(text, socket);
        if (answer !== null) socket.write(`${number} ${answer}\n`);
      }
    });
  }
}
