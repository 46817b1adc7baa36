import type { Random } from "../../../../support/random.js";

/** Data as it was read from a connection, in one read. */
export interface Piece {
  readonly bytes: Buffer;
  /** When the proxy read it (or, behind a latency, when it was due), in ms of `performance.now()`. */
  readonly atMs: number;
  /** It had come before it was read: nobody read the source while a toxic or the other side had no room. */
  readonly hasWaited?: boolean;
}

/** What a toxic may do with one direction of one connection. */
export interface ToxicLine {
  /** Hands data on to the next toxic, or to the connection's other end. */
  send(piece: Piece): void;
  /**
   * Calls `then` after `ms` (Infinity: never). Meanwhile further pieces and the end queue up behind this one. `held` is
   * what the toxic has in hand. When the toxic is updated, `held` is taken again under the new settings. When it is
   * removed, `held` goes out at once.
   */
  hold(ms: number, held: Piece | null, then: () => void): void;
  /** Calls `then` after `ms` while pieces keep coming. A later alarm replaces an earlier one. */
  alarm(ms: number, then: () => void): void;
  /** Ends the stream in an orderly way. Whatever else the toxic gets is dropped. */
  close(): void;
  /** Resets both connections at once. */
  reset(): void;
  /**
   * The toxic has had its effect on something that passed: a piece delayed or swallowed, an end made or put off. A
   * toxic that never says so has touched nothing, and its fault is not proven.
   */
  acted(): void;
}

/** A toxic at work on one direction of one connection. It lives as long as both of them. */
export interface Toxic {
  /** Takes the next piece. Without `hold` the piece is done with when this returns. */
  take(piece: Piece, line: ToxicLine): void;
  /** The source has ended, and every piece before that was taken. Default: `line.close()`. */
  end?(line: ToxicLine): void;
  /** It begins to act: on a new connection, when it is added to an old one, and again after an update. */
  start?(line: ToxicLine): void;
  /** Its settings or its toxicity have changed. `start` follows if it still acts on this connection. */
  updated?(): void;
  /** After an update it no longer acts on this connection: what comes now would pass it untouched. */
  spared?(line: ToxicLine): void;
  /** It is taken off this connection. The connection lives on unless the toxic ends it now. */
  removed?(line: ToxicLine): void;
}

/** Attribute values by name, in Toxiproxy's own units. They change in place on an update. */
export type Settings<Name extends string = string> = Readonly<Record<Name, number>>;

export interface ToxicType<Name extends string = string> {
  /** The name that clients use in `type`. */
  readonly type: string;
  /** In the order of Toxiproxy's answers. Each is 0 until it is set. */
  readonly attributes: readonly Name[];
  /** Those of them that may be fractions. All others are whole numbers. */
  readonly fractions?: readonly Name[];
  /** Pieces that may wait behind the one in hand before the source is no longer read. Default: 0. */
  readonly bufferedPieces?: number;
  /** Why these settings cannot work, in words that follow "attribute ". @returns null when they can. */
  refuse?(settings: Settings<Name>): string | null;
  create(settings: Settings<Name>, random: Random): Toxic;
}
