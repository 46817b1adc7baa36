import type { Socket } from "node:net";
import { noteLimit } from "../../../support/limit-hit.js";
import type { GatewayConnection, GatewayHost } from "../../between/gateway/gateway.js";
import { Lane } from "../../between/lane.js";
import { takeOver } from "../../between/shared-read.js";
import { tie } from "../../between/tie.js";
import { connectUpstream, resetSocket, type UpstreamAddress } from "../../between/upstream-socket.js";
import { Relay, type RelayHost } from "./relay.js";
import type { CallRules } from "./rules/call-rules.js";

/**
 * A client and a connection to the upstream of its own: one for one, so that SETTINGS, PING, GOAWAY and the windows of flow
 * control are those of the two ends. What ends one side ends the other in the same way.
 */
export class CallConnection implements GatewayConnection, RelayHost {
  readonly number: number;
  readonly rules: CallRules;
  readonly gateway: GatewayHost;
  /** Not read until the upstream accepts; then replaced by one that is. */
  #client: Socket;
  readonly #upstream: Socket;
  readonly #relay: Relay;
  #towardsUpstream: Lane | null = null;
  #towardsClient: Lane | null = null;
  #isOpen = false;

  constructor(
    client: Socket,
    upstream: UpstreamAddress,
    number: number,
    gateway: GatewayHost,
    rules: CallRules,
  ) {
    this.#client = client;
    this.number = number;
    this.gateway = gateway;
    this.rules = rules;
    this.#relay = new Relay(this);
    this.#upstream = connectUpstream(
      upstream,
      () => this.#connected(),
      (bytes) => this.#towardsClient?.arrived(bytes),
    );
    this.#upstream.on("error", noteLimit);
    client.on("error", () => {});
    this.#upstream.on("close", () => {
      if (this.#isOpen) return;
      if (!this.#client.destroyed) gateway.refused();
      this.destroy();
      this.#closed();
    });
  }

  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  unreadable(bytes: Buffer): void {
    this.gateway.unreadable(this, bytes);
  }

  rulesGone(): void {
    this.#relay.rulesGone();
  }

  get bytes(): number {
    return this.#client.bytesRead + this.#upstream.bytesRead;
  }

  toClient(bytes: Buffer): void {
    this.#towardsClient?.write(bytes);
  }

  toUpstream(bytes: Buffer): void {
    this.#towardsUpstream?.write(bytes);
  }

  #connected(): void {
    this.#isOpen = true;
    if (this.#client.destroyed) {
      // Its end is told by the upstream's "close".
      this.#isOpen = false;
      this.destroy();
      return;
    }
    this.#client = takeOver(this.#client, (bytes) => this.#towardsUpstream?.arrived(bytes));
    const relay = this.#relay;
    tie(this.#client, this.#upstream, {
      sideClosed: (side, isReset) => {
        relay.endAll(side === "client" ? "given_up" : isReset ? "reset" : "closed");
        return true;
      },
      reset: (side) => resetSocket(side === "client" ? this.#client : this.#upstream),
      bothClosed: () => this.#closed(),
    });
    this.#towardsUpstream = new Lane(this.#client, this.#upstream, {
      read: (bytes) => relay.fromClient(bytes),
      // A client that has closed waits for nothing: what crosses a proxy knows no half-closed connections.
      endSeen: () => relay.endAll("given_up"),
      ended: () => {
        relay.clientEnded();
        this.#towardsUpstream?.end();
      },
    });
    this.#towardsClient = new Lane(this.#upstream, this.#client, {
      read: (bytes) => relay.fromUpstream(bytes),
      endSeen: () => {},
      ended: () => {
        relay.upstreamEnded(() => this.#towardsClient?.end());
      },
    });
  }

  #closed(): void {
    this.#relay.close();
    this.gateway.closed(this);
  }
}
