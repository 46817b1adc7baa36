import type { ExchangeEnd } from "../../http-traffic.js";
import type { GatewayHost } from "../gateway/gateway.js";
import type { ClientWindows } from "./client-windows.js";
import type { FrameStream } from "./frames/frame-stream.js";
import type { RelayedBlocks } from "./frames/relayed-blocks.js";
import type { OwnBody, RelayedStream, StreamView } from "./relayed-stream.js";
import type { Streams } from "./streams.js";

/** What clients get in place of the upstream's. */
export interface AnswersOfOurs {
  /** Gives what a rule has in place of the upstream's answer. */
  answer(stream: RelayedStream): void;
  /** A body of ours goes behind the upstream's headers. */
  giveBody(stream: RelayedStream, body: OwnBody): void;
}

export interface Leaving {
  /**
   * The upstream answers no streams beyond that one.
   * @returns the last stream that the client is to be told of.
   */
  told(lastUpstreamId: number): number;
}

/** What those who look at frames know of the connection, and what they ask of it. */
export interface StreamHost {
  /** The number of the connection. */
  readonly number: number;
  readonly view: StreamView;
  readonly gateway: GatewayHost;
  readonly streams: Streams;
  readonly requestBlocks: RelayedBlocks;
  readonly answerBlocks: RelayedBlocks;
  readonly towardsUpstream: FrameStream;
  readonly towardsClient: FrameStream;
  readonly windows: ClientWindows;
  readonly ownAnswers: AnswersOfOurs;
  readonly goingAway: Leaving;
  /** Rules may act on the next request: the upstream will see it. */
  readonly mayAct: boolean;
  /** From now on not all that comes goes on as it came. */
  touch(): void;
  /** Does work later, unless the stream is over before. A stream has one such wait: the latest replaces those before it. */
  after(stream: RelayedStream, ms: number, work: () => void): void;
  /** The client has the whole answer; the upstream's may go on. */
  answered(stream: RelayedStream): void;
  /** What is held of it goes nowhere. */
  letGo(stream: RelayedStream): void;
  requestEnded(stream: RelayedStream): void;
  answerEnded(stream: RelayedStream): void;
  /** The upstream has sent the last of an answer that the client gets otherwise. */
  swappedEnded(stream: RelayedStream): void;
  /** The stream is closed on both sides. What is held of it goes nowhere. */
  finish(stream: RelayedStream, end: ExchangeEnd): void;
  /** Breaks a stream off in the middle of its answer. @returns the end of it, for the client. */
  cut(stream: RelayedStream): Buffer;
  /** The connection holds so many bytes more of requests or answers; fewer where `bytes` is below 0. */
  kept(what: "request" | "answer", bytes: number): void;
  /** Bytes went no further: whoever sent them may send as many again. @param streamId 0: on the connection. */
  creditClient(bytes: number, streamId?: number): void;
  creditUpstream(bytes: number, streamId?: number): void;
  /** The client takes no more for now: what the upstream sends has to wait. */
  wait(rest: Buffer): void;
  /** The client takes more than it did. */
  widened(): void;
  /** SETTINGS of the client. */
  clientSettings(frame: Buffer): void;
  /** The upstream has taken the oldest of them. */
  settingsTaken(): void;
  /** What came is no HTTP/2, or none that can be read. It crosses unread, where nothing was changed before. */
  unreadable(bytes: Buffer): void;
}
