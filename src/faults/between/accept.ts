import { createServer, type Server, type ServerOpts, type Socket } from "node:net";
import { formatAddress } from "../../support/address.js";
import { noteLimit } from "../../support/limit-hit.js";

/** Connections that may wait to be accepted; the system may allow fewer. */
const BACKLOG = 4096;

/** Where connections of the service come in. */
export interface ListenAddress {
  /** "": every interface. */
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

/** A connection is handed over unread, and each of its sides may end alone. */
export const LEFT_UNREAD: ServerOpts = { allowHalfOpen: true, pauseOnConnect: true };

/** Listens for connections. Rejects with the system's error. */
export async function accept(
  { host, port }: ListenAddress,
  sockets: ServerOpts,
  onClient: (client: Socket) => void,
): Promise<Listener> {
  const server = createServer({ noDelay: true, ...sockets }, onClient);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    const where = host === "" ? { port } : { host, port };
    server.listen({ ...where, backlog: BACKLOG, exclusive: true }, () => {
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
