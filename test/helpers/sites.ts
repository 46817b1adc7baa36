import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import type { AddressInfo } from "node:net";
import type { LoadPlan } from "../../src/plan/load-plan.js";

/** Versions of HTTP that a load can be made of, and how a plan says so. */
export const VERSIONS = ["HTTP/1.1", "HTTP/2"] as const;
export type Version = (typeof VERSIONS)[number];

export function planChanges(version: Version): Partial<LoadPlan> {
  return version === "HTTP/2" ? { protocol: "h2" } : {};
}

/** What both versions of a server know of a request. */
export interface SiteRequest {
  readonly method?: string;
  readonly url?: string;
  readonly headers: IncomingHttpHeaders;
  on(event: "data", listener: (chunk: Buffer) => void): void;
  on(event: "end", listener: () => void): void;
}

export interface Site {
  readonly url: string;
  down(): void;
}

/** A server of either version, which answers by the same calls. */
export async function startSite(
  version: Version,
  answer: (request: SiteRequest, response: ServerResponse) => void,
): Promise<Site> {
  const sessions = new Set<{ destroy(): void }>();
  const server =
    version === "HTTP/1.1"
      ? createServer(answer)
      : // Its response has the same methods.
        createHttp2Server((request: Http2ServerRequest, response: Http2ServerResponse) =>
          answer(request as unknown as SiteRequest, response as unknown as ServerResponse),
        );
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    // Listening on a port, so an address is an object.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    down: () => {
      if ("closeAllConnections" in server) server.closeAllConnections();
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}
