import type { GatewayHost } from "../../between/gateway/gateway.js";
import type { ExchangeEnd } from "../../http-traffic.js";
import type { FrameStream } from "./frames/frame-stream.js";
import type { RelayedBlocks } from "./frames/relayed-blocks.js";
import type { RelayedCall } from "./relayed-call.js";
import type { CallRules } from "./rules/call-rules.js";
import type { Streams } from "./streams.js";

/** What those who look at frames know of the connection, and what they ask of it. */
export interface CallHost {
  /** Of the connection. */
  readonly number: number;
  readonly rules: CallRules;
  readonly gateway: GatewayHost;
  readonly streams: Streams;
  readonly requestBlocks: RelayedBlocks;
  readonly answerBlocks: RelayedBlocks;
  readonly towardsUpstream: FrameStream;
  readonly towardsClient: FrameStream;
  /** Rules may act on the next call: the upstream will see it. */
  readonly mayAct: boolean;
  /** From now on not all that comes goes on as it came. */
  touch(): void;
  /** Unless the call is over before. */
  after(call: RelayedCall, ms: number, work: () => void): void;
  /** Gives the status of a rule in place of the upstream's answer. */
  answerOurselves(call: RelayedCall): void;
  requestEnded(call: RelayedCall): void;
  answerEnded(call: RelayedCall): void;
  /** The stream is closed on both sides. What is held of it goes nowhere. */
  finish(call: RelayedCall, end: ExchangeEnd): void;
  /** Breaks a stream off in the middle of its answer. @returns the end of it, for the client. */
  cut(call: RelayedCall): Buffer;
  /** So many bytes more of requests or answers are held on the connection; fewer where it is below 0. */
  kept(what: "request" | "answer", bytes: number): void;
  /** Bytes of the client went no further: the upstream will not give them back. */
  creditClient(bytes: number): void;
  creditUpstream(bytes: number): void;
  /**
   * The upstream answers no streams beyond that one.
   * @returns the last stream that the client is to be told of.
   */
  goingAway(lastUpstreamId: number): number;
  /** SETTINGS of the client. @param tableBytes of headers, at the most. null: they do not say. */
  clientSettings(tableBytes: number | null): void;
  /** The upstream has taken the oldest of them. */
  settingsTaken(): void;
  /** What came is no HTTP/2, or none that can be read. It crosses unread, where nothing was changed before. */
  unreadable(bytes: Buffer): void;
}
