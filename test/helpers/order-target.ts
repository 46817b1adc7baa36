import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "./at-once.js";

/** What an order service does wrong. Numbers count the orders that it acknowledges, or refuses. */
export interface Carelessness {
  /** Each so-manieth acknowledged order is not stored. */
  readonly losesEvery?: number;
  /** Each so-manieth acknowledged order is stored twice. */
  readonly doublesEvery?: number;
  /** Each so-manieth order is refused. */
  readonly refusesEvery?: number;
  /** What is refused is stored all the same. */
  readonly storesRefused?: boolean;
}

export interface OrderTarget {
  readonly port: number;
  readonly lost: ReadonlySet<string>;
  readonly doubled: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
  readonly acknowledged: number;
}

/**
 * POST /orders {"id": …} stores an order and answers 201 with an `orderId` of its own, or 422. GET /orders lists the ids
 * that clients gave, GET /orderIds its own.
 */
export async function orderTarget(wrong: Carelessness = {}): Promise<OrderTarget> {
  const stored: { readonly id: string; readonly orderId: string }[] = [];
  const lost = new Set<string>();
  const doubled = new Set<string>();
  const refused = new Set<string>();
  let orders = 0;
  let acknowledged = 0;
  const isEach = (count: number, every: number | undefined) => every !== undefined && count % every === 0;
  const order = (id: string): { readonly status: number; readonly orderId: string } => {
    orders += 1;
    const entry = { id, orderId: `o-${orders}` };
    if (isEach(orders, wrong.refusesEvery)) {
      refused.add(id);
      if (wrong.storesRefused) stored.push(entry);
      return { status: 422, orderId: "" };
    }
    acknowledged += 1;
    if (isEach(acknowledged, wrong.losesEvery)) lost.add(id);
    else stored.push(entry);
    if (isEach(acknowledged, wrong.doublesEvery) && !lost.has(id)) {
      doubled.add(id);
      stored.push(entry);
    }
    return { status: 201, orderId: entry.orderId };
  };
  const server = createServer((request, response) => {
    if (request.method === "GET") {
      const list = stored.map(({ id, orderId }) => (request.url === "/orderIds" ? orderId : id));
      return void response.end(JSON.stringify({ orders: list.map((each) => ({ id: each })) }));
    }
    let body = "";
    request.setEncoding("utf8").on("data", (text) => {
      body += text;
    });
    request.on("end", () => {
      const { status, orderId } = order(String(JSON.parse(body).id));
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ orderId }));
    });
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    lost,
    doubled,
    refused,
    get acknowledged() {
      return acknowledged;
    },
  };
}
