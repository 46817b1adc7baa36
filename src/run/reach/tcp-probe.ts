import { connect } from "node:net";
import type { Address } from "../../support/address.js";
import { Patience } from "../../support/clock.js";
import { lookupHost } from "../../support/lookup-host.js";

/** Longest wait for an answer from a port. On loopback it comes within a millisecond. */
const LISTENING_MS = 500;

/** Why no connection opens. */
export interface ConnectProblem {
  /** The system's word for it, such as ENOTFOUND. null: nothing answered in time. */
  readonly code: string | null;
  /** For joining into a message. Never empty. */
  readonly text: string;
}

/** Why no connection to a TCP address (or a unix socket) opens. Resolves with null when one does. Never rejects. */
export function connectProblem(
  to: Address | { readonly path: string },
  timeoutMs: number,
): Promise<ConnectProblem | null> {
  return new Promise((resolve) => {
    const socket = connect({ ...to, lookup: lookupHost });
    const done = (problem: ConnectProblem | null) => {
      patience.end();
      socket.destroy();
      resolve(problem);
    };
    const seconds = Number((timeoutMs / 1000).toPrecision(2));
    const late = { code: null, text: `no connection within ${seconds} s` };
    const patience = new Patience(timeoutMs, () => done(late));
    socket.once("connect", () => done(null));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      done({ code: error.code ?? null, text: networkProblem(error) }),
    );
  });
}

/** Whether something accepts connections there. A host that does not answer in time counts as "no". */
export async function isListening(host: string, port: number): Promise<boolean> {
  return (await connectProblem({ host, port }, LISTENING_MS)) === null;
}

/** What a system error of the network says, for joining into a message. */
export function networkProblem({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ENOENT") return "there is no such file";
  if (code === "ENOTFOUND") return `its name has no address (${message})`;
  // A name with several addresses fails with an error for each of them and no text of its own.
  return message === "" ? (code ?? "failed") : message;
}
