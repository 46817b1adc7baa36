import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { onTestFinished } from "./at-once.js";

export interface WatchedService {
  readonly url: string;
  readonly port: number;
  /** Of each request so far. */
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** What was sent with each request that had something. */
  readonly bodies: string[];
  /** What it answers from now on. */
  answer(path: string, status: number, body?: string): void;
}

/** A service under load that answers 200, unless it is told otherwise, and keeps what it was asked. */
export async function watchedService(): Promise<WatchedService> {
  const requests: WatchedService["requests"] = [];
  const bodies: string[] = [];
  const answers = new Map<string, { readonly status: number; readonly body: string }>();
  const server: Server = createServer((request, response) => {
    const path = request.url ?? "/";
    requests.push({ path, headers: request.headers });
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => parts.length > 0 && bodies.push(Buffer.concat(parts).toString("utf8")));
    const { status, body } = answers.get(path) ?? { status: 200, body: "ok" };
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    bodies,
    answer: (path, status, body = "") => void answers.set(path, { status, body }),
  };
}

/** A short load test of one path of it. */
export function loadTestText(service: WatchedService, name: string, path = "/", durationS = 1): string {
  return `faultline: 1
name: ${name}
evidence: observed
load:
  target: ${service.url}
  rate: 20/s
  timeout: 2s
  requests: [{ name: ${name}, path: ${path} }]
phases: { warmup: 0.1s, baseline: ${durationS}s }
slos: [availability >= 99%]
`;
}
