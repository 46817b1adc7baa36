import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "./at-once.js";

/** A Toxiproxy that makes every proxy where it likes; resolves with its URL. */
export async function strayingToxiproxy(listen: string): Promise<string> {
  const made = {
    name: "cache",
    listen,
    upstream: "127.0.0.1:7000",
    enabled: true,
    toxics: [],
  };
  let isMade = false;
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === "/version") response.end('{"version":"2.13.0"}');
    else if (request.method === "DELETE") {
      isMade = false;
      response.writeHead(204).end();
    } else if (request.method === "POST") {
      isMade = true;
      response.writeHead(201).end(JSON.stringify(made));
    } else response.end(JSON.stringify(isMade ? { cache: made } : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on a port, so an address is an object.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
