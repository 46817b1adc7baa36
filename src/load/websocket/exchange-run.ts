import { DEGRADED } from "../compiled-request.js";
import type { Ticket } from "../mix/ticket.js";
import type { CompiledMessage } from "./compiled-message.js";
import type { WebSocketConnection } from "./connection/websocket-connection.js";
import type { ExchangeAnswer, MessageExchange } from "./exchange.js";
import { SWITCHED } from "./opening-request.js";

type Awaited = Extract<CompiledMessage, { readonly kind: "receive" }>;

/** An exchange that goes on: what has been sent and received of its messages. */
export class ExchangeRun {
  readonly ticket: Ticket<MessageExchange>;
  /** Those that go out before the first one has to come. */
  readonly #first: readonly [opcode: 1 | 2, payload: Buffer][];
  /** The place of the message that is waited for. */
  #at = 0;
  /** How often that one has come. */
  #times = 0;
  #received = 0;
  /** Of the answer to its own handshake. [] when it goes over a connection that was there. */
  #headers: readonly string[] = [];
  #isDegraded = false;

  /** Values of what goes out first are drawn now, in the order in which exchanges are due. */
  constructor(ticket: Ticket<MessageExchange>) {
    this.ticket = ticket;
    this.#first = [...this.#drawn()];
  }

  /** The connection is there. `headers`: with which it was opened. @returns the answer, if nothing has to come. */
  begin(connection: WebSocketConnection, headers: readonly string[]): ExchangeAnswer | null {
    this.#headers = headers;
    for (const [opcode, payload] of this.#first) connection.send(opcode, payload);
    return this.#awaited === null ? this.#answer([], null) : null;
  }

  /** @returns the answer, if nothing more has to come, or if this is not what had to. */
  message(bytes: Buffer, isBinary: boolean, connection: WebSocketConnection): ExchangeAnswer | null {
    const awaited = this.#awaited;
    if (awaited === null) return null;
    const { scope } = this.ticket.user;
    const { messages, keepsConnection } = this.ticket.request;
    const isLast = this.#at === messages.length - 1 && this.#times + 1 === awaited.count;
    // A connection is kept only if this one is right, too.
    if (isLast && !awaited.passesOver && !keepsConnection) {
      return this.#answer([bytes], null, (of) => awaited.check(bytes, isBinary, of));
    }
    const judged = awaited.check(bytes, isBinary, scope);
    if (typeof judged === "string") return awaited.passesOver ? null : this.#answer([bytes], judged);
    if (judged === DEGRADED) this.#isDegraded = true;
    return this.#came(awaited, bytes, connection);
  }

  /** The server has closed the connection. @returns null: it had not to. */
  closed(code: number | null): ExchangeAnswer | null {
    const awaited = this.#awaited;
    if (awaited === null || awaited.close === null) return null;
    const isExpected = code === awaited.close;
    return this.#answer([], isExpected ? null : `close code ${code ?? "missing"}, expected ${awaited.close}`);
  }

  #came(awaited: Awaited, bytes: Buffer, connection: WebSocketConnection): ExchangeAnswer | null {
    this.#received += 1;
    this.#times += 1;
    this.ticket.request.note(this.ticket, this.#received);
    if (this.#times < awaited.count) return null;
    this.#times = 0;
    this.#at += 1;
    for (const [opcode, payload] of this.#drawn()) connection.send(opcode, payload);
    return this.#awaited === null ? this.#answer([bytes], null) : null;
  }

  #answer(
    body: readonly Buffer[],
    problem: string | null,
    check: ExchangeAnswer["check"] = null,
  ): ExchangeAnswer {
    return { status: SWITCHED, headers: this.#headers, body, problem, isDegraded: this.#isDegraded, check };
  }

  get #awaited(): Awaited | null {
    const message = this.ticket.request.messages[this.#at];
    return message?.kind === "receive" ? message : null;
  }

  /** What goes out before the next message has to come. */
  *#drawn(): Iterable<[opcode: 1 | 2, payload: Buffer]> {
    const { request, user } = this.ticket;
    for (; ; this.#at += 1) {
      const message = request.messages[this.#at];
      if (message?.kind !== "send") return;
      yield [message.opcode, message.render(user.scope)];
    }
  }
}
