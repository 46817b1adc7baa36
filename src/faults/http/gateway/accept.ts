import { createServer, type Server, type Socket } from "node:net";
import { formatAddress } from "../../../support/address.js";
import { noteLimit } from "../../../support/limit-hit.js";

/** Connections that may wait to be accepted; the system may allow fewer. */
const BACKLOG = 4096;

/** How connections of the service come in. */
export interface AcceptOptions {
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
}

export interface Listener {
  /** host:port where it really listens. */
  readonly address: string;
  /** Connections that are there stay. */
  close(): void;
}

/** Listens for connections; each is handed over unread. Rejects with the system's error. */
export async function accept(options: AcceptOptions, onClient: (client: Socket) => void): Promise<Listener> {
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, onClient);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ ...options, backlog: BACKLOG, exclusive: true }, () => {
      server.off("error", reject);
      // Out of file handles, for one: connections are refused until there are some again.
      server.on("error", noteLimit);
      resolve();
    });
  });
  return { address: addressOf(server), close: () => server.close() };
}

function addressOf(server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("a TCP server has no address");
  return formatAddress({ host: bound.address, port: bound.port });
}
