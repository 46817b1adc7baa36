import { readFileSync } from "node:fs";
import { createServer as createHttp, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, connect, createServer as createTcp, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";

/** What may stand between a run and a Toxiproxy server: a path of a gateway, TLS, a tunnel (ssh -L, kubectl). */
export type FrontKind = "path" | "https" | "tunnel";

export interface Front {
  /** Where the run finds the server. */
  readonly url: string;
  /** Nothing listens there any more, and every connection is cut. */
  stop(): Promise<void>;
  /** At the same address again. */
  start(): Promise<void>;
}

const pem = (name: string) => new URL(`../../fixtures/tls/${name}`, import.meta.url);

/** For NODE_EXTRA_CA_CERTS. */
export const CA_FILE = fileURLToPath(pem("ca.pem"));

export async function openFront(kind: FrontKind, serverUrl: string): Promise<Front> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let server: Server;
  const listen = async (at: number) => {
    server = serverOf(kind, { host: hostname, port: Number(port) });
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(at, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  };
  const own = await listen(0);
  let isOpen = true;
  const [scheme, path] = [kind === "https" ? "https" : "http", kind === "path" ? "/toxi/proxy" : ""];
  return {
    url: `${scheme}://127.0.0.1:${own}${path}`,
    async stop() {
      if (!isOpen) return;
      isOpen = false;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async start() {
      if (!isOpen) await listen(own);
      isOpen = true;
    },
  };
}

function serverOf(kind: FrontKind, to: { readonly host: string; readonly port: number }): Server {
  const forward = (path: string, incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method, headers } = incoming;
    const onward = request({ ...to, path, method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.on("error", () => onward.destroy());
    incoming.pipe(onward);
  };
  switch (kind) {
    case "path":
      return createHttp((incoming, outgoing) => {
        const path = /^\/toxi\/proxy(\/.*)$/.exec(incoming.url ?? "")?.[1];
        // As gateways answer what they do not know: it says nothing of the server behind.
        if (path === undefined) outgoing.writeHead(404).end("not found");
        else forward(path, incoming, outgoing);
      });
    case "https":
      return createHttps(
        { key: readFileSync(pem("server.key")), cert: readFileSync(pem("server.pem")) },
        (incoming, outgoing) => forward(incoming.url ?? "", incoming, outgoing),
      );
    case "tunnel":
      return createTcp((client) => {
        const onward = connect(to);
        client.pipe(onward).pipe(client);
        client.on("error", () => onward.destroy());
        client.on("close", () => onward.destroy());
        onward.on("error", () => client.destroy());
      });
  }
}
