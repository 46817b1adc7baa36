import { settleFraming } from "./answer-framing.js";
import {
  type AnswerHead,
  type AnswerParser,
  type AutocannonClient,
  type ParserCallbacks,
  readIntoOneBuffer,
  refuseBadChunkSizes,
} from "./autocannon-client.js";
import { describeEnd, tlsProblem } from "./connection-errors.js";
import type { Ticket } from "./ticket.js";

/** A whole answer. */
export interface Answer {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Parts of the body; empty unless the request wants to look at it. */
  readonly body: readonly Buffer[];
}

export type Failure =
  | { readonly kind: "refused" | "reset" | "malformed"; readonly reason: string }
  /** The generator itself ran out of something (ports, file descriptors). */
  | { readonly kind: "generator"; readonly reason: string };

/** Whoever owns the connections is told of every end; the connection has no request any more when it is. */
export interface ConnectionOwner {
  answered(connection: Connection, ticket: Ticket, answer: Answer): void;
  failed(connection: Connection, ticket: Ticket, failure: Failure): void;
  /** An idle connection was closed by the other side. */
  lost(connection: Connection): void;
  opened(): void;
  sent(bytes: number): void;
  received(bytes: number): void;
  readonly verifyTls: boolean;
  /** false: every answer is the last one on its connection, whatever the other side says. */
  readonly keepAlive: boolean;
}

const NO_BODY: readonly Buffer[] = [];

/**
 * One connection slot: autocannon's client opens the socket and parses the answers; this class decides when, and
 * reports exactly one end for each request. autocannon reconnects and resends by itself after an error, an end or
 * a timeout, and keeps half-read answers across connections; all of that is switched off here.
 */
export class Connection {
  readonly index: number;
  readonly #client: AutocannonClient;
  readonly #owner: ConnectionOwner;
  readonly #openSocket: () => void;
  readonly #parse: AnswerParser["execute"];
  #state: "closed" | "connecting" | "open" = "closed";
  #ticket: Ticket | null = null;
  #error: Error | null = null;
  // The answer that is being read.
  #bytesRead = 0;
  /** The chunk at hand is the answer's first. */
  #isFirstChunk = false;
  #status = 0;
  #headers: readonly string[] = [];
  #keepAlive = true;
  #body: Buffer[] = [];
  #informational = false;
  #complete = false;
  #surplus = false;
  #malformed: string | null = null;

  /** To be called from autocannon's `setupClient`, so before the client first connects. */
  constructor(client: AutocannonClient, index: number, owner: ConnectionOwner) {
    this.index = index;
    this.#client = client;
    this.#owner = owner;
    this.#openSocket = client._connect;
    this.#parse = client.parser.execute;
    client._doRequest = () => {};
    readIntoOneBuffer(client, (chunk, length) => this.#read(chunk, length));
    // First call: the client is complete. From then on autocannon calls it when a connection has ended.
    client._connect = () => {
      this.#takeOver();
      client._connect = () => this.#ended();
    };
    client.on("connError", (error: Error) => {
      this.#error = error;
    });
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  get ticket(): Ticket | null {
    return this.#ticket;
  }

  /** Sends a request; opens the connection first when it is closed. */
  send(ticket: Ticket): void {
    this.#ticket = ticket;
    this.#bytesRead = 0;
    // Values such as ${seq} are drawn now, in the order in which requests are due, not when the connection is there.
    const bytes = ticket.bytes();
    if (this.#state === "open") this.#write(bytes);
    else this.#open(bytes);
  }

  /** Closes the socket without telling the owner; a request in flight is given back to be ended by the caller. */
  close(): Ticket | null {
    const ticket = this.#ticket;
    this.#ticket = null;
    if (this.#state !== "closed") {
      this.#state = "closed";
      this.#client._destroyConnection();
      this.#resetParser();
    }
    return ticket;
  }

  #open(request: Buffer): void {
    this.#state = "connecting";
    this.#error = null;
    this.#openSocket.call(this.#client);
    const socket = this.#client.conn;
    socket.setNoDelay(true);
    socket.once(this.#client.secure ? "secureConnect" : "connect", () => this.#established(request));
    // autocannon listens for 'error' and 'end'; some ends (a socket torn down by Node itself) bring neither.
    socket.once("close", () => {
      if (this.#client.conn === socket) this.#ended();
    });
  }

  #established(request: Buffer): void {
    this.#state = "open";
    this.#owner.opened();
    if (this.#client.secure && this.#owner.verifyTls) {
      const problem = tlsProblem(this.#client.conn);
      if (problem !== null) {
        this.#fail({ kind: "refused", reason: `TLS: ${problem}` });
        return;
      }
    }
    this.#write(request);
  }

  #write(bytes: Buffer): void {
    this.#owner.sent(bytes.length);
    this.#client.conn.write(bytes);
  }

  /** autocannon's client is set up: put our own ears on its parser. */
  #takeOver(): void {
    const client = this.#client;
    client.timeoutTicker.clear();
    client.pipelinedRequests = { addByteCount: () => {}, clear: () => {} };
    const parser = client.parser;
    // The class carries the callbacks' numbers; its type says nothing of them.
    const callbacks = parser.constructor as ParserCallbacks;
    parser[callbacks.kOnHeadersComplete] = (head: AnswerHead) => this.#onHead(head);
    parser[callbacks.kOnBody] = (chunk: Buffer, start: number, length: number) => {
      // A copy: the chunk's memory is read into again.
      if (this.#ticket?.wantsBody && !this.#complete) {
        this.#body.push(Buffer.from(chunk.subarray(start, start + length)));
      }
    };
    parser[callbacks.kOnMessageComplete] = () => this.#onComplete();
    refuseBadChunkSizes(parser);
    // What autocannon hands over itself: TLS.
    parser.execute = (chunk) => {
      this.#read(chunk, chunk.length);
      return chunk.length;
    };
  }

  #read(chunk: Buffer, length: number): void {
    this.#owner.received(length);
    const ticket = this.#ticket;
    if (ticket === null) {
      // Nobody asked for these bytes: whatever comes next on this connection could be taken for another's answer.
      this.#lose();
      return;
    }
    this.#isFirstChunk = this.#bytesRead === 0;
    this.#bytesRead += length;
    const known = this.#isFirstChunk ? ticket.request.head.find(chunk, length) : null;
    if (known !== null) {
      this.#status = known.status;
      this.#headers = known.headers;
      this.#keepAlive = known.keepAlive;
      if (ticket.wantsBody) this.#body.push(Buffer.from(chunk.subarray(known.bytes.length, length)));
      this.#finish();
      return;
    }
    const taken = this.#parse.call(this.#client.parser, chunk, 0, length);
    if (this.#complete) this.#finish();
    else if (typeof taken !== "number") this.#fail({ kind: "malformed", reason: "malformed answer" });
  }

  /** Returns true for answers that have no body whatever their headers say. */
  #onHead(head: AnswerHead): boolean {
    // Bytes after the whole answer: nobody asked for this one.
    if (this.#complete) return true;
    const status = head.statusCode;
    this.#informational = status < 200 && status !== 101;
    if (this.#informational) return false;
    this.#status = status;
    this.#headers = head.headers;
    this.#keepAlive = head.shouldKeepAlive && status !== 101;
    if (status === 204 || status === 304 || status === 101 || this.#ticket?.isHead === true) return true;
    if (!settleFraming(this.#client.parser, head.headers)) {
      this.#malformed = "malformed answer: Content-Length";
      return true;
    }
    // Whether the body's end is known may have changed.
    this.#keepAlive = this.#client.parser.shouldKeepAlive();
    if (this.#isFirstChunk) {
      this.#ticket?.request.head.learn(this.#client.parser, {
        status,
        headers: head.headers,
        keepAlive: this.#keepAlive,
      });
    }
    return false;
  }

  #onComplete(): void {
    if (this.#informational) {
      this.#informational = false;
      return;
    }
    if (this.#complete) return;
    this.#complete = true;
    this.#surplus = this.#client.parser.offset < this.#client.parser.end;
  }

  #finish(): void {
    if (this.#malformed !== null) {
      this.#fail({ kind: "malformed", reason: this.#malformed });
      return;
    }
    const ticket = this.#ticket;
    if (ticket === null) return;
    const body = this.#body.length === 0 ? NO_BODY : this.#body;
    const answer = { status: this.#status, headers: this.#headers, body };
    const reusable = this.#owner.keepAlive && this.#keepAlive && !this.#surplus;
    this.#ticket = null;
    this.#forgetAnswer();
    if (!reusable) this.close();
    this.#owner.answered(this, ticket, answer);
  }

  /** The socket failed or the other side ended it. */
  #ended(): void {
    if (this.#state === "closed") return;
    const error = this.#error;
    this.#error = null;
    const wasOpen = this.#state === "open";
    if (this.#ticket === null) {
      this.#lose();
      return;
    }
    if (error === null) {
      // A body without a length goes until the end of the connection.
      this.#keepAlive = false;
      this.#client.parser.finish();
      if (this.#complete) {
        this.#finish();
        return;
      }
    }
    this.#fail(describeEnd(error, wasOpen, this.#bytesRead, this.#client.secure));
  }

  #fail(failure: Failure): void {
    const ticket = this.close();
    if (ticket !== null) this.#owner.failed(this, ticket, failure);
  }

  #lose(): void {
    this.close();
    this.#owner.lost(this);
  }

  #resetParser(): void {
    this.#client.parser.initialize(this.#client.parser.type);
    this.#forgetAnswer();
  }

  #forgetAnswer(): void {
    this.#status = 0;
    this.#keepAlive = true;
    if (this.#body.length > 0) this.#body = [];
    this.#informational = false;
    this.#complete = false;
    this.#surplus = false;
    this.#malformed = null;
  }
}
