import type { ExchangeEnd } from "../../http-traffic.js";
import type { GatewayHost } from "../gateway/gateway.js";
import type { Pair, Speech } from "../gateway/paired-connection.js";
import type { LaneReader } from "../lane.js";
import { AnswerFrames } from "./answer-frames.js";
import { AskedTables } from "./asked-tables.js";
import { ClientWindows } from "./client-windows.js";
import { FrameStream } from "./frames/frame-stream.js";
import { creditFrame, dataBytesIn, resetFrame } from "./frames/own-frames.js";
import { RelayedBlocks } from "./frames/relayed-blocks.js";
import { GoingAway } from "./going-away.js";
import { OwnAnswers } from "./own-answers.js";
import { OwnBodies } from "./own-bodies.js";
import { isPreface, PREFACE_BYTES } from "./preface.js";
import type { RelayedStream, StreamView } from "./relayed-stream.js";
import { RequestFrames } from "./request-frames.js";
import { SideEnds } from "./side-ends.js";
import type { StreamHost } from "./stream-host.js";
import { Streams } from "./streams.js";

/**
 * How long an upstream may go on with an answer whose body the client has got in another form. Then its stream is reset: the
 * client takes it for over, and may open more than the upstream allows at once.
 */
const LEFT_TO_UPSTREAM_MS = 100;

/** What crosses on one connection of HTTP/2, and what is done to it. */
export class Relay implements Speech, StreamHost {
  readonly number: number;
  readonly view: StreamView;
  readonly gateway: GatewayHost;
  readonly requests: LaneReader;
  readonly answers: LaneReader;
  readonly #pair: Pair;
  readonly streams = new Streams();
  readonly windows = new ClientWindows();
  readonly requestBlocks = new RelayedBlocks();
  readonly answerBlocks = new RelayedBlocks();
  readonly towardsUpstream: FrameStream;
  readonly towardsClient: FrameStream;
  readonly #requests = new RequestFrames(this);
  readonly #answers = new AnswerFrames(this);
  readonly #ownBodies: OwnBodies;
  readonly ownAnswers: OwnAnswers;
  readonly goingAway = new GoingAway(this);
  readonly #ends: SideEnds;
  /** The part of the preface that has come. null: it has come whole, or something else has. */
  #preface: Buffer | null = Buffer.alloc(0);
  #isAnswered = false;
  /** What the upstream sends waits for the client's windows. */
  #isWaiting = false;
  #isUnread = false;
  readonly #kept = { request: 0, answer: 0 };
  readonly #tables = new AskedTables();

  constructor(pair: Pair, view: StreamView) {
    this.#pair = pair;
    this.number = pair.number;
    this.view = view;
    this.gateway = pair.gateway;
    const { towardsUpstream, towardsClient } = pair;
    this.towardsUpstream = new FrameStream(this.#requests, (bytes) => towardsUpstream.write(bytes));
    this.towardsClient = new FrameStream(this.#answers, (bytes) => towardsClient.write(bytes), {
      isFirst: true,
    });
    this.#ownBodies = new OwnBodies(this.windows, (frame) => this.towardsClient.insert(frame));
    this.ownAnswers = new OwnAnswers(this, this.#ownBodies);
    this.#ends = new SideEnds(this, () => {
      this.towardsClient.finish();
      towardsClient.end();
    });
    this.requests = {
      read: (bytes) => this.#fromClient(bytes),
      // A client that has closed waits for nothing: what crosses a proxy knows no half-closed connections.
      endSeen: () => this.#ends.endAll("given_up"),
      ended: () => this.#clientEnded(),
    };
    this.answers = {
      read: (bytes) => this.#fromUpstream(bytes),
      endSeen: () => {},
      ended: () => this.#ends.upstreamEnded(),
    };
  }

  sideClosed(side: "client" | "upstream", isReset: boolean): boolean {
    this.#ends.endAll(side === "client" ? "given_up" : isReset ? "reset" : "closed");
    return true;
  }

  #fromClient(bytes: Buffer): void {
    if (this.#preface === null) {
      this.towardsUpstream.read(bytes);
      return;
    }
    const begin = Buffer.concat([this.#preface, bytes]);
    this.#preface = begin;
    const isRight = isPreface(begin);
    if (isRight === null) return;
    this.#preface = null;
    if (isRight) {
      this.#pair.towardsUpstream.write(begin.subarray(0, PREFACE_BYTES));
      if (begin.length > PREFACE_BYTES) this.towardsUpstream.read(begin.subarray(PREFACE_BYTES));
    } else {
      this.unreadable(begin);
      this.towardsUpstream.read(begin);
    }
  }

  #fromUpstream(bytes: Buffer): void {
    // A server of HTTP/2 begins with SETTINGS, which are short.
    if (!this.#isAnswered && bytes[0] !== 0) {
      if (this.#preface === null && !this.#isUnread) this.gateway.http2Refused();
      this.unreadable(bytes);
    }
    this.#isAnswered = true;
    this.towardsClient.read(bytes);
    if (this.towardsClient.hasBegun) this.ownAnswers.begun();
  }

  #clientEnded(): void {
    if (this.#preface !== null) this.#pair.towardsUpstream.write(this.#preface);
    this.towardsUpstream.finish();
    this.#pair.towardsUpstream.end();
    this.#ends.clientEnded();
  }

  rulesGone(): void {
    for (const stream of this.streams.all) {
      if (!stream.deed) continue;
      stream.dropGone();
      if (this.goingAway.refuses(stream)) continue;
      this.#requests.rulesGone(stream);
      this.#answers.rulesGone(stream);
    }
  }

  closed(): void {
    this.towardsClient.end();
    this.towardsUpstream.end();
    this.#tellAll();
  }

  unreadable(bytes: Buffer): void {
    if (this.#isUnread) return;
    this.#isUnread = true;
    this.#pair.unreadable(bytes);
    if (this.streams.areTouched) {
      // Its client did not give it up, and its upstream did not close.
      this.#ends.endAll("unread");
      this.towardsClient.end();
      this.towardsUpstream.end();
      this.#pair.destroy();
      return;
    }
    this.#ends.endAll("unread");
    this.#tellAll();
    this.towardsUpstream.goRaw(this.requestBlocks.takeHeld());
    this.towardsClient.goRaw(this.answerBlocks.takeHeld());
  }

  get mayAct(): boolean {
    return this.view.hasRules && !this.goingAway.isGoing;
  }

  touch(): void {
    this.streams.areTouched = true;
  }

  after(stream: RelayedStream, ms: number, work: () => void): void {
    if (stream.timer) clearTimeout(stream.timer);
    stream.timer = setTimeout(() => {
      stream.timer = null;
      work();
      this.#ends.endIfThrough();
    }, Math.ceil(ms));
  }

  answered(stream: RelayedStream): void {
    this.#tell(stream, "answered");
    this.#ends.soonEndIfThrough();
    this.after(stream, LEFT_TO_UPSTREAM_MS, () => {
      if (stream.upstreamEnded) return;
      this.towardsUpstream.insert(resetFrame(stream.upstreamId, "CANCEL"));
      if (!stream.requestEnded) this.towardsClient.insert(resetFrame(stream.clientId, "NO_ERROR"));
      this.finish(stream, "answered");
    });
  }

  swappedEnded(stream: RelayedStream): void {
    stream.upstreamEnded = true;
    if (!stream.isGiven && this.streams.ofClient(stream.clientId) === stream) this.answerEnded(stream);
  }

  wait(rest: Buffer): void {
    this.#isWaiting = true;
    this.#pair.towardsClient.hold();
    this.#pair.towardsClient.unread(rest);
  }

  widened(): void {
    this.#ownBodies.pump();
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#pair.towardsClient.release();
  }

  requestEnded(stream: RelayedStream): void {
    stream.requestEnded = true;
    if (stream.answerEnded) this.#forget(stream);
  }

  answerEnded(stream: RelayedStream): void {
    if (stream.answerEnded) return;
    stream.answerEnded = true;
    this.#tell(stream, "answered");
    if (stream.requestEnded) this.#forget(stream);
    this.#ends.soonEndIfThrough();
  }

  finish(stream: RelayedStream, end: ExchangeEnd): void {
    this.#tell(stream, end);
    this.letGo(stream);
    this.#forget(stream);
    this.#ends.soonEndIfThrough();
  }

  letGo(stream: RelayedStream): void {
    const asked = dataBytesIn(stream.heldRequest ?? []);
    const answered = dataBytesIn(stream.heldAnswer ?? []);
    stream.heldRequest = null;
    stream.heldAnswer = null;
    this.kept("request", -asked);
    this.kept("answer", -answered);
    this.creditClient(asked);
    this.creditUpstream(answered);
  }

  cut(stream: RelayedStream): Buffer {
    this.touch();
    if (stream.edit?.kind === "cut") stream.edit.acted();
    const isOver = stream.requestEnded && (stream.answerEnded || stream.upstreamEnded);
    if (!isOver) this.towardsUpstream.insert(resetFrame(stream.upstreamId, "CANCEL"));
    this.finish(stream, "broken_off");
    return resetFrame(stream.clientId, "INTERNAL_ERROR");
  }

  kept(what: "request" | "answer", bytes: number): void {
    this.#kept[what] += bytes;
    if (what === "answer") this.windows.promised(bytes);
    // What was held may never go: there is room for what waits, and no WINDOW_UPDATE says so.
    if (what === "answer" && bytes < 0 && this.#isWaiting) queueMicrotask(() => this.widened());
    this.gateway.held(this.#kept[what]);
  }

  creditClient(bytes: number, streamId = 0): void {
    if (bytes > 0) this.towardsClient.insert(creditFrame(bytes, streamId));
  }

  creditUpstream(bytes: number, streamId = 0): void {
    if (bytes > 0) this.towardsUpstream.insert(creditFrame(bytes, streamId));
  }

  clientSettings(frame: Buffer): void {
    this.#tables.asked(frame);
    this.windows.settings(frame);
    this.#ownBodies.pump();
  }

  settingsTaken(): void {
    const tableBytes = this.#tables.taken();
    if (tableBytes !== null) this.answerBlocks.owe(tableBytes);
  }

  /** The gateway is told of each stream once. */
  #tell(stream: RelayedStream, end: ExchangeEnd): void {
    stream.ends(stream.isUpgraded ? "upgraded" : end, this.gateway.nowMs());
    if (stream.isTold) return;
    stream.isTold = true;
    this.gateway.ended(stream);
  }

  #tellAll(): void {
    for (const stream of this.streams.all) {
      this.#tell(stream, "closed");
      this.#forget(stream);
    }
  }

  #forget(stream: RelayedStream): void {
    if (stream.timer) clearTimeout(stream.timer);
    stream.timer = null;
    stream.heldRequest = null;
    stream.heldAnswer = null;
    this.#ownBodies.drop(stream);
    this.streams.remove(stream);
  }
}
