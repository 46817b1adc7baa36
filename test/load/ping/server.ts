import type { Socket } from "node:net";
import { ReturningServer } from "../../helpers/returning-server.js";

/** What is said to a text; null: nothing. */
export type Answerer = (text: string, socket: Socket) => string | null;

/** Answers lines over TCP, and knows the truth about them. */
export class PingServer extends ReturningServer {
  /** Texts of the lines that came. */
  readonly texts: string[] = [];
  bytes = 0;
  readonly #answer: Answerer;

  constructor(answer: Answerer) {
    super();
    this.#answer = answer;
  }

  get url(): string {
    return `ping://127.0.0.1:${this.port}`;
  }

  protected accept(socket: Socket): void {
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
