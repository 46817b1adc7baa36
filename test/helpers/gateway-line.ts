import { connect, createServer } from "node:net";
import type { GatewayOptions, RequestGateway } from "../../src/faults/between/gateway/gateway.js";
import { openGateway } from "../../src/faults/http/gateway/gateway.js";
import type { HttpRule } from "../../src/faults/http-rule.js";
import { parseAddress } from "../../src/support/hosts.js";
import { type Handler, Peer } from "./proxy-line.js";

/** A gateway in this thread with an upstream behind it, and clients; `close` takes everything down. */
export class GatewayLine<Spec = HttpRule> {
  readonly gateway: RequestGateway<Spec>;
  readonly #ends: (() => void)[];
  readonly #accepted: Peer[];
  #given = 0;
  #wake: () => void = () => {};

  private constructor(gateway: RequestGateway<Spec>, accepted: Peer[], ends: (() => void)[]) {
    this.gateway = gateway;
    this.#accepted = accepted;
    this.#ends = ends;
  }

  /** `onConnection` is the upstream. */
  static open(
    onConnection: Handler,
    options: Partial<Omit<GatewayOptions, "upstream">> = {},
  ): Promise<GatewayLine> {
    return GatewayLine.of(openGateway, onConnection, options);
  }

  static async of<Spec>(
    openOne: (options: GatewayOptions) => Promise<RequestGateway<Spec>>,
    onConnection: Handler,
    options: Partial<Omit<GatewayOptions, "upstream">> = {},
  ): Promise<GatewayLine<Spec>> {
    const accepted: Peer[] = [];
    const ends: (() => void)[] = [];
    let woken = () => {};
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const peer = new Peer(socket);
      ends.push(() => socket.destroy());
      accepted.push(peer);
      onConnection(peer);
      woken();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    if (!bound || typeof bound === "string") throw new Error("the upstream does not listen");
    const line = new GatewayLine(
      await openOne({
        listen: { host: "127.0.0.1", port: 0 },
        ...options,
        upstream: { address: { host: "127.0.0.1", port: bound.port }, tls: null, alpn: null },
      }),
      accepted,
      ends,
    );
    woken = () => line.#wake();
    ends.push(
      () => line.gateway.close(),
      () => server.close(),
    );
    return line;
  }

  /** A connection of a client's. */
  async client(): Promise<Peer> {
    const address = parseAddress(this.gateway.address);
    if (!address) throw new Error("the gateway does not listen");
    const socket = connect({ ...address, allowHalfOpen: true });
    this.#ends.push(() => socket.destroy());
    const peer = new Peer(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return peer;
  }

  /** The upstream's end of the connection that came next. */
  async next(): Promise<Peer> {
    while (this.#accepted.length <= this.#given) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#accepted[this.#given++]!;
  }

  close(): void {
    for (const end of this.#ends.splice(0).reverse()) end();
  }
}
