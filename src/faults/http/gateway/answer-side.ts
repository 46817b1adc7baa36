import type { Lane, LaneReader } from "../../between/lane.js";
import type { Exchange } from "./exchange.js";
import { type AnswerHead, mayBeAnswer } from "./message/answer-head.js";
import { NO_BODY } from "./message/head-text.js";
import type { Heads } from "./message/heads.js";
import { MessageReader } from "./message/message-reader.js";
import { Cut } from "./rules/cut.js";
import { withBody } from "./rules/own-answer.js";
import type { Trickle } from "./trickle.js";

/** What the side of the answers tells its connection. */
export interface AnswerHost {
  readonly heads: Heads;
  /** What the next answer is to; null: nobody asked. */
  readonly awaited: Exchange | null;
  /** An answer of ours has to go before. */
  readonly isBehind: boolean;
  answerBegan(exchange: Exchange, head: AnswerHead): void;
  answered(exchange: Exchange): void;
  /** The connection is of another protocol from now on. */
  upgraded(exchange: Exchange): void;
  unreadable(bytes: Buffer): void;
  /** The client gets no more of this answer, nor of any other. */
  brokenOff(exchange: Exchange): void;
  /** Holds it for as long as rules want. */
  hold(exchange: Exchange, what: "answer", goOn: () => void): void;
  readonly trickle: Trickle;
  upstreamEnded(): void;
}

/** Reads the answers on one connection and sends them back, byte for byte where no rule acts. */
export class AnswerSide implements LaneReader {
  lane: Lane | null = null;
  readonly #host: AnswerHost;
  readonly #reader = new MessageReader(mayBeAnswer, () => {});
  #current: Exchange | null = null;
  #isHeld = false;
  #isWaiting = false;
  /** The body in place of this one has gone already. */
  #isSwallowed = false;
  #cut: Cut | null = null;
  #endsWithConnection = false;
  #isRaw = false;
  #isDeaf = false;

  constructor(host: AnswerHost) {
    this.#host = host;
  }

  goRaw(): void {
    this.#isRaw = true;
  }

  goDeaf(): void {
    this.#isDeaf = true;
  }

  /** What was before has been answered. */
  itsTurn(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.lane?.release();
  }

  endSeen(): void {}

  ended(): void {
    if (this.#isDeaf) return;
    const exchange = this.#current;
    if (exchange && this.#cut) {
      this.#breakOff(exchange, this.#cut.rest());
      return;
    }
    if (exchange && this.#endsWithConnection) this.#finish(exchange);
    this.#host.upstreamEnded();
    this.lane?.end();
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
      if (this.#reader.isBetween && this.#host.isBehind) {
        send(at);
        this.#isWaiting = true;
        this.lane?.hold();
        this.lane?.unread(bytes.subarray(at));
        return;
      }
      const from = at;
      at = this.#reader.next(bytes, at);
      switch (this.#reader.found) {
        case "part-of-head":
          if (!this.#isHeld && this.#host.awaited?.deed) {
            send(from);
            this.#isHeld = true;
          }
          if (this.#isHeld) sent = at;
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
          const bytesOfHead = this.#reader.head;
          const exchange = this.#host.awaited;
          const head = this.#host.heads.answer(bytesOfHead, exchange?.request.method ?? null);
          const isHeld = this.#isHeld;
          this.#isHeld = false;
          const isTouched = head !== null && head.status >= 200 && exchange !== null && touches(exchange);
          if (isHeld && !isTouched) {
            this.lane?.write(bytesOfHead);
            sent = at;
          }
          if (!head) {
            this.#host.unreadable(bytesOfHead);
            this.#isRaw = true;
            break;
          }
          if (exchange && isUpgrade(exchange, head)) {
            this.#host.answerBegan(exchange, head);
            this.#host.upgraded(exchange);
            this.#isRaw = true;
            break;
          }
          if (head.status < 200) {
            this.#reader.begin(NO_BODY);
            break;
          }
          this.#current = exchange;
          if (exchange) this.#host.answerBegan(exchange, head);
          this.#endsWithConnection = head.framing.kind === "close";
          if (exchange && isTouched) {
            send(isHeld ? sent : from);
            this.lane?.hold();
            this.lane?.unread(bytes.subarray(at));
            this.#touch(exchange, head, bytesOfHead);
            return;
          }
          if (this.#reader.begin(head.framing)) break;
          send(at);
          if (exchange) this.#finish(exchange);
          break;
        }
        default: {
          const isOver = this.#reader.found === "end";
          const exchange = this.#current;
          if (this.#isSwallowed) sent = at;
          if (exchange && this.#cut) {
            sent = at;
            const taken = this.#cut.take(bytes.subarray(from, at), isOver);
            if (this.#cut.isDone) {
              this.#breakOff(exchange, taken);
              return;
            }
            this.lane?.write(taken);
          }
          if (!isOver) break;
          send(at);
          if (exchange) this.#finish(exchange);
        }
      }
    }
    send(bytes.length);
  }

  /** Does what the rules want done to an answer; its bytes are held until its head has gone. */
  #touch(exchange: Exchange, head: AnswerHead, bytesOfHead: Buffer): void {
    const { deed } = exchange;
    if (!deed) return;
    const { kind } = head.framing;
    const isEmpty = kind === "none";
    let out: { readonly head: Buffer; readonly body: Buffer } = { head: bytesOfHead, body: NOTHING };
    if (deed.body && !isEmpty) {
      out = withBody(head.text, deed.body.text);
      this.#isSwallowed = true;
      deed.acted(deed.body.rule);
    } else if (deed.cut && !isEmpty) {
      this.#cut = new Cut(head.framing, deed.cut.share);
      deed.acted(deed.cut.rule);
    }
    if (deed.answerDelayMs > 0) deed.answerDelayed();
    if (deed.slowHeaders) deed.acted(deed.slowHeaders.rule);
    this.#host.hold(exchange, "answer", () =>
      this.#host.trickle(out.head, deed.slowHeaders?.ms ?? 0, () => {
        this.lane?.write(out.body);
        if (!this.#reader.begin(head.framing)) this.#finish(exchange);
        this.lane?.release();
      }),
    );
  }

  #finish(exchange: Exchange): void {
    this.#current = null;
    this.#isSwallowed = false;
    this.#cut = null;
    this.#endsWithConnection = false;
    this.#host.answered(exchange);
  }

  #breakOff(exchange: Exchange, last: Buffer): void {
    this.#isDeaf = true;
    this.lane?.write(last);
    this.#host.brokenOff(exchange);
  }
}

const NOTHING = Buffer.alloc(0);

function touches({ deed }: Exchange): boolean {
  return deed !== null && (deed.answerDelayMs > 0 || !!deed.slowHeaders || !!deed.body || !!deed.cut);
}

function isUpgrade({ request }: Exchange, { status }: AnswerHead): boolean {
  return status === 101 || (request.method === "CONNECT" && status >= 200 && status < 300);
}
