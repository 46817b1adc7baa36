import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { formatAddress } from "../../support/address.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { isSameSecret, strangerIn } from "../../support/local-access.js";
import { isLocalOnly, type PageAddress } from "../listen-address.js";
import type { PageRequest } from "../watch/live-model.js";
import { readPageRequest } from "./page-request.js";
import { Watchers } from "./watchers.js";

const HEADERS_TIMEOUT_MS = 10_000;
/** More than a room full of people. Beyond it nobody is let in. */
const MOST_CONNECTIONS = 1_000;

const SAFE_HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "content-security-policy": "frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** What the server asks for, and hands on. */
export interface Served {
  /** The page. It must send `key` back with everything that is written on it. */
  page(key: string): string;
  /** Everything that a watcher has missed since this event. "": it has seen nothing. */
  missed(lastEventId: string): Buffer;
  /** @returns null when there is no report of this number. */
  report(number: number): string | null;
  /** @returns null when it is done, else why it is not. */
  note(request: PageRequest, from: string): string | null;
  halt(request: PageRequest, from: string): string | null;
}

/** Serves the page, the stream of events, and the reports of runs that are over. */
export class LiveServer {
  readonly watchers = new Watchers();
  readonly #server: Server;
  readonly #served: Served;
  readonly #address: PageAddress;
  /** The first part of every path. "" on loopback. */
  readonly #token: string;
  /** Only the page itself knows it, so no other page can write in its name. */
  readonly #key = randomBytes(16).toString("hex");
  #onReportSent = () => {};

  private constructor(address: PageAddress, served: Served) {
    this.#address = address;
    this.#served = served;
    this.#token = isLocalOnly(address) ? "" : randomBytes(16).toString("hex");
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => refuse(response, 500, messageOf(error)));
    });
    this.#server.headersTimeout = HEADERS_TIMEOUT_MS;
    this.#server.requestTimeout = HEADERS_TIMEOUT_MS;
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /** @throws FaultlineError USAGE when it cannot listen there. */
  static async open(address: PageAddress, served: Served): Promise<LiveServer> {
    const live = new LiveServer(address, served);
    live.#server.listen({ host: address.host, port: address.port });
    try {
      await once(live.#server, "listening");
    } catch (error) {
      const where = formatAddress(address);
      throw new FaultlineError(
        "USAGE",
        `--ui-host: the page cannot be served on ${where}: ${messageOf(error)}`,
      );
    }
    return live;
  }

  /** The URL to open in a browser. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo; // it listens on TCP
    const host = reachableHost(this.#address.host);
    return `http://${formatAddress({ host, port })}/${this.#token === "" ? "" : `${this.#token}/`}`;
  }

  /**
   * Resolves when every watcher has been sent a report, at the latest after `mostMs`. Then nothing is open any more.
   */
  async close(last: Buffer, mostMs: number): Promise<void> {
    let awaited = this.watchers.count;
    if (awaited > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, mostMs);
        this.#onReportSent = () => {
          awaited -= 1;
          if (awaited > 0) return;
          clearTimeout(timer);
          resolve();
        };
        this.watchers.send(last);
      });
    }
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SAFE_HEADERS)) response.setHeader(name, value);
    const stranger = strangerIn(request, [this.#address.host, hostname().toLowerCase()], {
      mayBeLinked: true,
    });
    if (stranger !== null) return refuse(response, 403, stranger);
    const path = this.#pathOf(request.url ?? "");
    if (path === null)
      return refuse(response, 403, "open the address that faultline has printed, with its token");
    const report = /^report\/(\d{1,6})$/.exec(path)?.[1];
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (isRead && path === "") return sendHtml(response, this.#served.page(this.#key));
    if (request.method === "GET" && path === "events") return this.#watch(request, response);
    if (isRead && report !== undefined) return this.#sendReport(response, Number(report));
    if (request.method === "POST" && (path === "note" || path === "halt")) {
      return this.#write(path, request, response);
    }
    refuse(response, 404, "there is nothing here");
  }

  /** The path without the token. @returns null when the token is missing. */
  #pathOf(url: string): string | null {
    const path = url.replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/[?#].*$/, "");
    if (this.#token === "") return path.replace(/^\//, "");
    const [, token = "", rest] = /^\/([^/]*)(?:\/(.*))?$/.exec(path) ?? [];
    return rest !== undefined && isSameSecret(token, this.#token) ? rest : null;
  }

  #watch(request: IncomingMessage, response: ServerResponse): void {
    request.socket.setNoDelay(true);
    this.watchers.add(response, this.#served.missed(String(request.headers["last-event-id"] ?? "")));
  }

  #sendReport(response: ServerResponse, number: number): void {
    const html = this.#served.report(number);
    if (html === null) {
      refuse(response, 404, "there is no such report");
      return;
    }
    response.once("close", () => this.#onReportSent());
    sendHtml(response, html);
  }

  async #write(what: "note" | "halt", request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { origin, host } = request.headers;
    const isOwnPage = origin === undefined || origin.toLowerCase() === `http://${host?.toLowerCase()}`;
    if (!isOwnPage || !isSameSecret(String(request.headers["x-faultline-key"] ?? ""), this.#key))
      return refuse(response, 403, "only the live page itself may write here");
    const wanted = await readPageRequest(request);
    if (wanted === null) return refuse(response, 400, "expected JSON with by and text");
    const refusal = this.#served[what](wanted, request.socket.remoteAddress ?? "");
    if (refusal !== null) return refuse(response, 409, refusal);
    response.writeHead(204).end();
  }
}

function sendHtml(response: ServerResponse, html: string): void {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);
}

function refuse(response: ServerResponse, status: number, why: string): void {
  if (response.headersSent) return void response.destroy();
  // The rest of the body is not read, so the connection is of no more use.
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" });
  response.end(`${why}\n`);
}

/** A server on all addresses is reached by one of them. */
function reachableHost(host: string): string {
  if (host !== "0.0.0.0" && host !== "::") return host;
  const outward = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal);
  return outward?.address ?? "127.0.0.1";
}
