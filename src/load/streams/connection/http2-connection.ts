import { errorCode, FRAME, type Http2ErrorName } from "../../../http2/frames/frame-types.js";
import type { Failure } from "../../channel.js";
import { IdleCrossing } from "../../sockets/idle-crossing.js";
import { FrameInput } from "../frames/frame-input.js";
import { FrameOutput } from "../frames/frame-output.js";
import type { Outgoing } from "../stream-request.js";
import { type Http2Settings, Http2Socket } from "./http2-socket.js";
import { type FrameEffects, IncomingFrames, STREAM_WINDOW_BYTES } from "./incoming-frames.js";
import { sendHead, sendPreface } from "./opening-frames.js";
import { PeerSettings } from "./peer-settings.js";
import { SendFlow } from "./send-flow.js";
import { Http2Stream, type StreamSender, type StreamUser } from "./stream.js";

/** The owner of a connection is told what becomes of it. The users of its streams are told of those. */
export interface ConnectionOwner {
  /** Streams can be opened. */
  connectionEstablished(connection: Http2Connection): void;
  /** There may be more room, or less. */
  connectionChanged(connection: Http2Connection): void;
  /** It takes no more streams. Those that it has go on. */
  connectionRetired(connection: Http2Connection): void;
  /** It is over. `failure`: what that is for a request that waits for it. null: its work was done. */
  connectionEnded(connection: Http2Connection, failure: Failure | null): void;
  opened(): void;
  sent(bytes: number): void;
  received(bytes: number): void;
  /** When this turn of the event loop began, in µs. */
  readonly turnStartUs: number;
}

/** What a stream begins with. */
type Sent = Pick<Outgoing, "head" | "body" | "goOn" | "opened">;

const LARGEST_STREAM_ID = 2 ** 31 - 1;

/** A connection of HTTP/2. It opens its socket at once. */
export class Http2Connection implements StreamSender {
  readonly #owner: ConnectionOwner;
  readonly #socket: Http2Socket;
  readonly #input: FrameInput;
  readonly #output: FrameOutput;
  readonly #incoming: IncomingFrames;
  readonly #peer = new PeerSettings();
  readonly #flow: SendFlow;
  readonly #crossing: IdleCrossing;
  readonly #streams = new Map<number, Http2Stream>();
  #state: "connecting" | "open" | "over" = "connecting";
  #wasEstablished = false;
  #isRetired = false;
  /** The error of the other side's last GOAWAY. */
  #goaway: string | null = null;
  #lastStreamId = -1;
  #reads = 0;
  #idleSinceUs = 0;

  constructor(owner: ConnectionOwner, settings: Http2Settings) {
    this.#owner = owner;
    this.#crossing = new IdleCrossing(settings.roundTrip);
    this.#output = new FrameOutput((bytes) => this.#write(bytes));
    this.#flow = new SendFlow(this.#output, this.#peer);
    this.#incoming = new IncomingFrames(this.#effects(), this.#output, this.#peer, this.#flow);
    this.#input = new FrameInput(this.#incoming);
    this.#socket = new Http2Socket(settings, {
      opened: (problem) => this.#established(problem),
      read: (chunk, length) => this.#read(chunk, length),
      ended: () => this.#ended(),
    });
  }

  get isEstablished(): boolean {
    return this.#state === "open";
  }

  get wasEstablished(): boolean {
    return this.#wasEstablished;
  }

  /** It takes no more streams. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** How many times something has come on it. */
  get reads(): number {
    return this.#reads;
  }

  /** Streams that are open. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Streams that the other side lets be open at once. null: it has not said yet. */
  get mostStreams(): number | null {
    return this.#incoming.hasSettings ? this.#peer.maxStreams : null;
  }

  /** The largest list of headers that the other side takes. */
  get mostHeaderBytes(): number {
    return this.#peer.headerListBytes;
  }

  /** Call it on an established connection that is not retired. */
  start(user: StreamUser, { head, body, goOn, opened }: Sent): Http2Stream {
    if (this.#streams.size === 0) this.#crossing.awake(this.#owner.turnStartUs - this.#idleSinceUs);
    this.#lastStreamId += 2;
    const id = this.#lastStreamId;
    const stream = new Http2Stream(id, user, this, this.#peer.windowBytes, STREAM_WINDOW_BYTES);
    this.#streams.set(id, stream);
    const endsWithHead = body === null && goOn === undefined;
    sendHead(this.#output, id, head.bytes, endsWithHead, this.#peer.payloadBytes);
    if (endsWithHead) {
      stream.isLastWritten = true;
      stream.isSent = true;
    } else if (body !== null) stream.write(body, goOn === undefined);
    goOn?.(stream);
    opened?.(stream);
    if (id + 2 > LARGEST_STREAM_ID) this.retire();
    return stream;
  }

  /** Takes no more streams. It is closed when the last one has ended. */
  retire(): void {
    if (this.#isRetired || this.#state === "over") return;
    this.#isRetired = true;
    this.#owner.connectionRetired(this);
    this.#closeIfDone();
  }

  /** Ends a stream without telling its user. */
  cancel(stream: Http2Stream): void {
    this.#reset(stream, "CANCEL");
    this.#closeIfDone();
  }

  /** For the connection's own streams. */
  send(stream: Http2Stream): void {
    if (this.#state === "open") this.#flow.send(stream);
  }

  /** Closes it. Nobody is told: call it when it has no streams. */
  close(): void {
    if (this.#state === "over") return;
    if (this.#state === "open") {
      this.#output.numbers(FRAME.goaway, 0, 0, 0, errorCode("NO_ERROR"));
      this.#output.flush();
      this.#socket.end();
    } else this.#socket.destroy();
    this.#state = "over";
  }

  // The socket

  #established(problem: string | null): void {
    if (this.#state === "over") return;
    this.#owner.opened();
    if (problem !== null) {
      this.#finish(() => ({ kind: "refused", reason: `TLS: ${problem}` }));
      return;
    }
    this.#state = "open";
    this.#wasEstablished = true;
    this.#idleSinceUs = this.#owner.turnStartUs;
    sendPreface(this.#output);
    this.#owner.connectionEstablished(this);
  }

  #write(bytes: Buffer): void {
    if (this.#state !== "open") return;
    this.#owner.sent(bytes.length);
    this.#socket.write(bytes);
  }

  #read(chunk: Buffer, length: number): void {
    if (this.#state !== "open") return;
    this.#reads++;
    this.#owner.received(length);
    this.#input.read(chunk, length);
  }

  /** The socket failed, or the other side ended it. */
  #ended(): void {
    if (this.#state === "over") return;
    const wasOpen = this.#state === "open";
    const crossed = this.#crossing.isCertain;
    const goaway = this.#goaway;
    this.#finish((stream) => {
      if (goaway !== null && goaway !== "NO_ERROR") return { kind: "reset", reason: `GOAWAY ${goaway}` };
      return this.#socket.failureOf(wasOpen, stream?.hasHead ?? false, crossed);
    });
  }

  /** Tells everybody that it is over. `failureOf`: for a stream, or with null for what waits for the connection. */
  #finish(failureOf: (stream: Http2Stream | null) => Failure): void {
    this.#state = "over";
    this.#socket.end();
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    for (const stream of streams) stream.isOver = true;
    // Failures first: what the owner sends next must not change them.
    const failures = streams.map((stream) => failureOf(stream));
    this.#owner.connectionEnded(this, failureOf(null));
    for (const [i, stream] of streams.entries()) stream.user.broken(failures[i]!);
  }

  /** The other side has broken the rules of the whole connection. @returns false: nothing more is to be read. */
  #fail(name: Http2ErrorName, what: string): false {
    if (this.#state === "over") return false;
    this.#output.numbers(FRAME.goaway, 0, 0, 0, errorCode(name));
    this.#output.flush();
    this.#finish(() => ({ kind: "reset", reason: `HTTP/2 ${name}: ${what}` }));
    return false;
  }

  /** Closes it when it takes no more streams and has none. */
  #closeIfDone(): void {
    if (!this.#isRetired || this.#streams.size > 0 || this.#state === "over") return;
    this.close();
    this.#owner.connectionEnded(this, null);
  }

  // Streams

  #take(stream: Http2Stream): void {
    stream.isOver = true;
    this.#streams.delete(stream.id);
    this.#flow.forget(stream);
    this.#crossing.forget();
    if (this.#streams.size === 0) this.#idleSinceUs = this.#owner.turnStartUs;
  }

  #reset(stream: Http2Stream, name: Http2ErrorName): void {
    if (stream.isOver) return;
    this.#take(stream);
    this.#output.numbers(FRAME.rstStream, 0, stream.id, errorCode(name));
  }

  /** The answer cannot be used. Other streams go on. */
  #malformed(stream: Http2Stream, what: string, name: Http2ErrorName = "PROTOCOL_ERROR"): void {
    this.#reset(stream, name);
    this.#closeIfDone();
    stream.user.broken({ kind: "malformed", reason: `malformed answer: ${what}` });
  }

  /** The user does not want the rest of the answer. */
  #unwanted(stream: Http2Stream, reason: string): void {
    this.cancel(stream);
    stream.user.broken({ kind: "malformed", reason });
  }

  #whole(stream: Http2Stream, trailers: readonly string[]): void {
    const { announcedBytes, receivedBytes } = stream;
    if (announcedBytes >= 0 && announcedBytes !== receivedBytes) {
      this.#malformed(stream, "content-length");
      return;
    }
    // The server does not wait for the rest of the body.
    if (stream.isSent) this.#take(stream);
    else this.#reset(stream, "CANCEL");
    this.#closeIfDone();
    stream.user.whole(trailers);
  }

  // What the other side says

  #effects(): FrameEffects {
    return {
      isOpen: () => this.#state === "open",
      unsentBytes: () => this.#socket.unsentBytes,
      streams: () => this.#streams.values(),
      streamOf: (id) => this.#streams.get(id),
      isUnknown: (id) => id % 2 === 0 || id > this.#lastStreamId,
      fail: (name, what) => this.#fail(name, what),
      failFirst: () => {
        this.#finish(() => ({ kind: "malformed", reason: "no HTTP/2: the first bytes are something else" }));
        return false;
      },
      malformed: (stream, what, name) => this.#malformed(stream, what, name),
      unwanted: (stream, reason) => this.#unwanted(stream, reason),
      whole: (stream, trailers) => this.#whole(stream, trailers),
      wasReset: (stream, errorName) => this.#wasReset(stream, errorName),
      settled: () => this.#owner.connectionChanged(this),
      goesAway: (lastId, errorName) => this.#goesAway(lastId, errorName),
    };
  }

  #wasReset(stream: Http2Stream, errorName: string): void {
    this.#take(stream);
    this.#closeIfDone();
    // What has begun to be answered was processed, whatever the server says then.
    if (errorName === "REFUSED_STREAM" && !stream.hasHead) stream.user.unprocessed(`RST_STREAM ${errorName}`);
    else stream.user.wasReset(errorName);
  }

  #goesAway(lastId: number, errorName: string): void {
    this.#goaway = errorName;
    // The last first: each of them goes before those that wait.
    const dropped = [...this.#streams.values()].filter(({ id }) => id > lastId).reverse();
    for (const stream of dropped) this.#take(stream);
    this.retire();
    this.#closeIfDone();
    const reason = `GOAWAY ${errorName}`;
    for (const { hasHead, user } of dropped) {
      // What has begun to be answered was processed, whatever the server says then.
      if (hasHead) user.broken({ kind: "reset", reason });
      else user.unprocessed(reason);
    }
  }
}
