import { TLSSocket } from "node:tls";
import { Patience } from "../../../support/clock.js";
import { HTTP1, HTTP2 } from "../../between/spoken-above-tls.js";
import { connectUpstream, type UpstreamAddress } from "../../between/upstream-socket.js";

const LONGEST_MS = 3_000;

/** What an upstream agrees to above TLS. It is asked once, by a handshake; then services are offered the same. */
export class AgreedProtocols {
  readonly #upstream: UpstreamAddress;
  #asking: Promise<void> | null = null;
  /** Until it is known, and where it cannot be known. */
  #agreed: readonly string[] = [HTTP1];
  isKnown = false;

  constructor(upstream: UpstreamAddress) {
    this.#upstream = upstream;
  }

  /** Resolves when it is known, or cannot be known for now: the next to ask tries again. */
  ask(): Promise<void> {
    this.#asking ??= this.#try().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** As Node calls it. @returns undefined: the handshake ends, as nothing is agreed on. */
  readonly choose = ({ protocols }: { readonly protocols: readonly string[] }): string | undefined =>
    this.#agreed.find((protocol) => protocols.includes(protocol));

  #try(): Promise<void> {
    return new Promise((resolve) => {
      const late = new Patience(LONGEST_MS, () => socket.destroy());
      const socket = connectUpstream(this.#upstream, () => {
        const protocol = socket instanceof TLSSocket ? socket.alpnProtocol : null;
        this.#agreed = protocol === HTTP2 ? [HTTP2, HTTP1] : [HTTP1];
        this.isKnown = true;
        socket.destroy();
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        late.end();
        resolve();
      });
    });
  }
}
