import type { Socket } from "node:net";
import { hasCode } from "../../../support/errors.js";
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

/** What the upstream is offered above TLS. null: more has to come of the client before that is known. */
export type OfferFor = (begin: Buffer) => readonly string[] | null;

export interface PairOptions {
  readonly client: Socket;
  readonly upstream: UpstreamAddress;
  readonly number: number;
  readonly gateway: GatewayHost;
  speechOn(pair: Pair): Speech;
  /** The upstream is connected to once the client has said something, which decides what is offered. null: at once. */
  readonly offerFor?: OfferFor | null;
}

/**
 * One for one, so that the dependency sees as many connections as it would without us. What ends one side ends the other in
 * the same way.
 */
export class PairedConnection implements GatewayConnection, Pair {
  readonly number: number;
  readonly gateway: GatewayHost;
  readonly #speechOn: (pair: Pair) => Speech;
  /** Not read until the upstream accepts, or what it is offered has to be known; then replaced by one that is. */
  #client: Socket;
  #upstream: Socket | null = null;
  #lanes: { readonly towardsUpstream: Lane; readonly towardsClient: Lane } | null = null;
  #speech: Speech | null = null;
  /** What came of the client before the upstream was there. */
  #early: Buffer[] = [];
  #isRead = false;
  #isClosed = false;

  constructor({ client, upstream, number, gateway, speechOn, offerFor = null }: PairOptions) {
    this.#client = client;
    this.number = number;
    this.gateway = gateway;
    this.#speechOn = speechOn;
    client.on("error", () => {});
    if (offerFor) this.#listenFirst(upstream, offerFor);
    else this.#dial(upstream);
  }

  destroy(): void {
    this.#client.destroy();
    this.#upstream?.destroy();
  }

  rulesGone(): void {
    this.#speech?.rulesGone();
  }

  get bytes(): number {
    return this.#client.bytesRead + (this.#upstream?.bytesRead ?? 0);
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
    this.#upstream?.destroy();
  }

  closeUpstream(): void {
    this.#upstream?.destroy();
  }

  get #open() {
    if (!this.#lanes) throw new Error("the upstream has not accepted yet");
    return this.#lanes;
  }

  #listenFirst(upstream: UpstreamAddress, offerFor: OfferFor): void {
    const client = this.#read((bytes) => {
      this.#early.push(bytes);
      if (this.#upstream) return;
      const alpn = offerFor(Buffer.concat(this.#early));
      if (alpn === null) return;
      client.pause();
      this.#dial({ ...upstream, alpn });
    });
    client.on("error", () => {});
    client.on("end", () => {
      if (!this.#upstream) client.destroy();
    });
    client.on("close", () => {
      if (this.#lanes) return;
      this.#upstream?.destroy();
      this.#closed();
    });
  }

  /** @param early gets what comes before the upstream is there. */
  #read(early: (bytes: Buffer) => void): Socket {
    this.#isRead = true;
    this.#client = takeOver(this.#client, (bytes) => {
      if (this.#lanes) this.#lanes.towardsUpstream.arrived(bytes);
      else early(bytes);
    });
    return this.#client;
  }

  #dial(to: UpstreamAddress): void {
    const upstream = connectUpstream(
      to,
      () => this.#connected(upstream),
      (bytes) => this.#lanes?.towardsClient.arrived(bytes),
    );
    this.#upstream = upstream;
    upstream.on("error", (error) => {
      noteLimit(error);
      if (to.alpn?.[0] === "h2" && hasCode(error, NO_SUCH_PROTOCOL)) this.gateway.http2Refused();
    });
    upstream.on("close", () => {
      if (this.#lanes) return;
      if (!this.#client.destroyed) this.gateway.refused();
      this.destroy();
      this.#closed();
    });
  }

  #connected(upstream: Socket): void {
    if (this.#client.destroyed) {
      // Its end is told by the upstream's "close".
      this.destroy();
      return;
    }
    const client = this.#isRead ? this.#client : this.#read(() => {});
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
    const early = this.#early.splice(0);
    if (early.length === 0) return;
    for (const bytes of early) this.#lanes.towardsUpstream.arrived(bytes);
    if (!upstream.writableNeedDrain) client.resume();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#speech?.closed();
    this.gateway.closed(this);
  }
}

/** OpenSSL's code where a server agrees to none of the protocols that it was offered. */
const NO_SUCH_PROTOCOL = "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL";

function lateReader(reader: () => LaneReader | undefined): LaneReader {
  return {
    read: (bytes) => reader()?.read(bytes),
    endSeen: () => reader()?.endSeen(),
    ended: () => reader()?.ended(),
  };
}
