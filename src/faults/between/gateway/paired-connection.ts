import type { Socket } from "node:net";
import { noteLimit } from "../../../support/limit-hit.js";
import { Lane, type LaneReader } from "../lane.js";
import { takeOver } from "../shared-read.js";
import { tie } from "../tie.js";
import { connectUpstream, resetSocket, type UpstreamAddress } from "../upstream-socket.js";
import type { GatewayConnection, GatewayHost } from "./gateway.js";

/** What is spoken on a connection, as a gateway follows it. */
export interface Speech {
  readonly requests: LaneReader;
  readonly answers: LaneReader;
  /** @returns whether the other side is to end in the same way; false: it is seen to. */
  sideClosed(side: "client" | "upstream", isReset: boolean): boolean;
  rulesGone(): void;
  /** Both sides are closed. */
  closed(): void;
}

/** A client and a connection to the upstream of its own, as those see it who follow what is spoken. */
export interface Pair {
  readonly number: number;
  readonly gateway: GatewayHost;
  readonly towardsUpstream: Lane;
  readonly towardsClient: Lane;
  /** Bytes of ours, which hold nobody up. */
  tellClient(bytes: Buffer): void;
  unreadable(bytes: Buffer): void;
  resetClient(): void;
  /** Closes the side of the client once it has what it was sent, and that of the upstream at once. */
  closeBehind(): void;
  closeUpstream(): void;
  /** Closes both sides at once; what is on its way is lost. */
  destroy(): void;
}

export interface PairOptions {
  readonly client: Socket;
  readonly upstream: UpstreamAddress;
  readonly number: number;
  readonly gateway: GatewayHost;
  speechOn(pair: Pair): Speech;
}

/**
 * One for one, so that the dependency sees as many connections as it would without us. What ends one side ends the other in
 * the same way.
 */
export class PairedConnection implements GatewayConnection, Pair {
  readonly number: number;
  readonly gateway: GatewayHost;
  readonly #speechOn: (pair: Pair) => Speech;
  /** Not read until the upstream accepts; then replaced by one that is. */
  #client: Socket;
  readonly #upstream: Socket;
  #lanes: { readonly towardsUpstream: Lane; readonly towardsClient: Lane } | null = null;
  #speech: Speech | null = null;

  constructor({ client, upstream, number, gateway, speechOn }: PairOptions) {
    this.#client = client;
    this.number = number;
    this.gateway = gateway;
    this.#speechOn = speechOn;
    this.#upstream = connectUpstream(
      upstream,
      () => this.#connected(),
      (bytes) => this.#lanes?.towardsClient.arrived(bytes),
    );
    this.#upstream.on("error", noteLimit);
    client.on("error", () => {});
    this.#upstream.on("close", () => {
      if (this.#lanes) return;
      if (!this.#client.destroyed) gateway.refused();
      this.destroy();
      this.#closed();
    });
  }

  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  rulesGone(): void {
    this.#speech?.rulesGone();
  }

  get bytes(): number {
    return this.#client.bytesRead + this.#upstream.bytesRead;
  }

  get towardsUpstream(): Lane {
    return this.#open.towardsUpstream;
  }

  get towardsClient(): Lane {
    return this.#open.towardsClient;
  }

  tellClient(bytes: Buffer): void {
    if (bytes.length > 0 && this.#client.writable) this.#client.write(bytes);
  }

  unreadable(bytes: Buffer): void {
    this.gateway.unreadable(this, bytes);
  }

  resetClient(): void {
    this.#client.resetAndDestroy();
  }

  closeBehind(): void {
    this.#client.destroySoon();
    this.#upstream.destroy();
  }

  closeUpstream(): void {
    this.#upstream.destroy();
  }

  get #open() {
    if (!this.#lanes) throw new Error("the upstream has not accepted yet");
    return this.#lanes;
  }

  #connected(): void {
    if (this.#client.destroyed) {
      // Its end is told by the upstream's "close".
      this.destroy();
      return;
    }
    const upstream = this.#upstream;
    const client = takeOver(this.#client, (bytes) => this.#lanes?.towardsUpstream.arrived(bytes));
    this.#client = client;
    tie(client, upstream, {
      sideClosed: (side, isReset) => this.#speech?.sideClosed(side, isReset) ?? true,
      reset: (side) => resetSocket(side === "client" ? client : upstream),
      bothClosed: () => this.#closed(),
    });
    this.#lanes = {
      towardsUpstream: new Lane(
        client,
        upstream,
        lateReader(() => this.#speech?.requests),
      ),
      towardsClient: new Lane(
        upstream,
        client,
        lateReader(() => this.#speech?.answers),
      ),
    };
    this.#speech = this.#speechOn(this);
  }

  #closed(): void {
    this.#speech?.closed();
    this.gateway.closed(this);
  }
}

function lateReader(reader: () => LaneReader | undefined): LaneReader {
  return {
    read: (bytes) => reader()?.read(bytes),
    endSeen: () => reader()?.endSeen(),
    ended: () => reader()?.ended(),
  };
}
