import { connect } from "node:net";
import { Patience } from "../../../support/clock.js";
import { parseHostPort } from "../client/toxiproxy-address.js";
import type { Injection } from "../injection.js";

/** What a connection of ours to a proxy met. No byte is sent: the upstream is somebody's service. */
export type ProbeResult =
  | { readonly kind: "refused" }
  /** It shows that the toxic works. */
  | { readonly kind: "effect"; readonly seen: string }
  /** It opened; a silent connection cannot show more. */
  | { readonly kind: "open" };

const PROBE_MS = 1_000;

/** Connects to a proxy, closes its side, and looks at the result. Never rejects. */
export function probe(listen: string, injections: readonly Injection[]): Promise<ProbeResult> {
  const { host, port } = parseHostPort(listen);
  const resets = injections.some((each) => each.kind === "toxic" && each.toxic.type === "reset_peer");
  return new Promise((resolve) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    let connected = false;
    const done = (result: ProbeResult) => {
      patience.end();
      socket.destroy();
      resolve(result);
    };
    const patience = new Patience(PROBE_MS, () => done({ kind: connected ? "open" : "refused" }));
    socket.on("connect", () => {
      connected = true;
      // When a reset is due, a close triggers it. Otherwise the connection says no more than that it opened.
      if (resets) socket.end();
      else done({ kind: "open" });
    });
    socket.on("error", () =>
      done(connected ? { kind: "effect", seen: "a connection of ours was reset" } : { kind: "refused" }),
    );
    socket.on("end", () => done({ kind: "open" }));
    socket.resume();
  });
}
