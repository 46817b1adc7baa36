import { DROPPED } from "./frames/frame-stream.js";
import type { RelayedCall } from "./relayed-call.js";

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
  readonly #byClient = new Map<number, RelayedCall>();
  readonly #byUpstream = new Map<number, RelayedCall>();

  get all(): readonly RelayedCall[] {
    return [...this.#byClient.values()];
  }

  add(call: RelayedCall): void {
    this.lastClientId = call.clientId;
    this.#byClient.set(call.clientId, call);
  }

  /** Gives it its number on the side of the upstream. */
  open(call: RelayedCall): void {
    call.upstreamId = this.areTouched ? Math.max(call.clientId, this.#lastUpstreamId + 2) : call.clientId;
    this.#lastUpstreamId = call.upstreamId;
    this.#byUpstream.set(call.upstreamId, call);
  }

  remove(call: RelayedCall): void {
    this.#byClient.delete(call.clientId);
    if (call.upstreamId > 0) this.#byUpstream.delete(call.upstreamId);
  }

  ofClient(id: number): RelayedCall | undefined {
    return this.#byClient.get(id);
  }

  ofUpstream(id: number): RelayedCall | undefined {
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
