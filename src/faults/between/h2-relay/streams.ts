import { DROPPED } from "./frames/frame-stream.js";
import type { RelayedStream } from "./relayed-stream.js";

/**
 * The streams of one connection. They have the same numbers on both sides, until one does not go on as it came: the upstream
 * must see numbers that only grow.
 */
export class Streams {
  /** Numbers may differ, and frames of streams that are not known are for nobody. */
  areTouched = false;
  /** The largest that the client has opened. */
  lastClientId = 0;
  /** Numbers of a client are odd. */
  #lastUpstreamId = -1;
  readonly #byClient = new Map<number, RelayedStream>();
  readonly #byUpstream = new Map<number, RelayedStream>();

  get all(): readonly RelayedStream[] {
    return [...this.#byClient.values()];
  }

  add(stream: RelayedStream): void {
    this.lastClientId = stream.clientId;
    this.#byClient.set(stream.clientId, stream);
  }

  /** Gives it its number on the side of the upstream. */
  open(stream: RelayedStream): void {
    stream.upstreamId = this.areTouched
      ? Math.max(stream.clientId, this.#lastUpstreamId + 2)
      : stream.clientId;
    this.#lastUpstreamId = stream.upstreamId;
    this.#byUpstream.set(stream.upstreamId, stream);
  }

  remove(stream: RelayedStream): void {
    this.#byClient.delete(stream.clientId);
    if (stream.upstreamId > 0) this.#byUpstream.delete(stream.upstreamId);
  }

  ofClient(id: number): RelayedStream | undefined {
    return this.#byClient.get(id);
  }

  ofUpstream(id: number): RelayedStream | undefined {
    return this.#byUpstream.get(id);
  }

  /** The number on the side of the upstream of what the client sends, or DROPPED. */
  towardsUpstream(id: number): number {
    if (!this.#mayDiffer(id)) return id;
    return this.#byClient.get(id)?.upstreamId || DROPPED;
  }

  /** The number on the side of the client of what the upstream sends, or DROPPED. */
  towardsClient(id: number): number {
    return this.#mayDiffer(id) ? (this.#byUpstream.get(id)?.clientId ?? DROPPED) : id;
  }

  /** Streams of the server have even numbers, and the connection has 0. */
  #mayDiffer(id: number): boolean {
    return this.areTouched && id % 2 === 1;
  }
}
