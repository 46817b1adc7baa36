import type { Lane, LaneReader } from "../../between/lane.js";
import type { Exchange } from "./exchange.js";
import type { Heads } from "./message/heads.js";
import { MessageReader } from "./message/message-reader.js";
import { mayBeRequest, type RequestHead } from "./message/request-head.js";

/** What the side of the requests tells its connection. */
export interface RequestHost {
  readonly heads: Heads;
  /** There may be something to do to the next request: its head is not sent before it is whole. */
  readonly mayAct: boolean;
  /** @param isUntouched its head has gone on in part: nothing can be done to it. */
  begin(request: RequestHead, isUntouched: boolean): Exchange;
  /** The request has come to its end. */
  whole(exchange: Exchange): void;
  /** What came is no HTTP; nothing more is read of this connection. */
  unreadable(bytes: Buffer): void;
  /** Holds it for as long as rules want. */
  hold(exchange: Exchange, what: "request", goOn: () => void): void;
  clientEnded(): void;
}

/** Reads the requests of one connection and sends them on, byte for byte where no rule acts. */
export class RequestSide implements LaneReader {
  lane: Lane | null = null;
  readonly #host: RequestHost;
  readonly #reader = new MessageReader(mayBeRequest, (payload) => this.#current?.addBody(payload));
  #current: Exchange | null = null;
  /** Part of a head has not been sent on yet. */
  #isHeld = false;
  /** Part of a head was sent on before it was whole. */
  #isBegun = false;
  /** The request is answered by us: the upstream gets nothing of it. */
  #isSwallowed = false;
  #isRaw = false;
  #isDeaf = false;

  constructor(host: RequestHost) {
    this.#host = host;
  }

  /** From now on bytes cross unread. */
  goRaw(): void {
    this.#isRaw = true;
  }

  /** From now on nothing is heard. */
  goDeaf(): void {
    this.#isDeaf = true;
  }

  endSeen(): void {
    this.#host.clientEnded();
  }

  ended(): void {
    if (!this.#isDeaf) this.lane?.end();
  }

  read(bytes: Buffer): void {
    if (this.#isDeaf) return;
    let sent = 0;
    let at = 0;
    const send = (until: number) => {
      if (until > sent)
        this.lane?.write(sent === 0 && until === bytes.length ? bytes : bytes.subarray(sent, until));
      sent = until;
    };
    while (at < bytes.length && !this.#isRaw) {
      const from = at;
      at = this.#reader.next(bytes, at);
      switch (this.#reader.found) {
        case "part-of-head":
          if (this.#host.mayAct && !this.#isBegun) {
            send(from);
            this.#isHeld = true;
          }
          if (this.#isHeld) sent = at;
          else this.#isBegun = true;
          break;
        case "unreadable":
          send(from);
          if (this.#isHeld) {
            this.lane?.write(this.#reader.head);
            sent = bytes.length;
          }
          this.#host.unreadable(this.#reader.head);
          this.#isRaw = true;
          break;
        case "head": {
          const head = this.#reader.head;
          const request = this.#host.heads.requests.of(head);
          if (!request) {
            this.#host.unreadable(head);
            this.#isRaw = true;
            if (!this.#isHeld) break;
            this.lane?.write(head);
            sent = at;
            break;
          }
          const exchange = this.#host.begin(request, this.#isBegun);
          this.#current = exchange;
          const isHeld = this.#isHeld;
          this.#isHeld = false;
          this.#isBegun = false;
          const { deed } = exchange;
          if (!deed || (deed.delayMs === 0 && !deed.own)) {
            if (isHeld) {
              this.lane?.write(head);
              sent = at;
            }
            if (!this.#reader.begin(request.framing)) this.#whole();
            break;
          }
          send(isHeld ? sent : from);
          this.lane?.hold();
          this.lane?.unread(bytes.subarray(at));
          this.#host.hold(exchange, "request", () => this.#goOn(exchange, head));
          return;
        }
        case "end":
          if (this.#isSwallowed) sent = at;
          this.#whole();
          break;
        default:
          if (this.#isSwallowed) sent = at;
      }
    }
    send(bytes.length);
  }

  /** After its delay. */
  #goOn(exchange: Exchange, head: Buffer): void {
    const { framing, expectsContinue } = exchange.request;
    if (exchange.isOurs) {
      this.#isSwallowed = true;
      if (expectsContinue) {
        // Whether the body comes after an answer is up to the client: nothing behind it could be told apart.
        this.#isDeaf = true;
        this.#whole();
      } else if (!this.#reader.begin(framing)) this.#whole();
    } else {
      this.lane?.write(head);
      if (!this.#reader.begin(framing)) this.#whole();
    }
    this.lane?.release();
  }

  #whole(): void {
    const exchange = this.#current;
    this.#current = null;
    this.#isSwallowed = false;
    if (exchange) this.#host.whole(exchange);
  }
}
