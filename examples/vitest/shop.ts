// The service under test: a shop that asks a stock service before it answers.
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export interface Running {
  readonly port: number;
  close(): void;
}

/** The dependency. */
export function startStock(): Promise<Running> {
  return listen((_, response) => response.end(JSON.stringify({ apples: 3 })));
}

/** `questions`: how often it asks the stock for one answer, one question after the other. */
export function startShop(stockUrl: string, { questions = 1 } = {}): Promise<Running> {
  return listen(async (_, response) => {
    try {
      let stock = "";
      for (let asked = 0; asked < questions; asked += 1) stock = await (await fetch(stockUrl)).text();
      response.end(stock);
    } catch {
      response.writeHead(502).end();
    }
  });
}

async function listen(handler: RequestListener): Promise<Running> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const { port, close } = await listen(() => {});
  close();
  return port;
}
