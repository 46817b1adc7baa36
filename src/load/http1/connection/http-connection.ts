import { BEHIND_ANOTHER, type Channel, type ChannelOwner, type Failure } from "../../channel.js";
import { hear, wantsSample } from "../../http/judged-request.js";
import type { Ticket } from "../../mix/ticket.js";
import { describeEnd, tlsProblem } from "../../sockets/connection-errors.js";
import { IdleCrossing } from "../../sockets/idle-crossing.js";
import type { RoundTrip } from "../../sockets/round-trip.js";
import type { SendableRequest } from "../requests/sendable-request.js";
import { AnswerReader } from "./answer-reader.js";
import { type AutocannonClient, readIntoOneBuffer } from "./autocannon-client.js";

/** The same for all connections of a thread. */
export interface ConnectionSettings {
  readonly verifyTls: boolean;
  /** false: every answer is the last one on its connection, whatever the other side says. */
  readonly keepAlive: boolean;
  /** Requests that may be under way on a connection at once. */
  readonly pipelining: number;
  readonly roundTrip: RoundTrip;
}

type HttpTicket = Ticket<SendableRequest>;

const NONE: readonly HttpTicket[] = [];

/**
 * One connection slot. autocannon's client opens the socket and parses the answers. This class decides when, and
 * reports exactly one end for each request. autocannon reconnects and resends by itself after an error, an end or a
 * timeout, and keeps half-read answers across connections: all of that is switched off here.
 */
export class HttpConnection implements Channel<SendableRequest> {
  readonly index: number;
  readonly answersInOrder = true;
  readonly #client: AutocannonClient;
  readonly #owner: ChannelOwner;
  readonly #settings: ConnectionSettings;
  readonly #openSocket: () => void;
  readonly #reader: AnswerReader;
  readonly #crossing: IdleCrossing;
  #state: "closed" | "connecting" | "open" = "closed";
  /** Requests without a whole answer, in the order in which they were sent. */
  #tickets: HttpTicket[] = [];
  /** Bytes that wait for the connection to be there. */
  #unwritten: Buffer[] = [];
  #error: Error | null = null;
  /** When the turn began in which its last answer came. */
  #idleSinceUs = 0;
  /** The other side has said that it may close the connection then. */
  #reusableUntilUs = Number.POSITIVE_INFINITY;

  /** Call it from autocannon's `setupClient`, which is before the client first connects. */
  constructor(client: AutocannonClient, index: number, owner: ChannelOwner, settings: ConnectionSettings) {
    this.index = index;
    this.#client = client;
    this.#owner = owner;
    this.#settings = settings;
    this.#openSocket = client._connect;
    this.#crossing = new IdleCrossing(settings.roundTrip);
    this.#reader = new AnswerReader(
      client.parser,
      (nth) => this.#tickets[nth]?.request,
      (nth, status) => wantsSample(this.#tickets[nth], status),
      (nth, status, headers) => hear(this.#tickets[nth]!, status, headers),
    );
    client._doRequest = () => {};
    readIntoOneBuffer(client, (chunk, length) => this.#read(chunk, length));
    // First call: the client is complete. From then on autocannon calls it when a connection has ended.
    client._connect = () => {
      client.timeoutTicker.clear();
      this.#reader.takeOver(client, (chunk, length) => this.#read(chunk, length));
      client._connect = () => this.#ended();
    };
    client.on("connError", (error: Error) => {
      this.#error = error;
    });
  }

  /** false when it has been idle for so long that the other side may be about to close it. */
  get isOpen(): boolean {
    return this.#state === "open" && !(this.isIdle && this.#isStale);
  }

  get isIdle(): boolean {
    return this.#tickets.length === 0;
  }

  /** The other side has said that it closes the connection by now, if no request came. */
  get #isStale(): boolean {
    return this.#owner.turnStartUs >= this.#reusableUntilUs;
  }

  get hasRoom(): boolean {
    return this.#tickets.length < this.#settings.pipelining;
  }

  /** Its requests without a whole answer, in the order in which they were sent. */
  get tickets(): readonly HttpTicket[] {
    return this.#tickets;
  }

  /** Sends a request. Opens the connection first when it is closed. */
  send(ticket: HttpTicket): void {
    if (this.#state === "open" && this.isIdle) {
      if (this.#isStale) this.close();
      else this.#crossing.awake(this.#owner.turnStartUs - this.#idleSinceUs);
    }
    this.#tickets.push(ticket);
    // Values such as ${seq} are drawn now, in the order in which requests are due, not when the connection is there.
    const bytes = ticket.request.bytesFor(ticket.user.scope, ticket.trace, this.index);
    if (this.#state === "open") {
      this.#write(bytes);
    } else {
      this.#unwritten.push(bytes);
      if (this.#state === "closed") this.#open();
    }
  }

  /** Closes the connection: without this request's answer there is none for the requests behind it. */
  giveUp(): readonly HttpTicket[] {
    const [, ...behind] = this.close();
    return behind;
  }

  /** Closes the socket without telling the owner. The caller gets the requests under way and ends them. */
  close(): readonly HttpTicket[] {
    const tickets = this.#tickets.length === 0 ? NONE : this.#tickets;
    if (tickets !== NONE) this.#tickets = [];
    this.#unwritten = [];
    if (this.#state !== "closed") {
      this.#state = "closed";
      this.#client._destroyConnection();
      this.#reader.reset();
    }
    return tickets;
  }

  #open(): void {
    this.#state = "connecting";
    this.#error = null;
    this.#reusableUntilUs = Number.POSITIVE_INFINITY;
    this.#crossing.forget();
    const openedMs = performance.now();
    this.#openSocket.call(this.#client);
    const socket = this.#client.conn;
    socket.setNoDelay(true);
    socket.once("connect", () => {
      this.#settings.roundTrip.note(performance.now() - openedMs);
    });
    socket.once(this.#client.secure ? "secureConnect" : "connect", () => this.#established());
    // autocannon listens for 'error' and 'end'. Some ends (a socket torn down by Node itself) bring neither.
    socket.once("close", () => {
      if (this.#client.conn === socket) this.#ended();
    });
  }

  #established(): void {
    this.#state = "open";
    this.#owner.opened();
    if (this.#client.secure && this.#settings.verifyTls) {
      const problem = tlsProblem(this.#client.conn);
      if (problem !== null) {
        const failure: Failure = { kind: "refused", reason: `TLS: ${problem}` };
        this.#fail(failure, failure);
        return;
      }
    }
    const unwritten = this.#unwritten;
    this.#unwritten = [];
    for (const bytes of unwritten) this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    this.#owner.sent(bytes.length);
    this.#client.conn.write(bytes);
  }

  #read(chunk: Buffer, length: number): void {
    this.#owner.received(length);
    // Nobody asked for these bytes. Whatever comes next on this connection could be taken for another request's answer.
    if (this.#tickets.length === 0) this.#lose();
    else {
      this.#reader.read(chunk, length);
      this.#settle();
    }
  }

  /** Hands over the answers that have become whole, and gives up those that no longer can. */
  #settle(): void {
    const reader = this.#reader;
    const answers = reader.takeAnswers();
    const { problem } = reader;
    if (answers.length === 0 && problem === null) return;
    const isOver =
      problem !== null ||
      reader.hasSurplus ||
      (answers.length > 0 && !(this.#settings.keepAlive && answers[answers.length - 1]!.keepAlive));
    const answered = this.#tickets;
    this.#tickets = answered.length === answers.length ? [] : answered.splice(answers.length);
    if (answers.length > 0) {
      this.#idleSinceUs = this.#owner.turnStartUs;
      this.#crossing.forget();
      this.#reusableUntilUs = this.#idleSinceUs + answers[answers.length - 1]!.reusableForMs * 1000;
    }
    // Before anyone is told: whoever hears of an answer may send the next request.
    const rest = isOver ? this.close() : NONE;
    for (let i = 0; i < answers.length; i++) this.#owner.answered(this, answered[i]!, answers[i]!);
    for (const [i, ticket] of rest.entries()) {
      const isFirst = i === 0 && problem !== null;
      this.#owner.failed(this, ticket, isFirst ? { kind: "malformed", reason: problem } : BEHIND_ANOTHER);
    }
  }

  /** The socket failed or the other side ended it. */
  #ended(): void {
    if (this.#state === "closed") return;
    const error = this.#error;
    this.#error = null;
    const wasOpen = this.#state === "open";
    if (this.#tickets.length === 0) {
      this.#lose();
      return;
    }
    const { secure } = this.#client;
    const { bytesRead } = this.#reader;
    const crossed = this.#crossing.isCertain;
    const behind = describeEnd(error, wasOpen, 0, secure, crossed);
    if (error === null) {
      this.#reader.finish();
      const [answer] = this.#reader.takeAnswers();
      if (answer !== undefined) {
        const [ticket, ...rest] = this.close();
        this.#owner.answered(this, ticket!, answer);
        for (const other of rest) this.#owner.failed(this, other, behind);
        return;
      }
    }
    this.#fail(describeEnd(error, wasOpen, bytesRead, secure, crossed), behind);
  }

  #fail(failure: Failure, behind: Failure): void {
    for (const [i, ticket] of this.close().entries()) {
      this.#owner.failed(this, ticket, i === 0 ? failure : behind);
    }
  }

  #lose(): void {
    this.close();
    this.#owner.lost(this);
  }
}
