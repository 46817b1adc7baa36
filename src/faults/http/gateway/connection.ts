import type { GatewayHost } from "../../between/gateway/gateway.js";
import type { Pair, Speech } from "../../between/gateway/paired-connection.js";
import type { LaneReader } from "../../between/lane.js";
import type { ExchangeEnd } from "../../http-traffic.js";
import { type AnswerHost, AnswerSide } from "./answer-side.js";
import { Exchange } from "./exchange.js";
import type { AnswerHead } from "./message/answer-head.js";
import { headerValues } from "./message/head-text.js";
import type { Heads } from "./message/heads.js";
import type { RequestHead } from "./message/request-head.js";
import { type RequestHost, RequestSide } from "./request-side.js";
import { ownAnswer } from "./rules/own-answer.js";
import type { Rules } from "./rules/rules.js";
import { type Trickle, trickleBy } from "./trickle.js";

/** What all connections of a gateway share. */
export interface ConnectionSurroundings {
  readonly rules: Rules;
  readonly heads: Heads;
}

/** What crosses on one connection of HTTP/1, and what is done to it. */
export class Connection implements Speech, RequestHost, AnswerHost {
  readonly trickle: Trickle;
  readonly #pair: Pair;
  readonly #host: GatewayHost;
  readonly #rules: Rules;
  readonly heads: Heads;
  readonly #requests: RequestSide = new RequestSide(this);
  readonly #answers: AnswerSide = new AnswerSide(this);
  /** Without an end yet, or without the rest of their answer, in the order of their requests. */
  readonly #exchanges: Exchange[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #isReadable = true;
  /** The client gets nothing more than what it has been sent. */
  #isOver = false;

  constructor(pair: Pair, { rules, heads }: ConnectionSurroundings) {
    this.#pair = pair;
    this.#host = pair.gateway;
    this.#rules = rules;
    this.heads = heads;
    this.trickle = trickleBy(
      (bytes) => pair.tellClient(bytes),
      (ms, work) => this.after(ms, work),
    );
    this.#requests.lane = pair.towardsUpstream;
    this.#answers.lane = pair.towardsClient;
  }

  get requests(): LaneReader {
    return this.#requests;
  }

  get answers(): LaneReader {
    return this.#answers;
  }

  rulesGone(): void {
    for (const exchange of this.#exchanges) {
      const { deed, held } = exchange;
      deed?.dropGone();
      if (!held) continue;
      if (held.what === "request") deed?.dropGoneAnswer();
      clearTimeout(held.timer);
      this.#timers.delete(held.timer);
      this.#holdOn(exchange, held.what, held.sinceMs, held.goOn);
    }
    if (!this.isBehind) this.#answers.itsTurn();
  }

  hold(exchange: Exchange, what: "request" | "answer", goOn: () => void): void {
    const delayMs = what === "request" ? exchange.deed?.delayMs : exchange.deed?.answerDelayMs;
    if (delayMs) this.#holdOn(exchange, what, this.#host.nowMs(), goOn);
    else goOn();
  }

  #holdOn(exchange: Exchange, what: "request" | "answer", sinceMs: number, goOn: () => void): void {
    const { delayMs = 0, answerDelayMs = 0 } = exchange.deed ?? {};
    const untilMs = sinceMs + (what === "request" ? delayMs : answerDelayMs);
    const timer = this.#timer(Math.max(0, untilMs - this.#host.nowMs()), () => {
      exchange.held = null;
      goOn();
    });
    exchange.held = { what, sinceMs, goOn, timer };
  }

  get mayAct(): boolean {
    return !this.#rules.isEmpty;
  }

  begin(request: RequestHead, isUntouched: boolean): Exchange {
    const nowMs = this.#host.nowMs();
    const deed = isUntouched ? null : this.#rules.deedFor(request, nowMs);
    const exchange = new Exchange(request, this.#pair.number, nowMs, deed);
    this.#exchanges.push(exchange);
    this.#host.began(exchange);
    return exchange;
  }

  whole(exchange: Exchange): void {
    exchange.isWhole = true;
    if (this.#exchanges[0] === exchange) this.#next();
  }

  get awaited(): Exchange | null {
    return this.#exchanges[0] ?? null;
  }

  get isBehind(): boolean {
    return this.#exchanges[0]?.isOurs === true;
  }

  answerBegan(exchange: Exchange, { status, text }: AnswerHead): void {
    exchange.status = status;
    if (status >= 400 || (status >= 300 && status !== 304))
      exchange.hasRetryAfter = headerValues(text, "retry-after").length > 0;
  }

  answered(exchange: Exchange): void {
    // Its end is told already where the connection went raw while its answer was on its way.
    if (this.#exchanges[0] === exchange) {
      this.#end(exchange, "answered");
      this.#exchanges.shift();
      this.#host.ended(exchange);
    }
    this.#next();
  }

  upgraded(exchange: Exchange): void {
    this.#end(exchange, "upgraded");
    this.#goRaw();
  }

  unreadable(bytes: Buffer): void {
    if (!this.#isReadable) return;
    this.#pair.unreadable(bytes);
    this.#goRaw();
  }

  brokenOff(exchange: Exchange): void {
    this.#end(exchange, "broken_off");
    this.#close();
  }

  /** A client that has closed waits for nothing: what crosses a proxy knows no half-closed connections. */
  clientEnded(): void {
    const nowMs = this.#host.nowMs();
    for (const exchange of this.#exchanges) exchange.ends("given_up", nowMs);
  }

  upstreamEnded(): void {
    const nowMs = this.#host.nowMs();
    for (const exchange of this.#exchanges) exchange.ends("closed", nowMs);
  }

  after(ms: number, work: () => void): void {
    if (ms <= 0) {
      work();
      return;
    }
    this.#timer(ms, work);
  }

  #timer(ms: number, work: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, Math.ceil(ms));
    this.#timers.add(timer);
    return timer;
  }

  /** Gives the next answer, if it is ours and its request is whole. */
  #next(): void {
    const [exchange] = this.#exchanges;
    if (!exchange?.isOurs) this.#answers.itsTurn();
    else if (exchange.isWhole) this.#answerOurselves(exchange);
  }

  #answerOurselves(exchange: Exchange): void {
    const own = exchange.deed?.own;
    if (!exchange.deed || !own) return;
    exchange.deed.acted(own.rule);
    if (own.kind === "answer") {
      const { head, body, isLast } = ownAnswer(own.rule.spec, exchange.request);
      const { slowHeaders } = exchange.deed;
      exchange.status = own.rule.spec.status ?? null;
      exchange.hasRetryAfter = headerValues(head.toString("latin1"), "retry-after").length > 0;
      if (slowHeaders) exchange.deed.acted(slowHeaders.rule);
      // One piece where both go at once.
      const parts = slowHeaders ? { head, rest: body } : { head: Buffer.concat([head, body]), rest: null };
      this.trickle(parts.head, slowHeaders?.ms ?? 0, () => {
        if (parts.rest) this.#pair.tellClient(parts.rest);
        if (isLast) this.#close();
        this.answered(exchange);
      });
      return;
    }
    this.#end(exchange, "broken_off");
    if (own.kind === "reset") this.#pair.resetClient();
    this.#close();
  }

  /** Nothing follows what the client has just been sent. */
  #close(): void {
    this.#isOver = true;
    this.#requests.goDeaf();
    this.#answers.goDeaf();
    this.#pair.closeBehind();
  }

  #goRaw(): void {
    this.#isReadable = false;
    this.#requests.goRaw();
    this.#answers.goRaw();
    const nowMs = this.#host.nowMs();
    for (const exchange of this.#exchanges.splice(0)) {
      exchange.ends("unread", nowMs);
      this.#host.ended(exchange);
    }
  }

  #end(exchange: Exchange, end: ExchangeEnd): void {
    exchange.ends(end, this.#host.nowMs());
  }

  sideClosed(side: "client" | "upstream", isReset: boolean): boolean {
    const nowMs = this.#host.nowMs();
    const end = side === "client" ? "given_up" : isReset ? "reset" : "closed";
    for (const exchange of this.#exchanges) exchange.ends(end, nowMs);
    if (!this.#isOver) return true;
    // What we have ended ourselves is ended on both sides; the client may not have taken all of it yet.
    this.#pair.closeUpstream();
    return false;
  }

  closed(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const exchange of this.#exchanges.splice(0)) this.#host.ended(exchange);
  }
}
