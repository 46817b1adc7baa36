import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "./at-once.js";

export interface SlowStore {
  /** POST /orders {"id": …} is acknowledged at once and stored later, through the store. GET /orders lists what is stored. */
  readonly ordersPort: number;
  /** What each order is stored through. A proxy may stand before it. */
  readonly storePort: number;
  /** From the acknowledgement until it was stored, by the store's own clock. Wall clock, in ms. */
  readonly times: () => readonly { readonly acknowledgedMs: number; readonly tookMs: number }[];
}

export interface SlowStoreOptions {
  /** An order waits for so long before it is stored. */
  readonly delayMs: number;
  /** Each so-manieth order is never stored. */
  readonly losesEvery?: number;
  /** Where it finds its store: the address of a proxy, once that is known. */
  readonly storeAt: () => { readonly host: string; readonly port: number };
}

/** A service that acknowledges an order before it is stored, as a saga or a queue does. */
export async function slowStore({ delayMs, losesEvery, storeAt }: SlowStoreOptions): Promise<SlowStore> {
  const acknowledged = new Map<string, number>();
  const stored = new Map<string, number>();
  const store = createServer((incoming, response) => {
    stored.set(decodeURIComponent((incoming.url ?? "/").slice(1)), Date.now());
    response.end();
  });
  const keep = (id: string): void => {
    const { host, port } = storeAt();
    const sent = request({ host, port, path: `/${encodeURIComponent(id)}`, agent: false }, (answer) =>
      answer.resume(),
    );
    sent.on("error", () => setTimeout(keep, 100, id));
    sent.end();
  };
  const orders = createServer((incoming, response) => {
    if (incoming.method === "GET") return void response.end(JSON.stringify([...stored.keys()]));
    let body = "";
    incoming.setEncoding("utf8").on("data", (text) => {
      body += text;
    });
    incoming.on("end", () => {
      const id = String(JSON.parse(body).id);
      response.writeHead(202).end("{}");
      acknowledged.set(id, Date.now());
      if (losesEvery === undefined || acknowledged.size % losesEvery !== 0) setTimeout(keep, delayMs, id);
    });
  });
  return {
    ordersPort: await listening(orders),
    storePort: await listening(store),
    times: () =>
      [...acknowledged].flatMap(([id, acknowledgedMs]) => {
        const storedMs = stored.get(id);
        return storedMs === undefined ? [] : [{ acknowledgedMs, tookMs: storedMs - acknowledgedMs }];
      }),
  };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return port;
}
