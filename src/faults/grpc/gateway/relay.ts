import type { GatewayHost } from "../../between/gateway/gateway.js";
import type { ExchangeEnd } from "../../http-traffic.js";
import { AnswerFrames } from "./answer-frames.js";
import type { CallHost } from "./call-host.js";
import { FrameStream } from "./frames/frame-stream.js";
import { creditFrame, dataBytesIn, headerFrames, resetFrame } from "./frames/own-frames.js";
import { RelayedBlocks } from "./frames/relayed-blocks.js";
import type { RelayedCall } from "./relayed-call.js";
import { RequestFrames } from "./request-frames.js";
import type { CallRules } from "./rules/call-rules.js";
import { ownStatus } from "./rules/own-status.js";
import { Streams } from "./streams.js";

/** The connection that frames cross on. */
export interface RelayHost {
  readonly number: number;
  readonly rules: CallRules;
  readonly gateway: GatewayHost;
  toClient(bytes: Buffer): void;
  toUpstream(bytes: Buffer): void;
  unreadable(bytes: Buffer): void;
  /** Closes both sides at once. */
  destroy(): void;
}

/** What a client of HTTP/2 begins with. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** In the GOAWAY of a server that has not closed yet. */
const ANY_STREAM = 0x7fff_ffff;

/** What crosses on one connection of HTTP/2, and what is done to it. */
export class Relay implements CallHost {
  readonly number: number;
  readonly rules: CallRules;
  readonly gateway: GatewayHost;
  readonly #host: RelayHost;
  readonly streams = new Streams();
  readonly requestBlocks = new RelayedBlocks();
  readonly answerBlocks = new RelayedBlocks();
  readonly towardsUpstream: FrameStream;
  readonly towardsClient: FrameStream;
  readonly #requests: RequestFrames;
  readonly #answers: AnswerFrames;
  /** What has come of the preface. null: it was whole. */
  #preface: Buffer | null = Buffer.alloc(0);
  #isAnswered = false;
  #isUnread = false;
  /** The upstream has ended, and answers of it are held still. null: it has not, or all is told. */
  #endClient: (() => void) | null = null;
  /** They get answers of ours once the upstream has begun. */
  readonly #waiting: RelayedCall[] = [];
  /** The upstream takes no further streams. */
  #isGoing = false;
  /** The last stream that the client was told of. */
  #lastToldId = ANY_STREAM;
  readonly #kept = { request: 0, answer: 0 };
  /** Sizes of the table of headers that the client asked for, by SETTINGS that the upstream has not taken yet. */
  readonly #tableSizes: (number | null)[] = [];

  constructor(host: RelayHost) {
    this.#host = host;
    this.number = host.number;
    this.rules = host.rules;
    this.gateway = host.gateway;
    this.#answers = new AnswerFrames(this);
    this.#requests = new RequestFrames(this);
    this.towardsUpstream = new FrameStream(this.#requests, (bytes) => host.toUpstream(bytes));
    this.towardsClient = new FrameStream(this.#answers, (bytes) => host.toClient(bytes), { isFirst: true });
  }

  fromClient(bytes: Buffer): void {
    if (this.#preface === null) {
      this.towardsUpstream.read(bytes);
      return;
    }
    const begin = Buffer.concat([this.#preface, bytes]);
    this.#preface = begin;
    if (!begin.subarray(0, PREFACE.length).equals(PREFACE.subarray(0, begin.length))) {
      this.#preface = null;
      this.unreadable(begin);
      this.towardsUpstream.read(begin);
    } else if (begin.length >= PREFACE.length) {
      this.#preface = null;
      this.#host.toUpstream(begin.subarray(0, PREFACE.length));
      if (begin.length > PREFACE.length) this.towardsUpstream.read(begin.subarray(PREFACE.length));
    }
  }

  fromUpstream(bytes: Buffer): void {
    // A server of HTTP/2 begins with SETTINGS, which are short.
    if (!this.#isAnswered && bytes[0] !== 0) this.unreadable(bytes);
    this.#isAnswered = true;
    this.towardsClient.read(bytes);
    if (this.towardsClient.hasBegun) for (const call of this.#waiting.splice(0)) this.answerOurselves(call);
  }

  clientEnded(): void {
    if (this.#preface !== null && this.#preface.length > 0) this.#host.toUpstream(this.#preface);
    this.towardsUpstream.finish();
  }

  /** What is held of answers comes in its time. @param endClient nothing follows on the side of the client. */
  upstreamEnded(endClient: () => void): void {
    this.#endClient = endClient;
    this.endAll("closed");
    this.#endIfThrough();
  }

  #endIfThrough(): void {
    if (!this.#endClient || this.streams.all.some(({ heldAnswer }) => heldAnswer !== null)) return;
    const endClient = this.#endClient;
    this.#endClient = null;
    this.endAll("closed");
    this.towardsClient.finish();
    endClient();
  }

  /** Nothing will come of the calls that are open. The first end counts. */
  endAll(end: ExchangeEnd): void {
    const nowMs = this.gateway.nowMs();
    for (const call of this.streams.all) {
      // Its answer has come, or a part of it, and the client gets that.
      if (end === "closed" && call.heldAnswer) continue;
      call.ends(end, nowMs);
    }
  }

  rulesGone(): void {
    for (const call of this.streams.all) {
      if (!call.deed) continue;
      call.deed.dropGone();
      if (this.#isGoing && isToGoOn(call)) {
        this.#refuse(call);
        continue;
      }
      if (!call.deed.cut) call.messages = null;
      this.#requests.rulesGone(call);
      this.#answers.rulesGone(call);
    }
  }

  /** Both sides are closed. */
  close(): void {
    this.towardsClient.end();
    this.towardsUpstream.end();
    this.#tellAll();
  }

  unreadable(bytes: Buffer): void {
    if (this.#isUnread) return;
    this.#isUnread = true;
    this.#host.unreadable(bytes);
    if (this.streams.areTouched) {
      // Its client did not give it up, and its upstream did not close.
      this.endAll("unread");
      this.towardsClient.end();
      this.towardsUpstream.end();
      this.#host.destroy();
      return;
    }
    this.endAll("unread");
    this.#tellAll();
    this.towardsUpstream.goRaw(this.requestBlocks.takeHeld());
    this.towardsClient.goRaw(this.answerBlocks.takeHeld());
  }

  get mayAct(): boolean {
    return !this.rules.isEmpty && !this.#isGoing;
  }

  touch(): void {
    this.streams.areTouched = true;
  }

  after(call: RelayedCall, ms: number, work: () => void): void {
    if (call.timer) clearTimeout(call.timer);
    call.timer = setTimeout(() => {
      call.timer = null;
      work();
      this.#endIfThrough();
    }, Math.ceil(ms));
  }

  answerOurselves(call: RelayedCall): void {
    const rule = call.deed?.own;
    // Nobody waits for it where its client has closed.
    if (!rule || call.end !== null || this.streams.ofClient(call.clientId) !== call) return;
    if (!this.towardsClient.hasBegun) {
      this.#waiting.push(call);
      return;
    }
    call.deed?.acted(rule);
    const list = ownStatus(rule.spec);
    call.answeredWith(list);
    const block = this.answerBlocks.encode(list);
    this.towardsClient.insert(headerFrames({ streamId: call.clientId, block, endsStream: true }));
    // It need not send the rest.
    if (!call.requestEnded) this.towardsClient.insert(resetFrame(call.clientId, "NO_ERROR"));
    this.finish(call, "answered");
  }

  requestEnded(call: RelayedCall): void {
    call.requestEnded = true;
    if (call.answerEnded) this.#forget(call);
  }

  answerEnded(call: RelayedCall): void {
    if (call.answerEnded) return;
    call.answerEnded = true;
    this.#tell(call, "answered");
    if (call.requestEnded) this.#forget(call);
  }

  finish(call: RelayedCall, end: ExchangeEnd): void {
    this.#tell(call, end);
    const [asked, answered] = [call.heldRequest ?? [], call.heldAnswer ?? []].map(dataBytesIn);
    this.kept("request", -asked!);
    this.kept("answer", -answered!);
    this.creditClient(asked!);
    this.creditUpstream(answered!);
    this.#forget(call);
    // Its last frames go before.
    if (this.#endClient) queueMicrotask(() => this.#endIfThrough());
  }

  cut(call: RelayedCall): Buffer {
    this.touch();
    if (call.deed?.cut) call.deed.acted(call.deed.cut.rule);
    const isOver = call.requestEnded && call.answerEnded;
    if (!isOver) this.towardsUpstream.insert(resetFrame(call.upstreamId, "CANCEL"));
    this.finish(call, "broken_off");
    return resetFrame(call.clientId, "INTERNAL_ERROR");
  }

  kept(what: "request" | "answer", bytes: number): void {
    this.#kept[what] += bytes;
    this.gateway.held(this.#kept[what]);
  }

  creditClient(bytes: number): void {
    if (bytes > 0) this.towardsClient.insert(creditFrame(bytes));
  }

  creditUpstream(bytes: number): void {
    if (bytes > 0) this.towardsUpstream.insert(creditFrame(bytes));
  }

  goingAway(lastUpstreamId: number): number {
    if (lastUpstreamId === ANY_STREAM) return lastUpstreamId;
    this.#isGoing = true;
    for (const call of this.streams.all) {
      if (call.upstreamId > lastUpstreamId || isToGoOn(call)) this.#refuse(call);
    }
    if (!this.streams.areTouched) return lastUpstreamId;
    this.#lastToldId = Math.min(this.#lastToldId, this.streams.lastClientId);
    return this.#lastToldId;
  }

  /** The upstream has not seen it, and will not: it may be tried again. */
  #refuse(call: RelayedCall): void {
    // With other numbers than the upstream's one number cannot say which were lost.
    if (this.streams.areTouched) this.towardsClient.insert(resetFrame(call.clientId, "REFUSED_STREAM"));
    this.finish(call, "reset");
  }

  clientSettings(tableBytes: number | null): void {
    this.#tableSizes.push(tableBytes);
  }

  settingsTaken(): void {
    const tableBytes = this.#tableSizes.shift() ?? null;
    if (tableBytes !== null) this.answerBlocks.owe(tableBytes);
  }

  /** Each call is told of once. */
  #tell(call: RelayedCall, end: ExchangeEnd): void {
    call.ends(end, this.gateway.nowMs());
    if (call.isTold) return;
    call.isTold = true;
    this.gateway.ended(call);
  }

  #tellAll(): void {
    for (const call of this.streams.all) {
      this.#tell(call, "closed");
      this.#forget(call);
    }
  }

  #forget(call: RelayedCall): void {
    if (call.timer) clearTimeout(call.timer);
    call.timer = null;
    call.heldRequest = null;
    call.heldAnswer = null;
    this.streams.remove(call);
  }
}

/** It is held, and gets no answer of ours. */
function isToGoOn({ heldRequest, deed }: RelayedCall): boolean {
  return heldRequest !== null && !deed?.own;
}
