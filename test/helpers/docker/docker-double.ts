import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { onTestFinished } from "../at-once.js";
import { type ContainerOptions, DoubleContainer } from "./double-container.js";
import { DoubleSwarmService, type SwarmOptions } from "./double-swarm.js";
import { callFor, type Published, publishedFor, strays } from "./published.js";

export interface DockerDoubleOptions {
  readonly containers?: readonly ContainerOptions[];
  readonly services?: readonly SwarmOptions[];
  /** Whether it is a manager of a Swarm. */
  readonly isManager?: boolean;
  /** Versions of its API. */
  readonly api?: string;
  readonly leastApi?: string;
  /** Listens on TCP, on loopback, and not on a unix socket. */
  readonly tcp?: boolean;
  /** The same over TLS. */
  readonly tls?: ServerOptions;
}

/** What is done to the next requests that fit, in place of an answer. */
export interface Trouble {
  /** Method and path without the version, as a pattern. */
  readonly at: RegExp;
  /**
   * hang: no answer. cut: the connection ends in the middle of the answer. page: an answer of something else. ok: it is carried
   * out, and the answer is no JSON.
   */
  readonly does: "hang" | "cut" | "page" | "ok" | { readonly status: number; readonly message: string };
  /** The engine does it all the same. */
  readonly carriesOut?: boolean;
  /** So long after the request, in milliseconds. */
  readonly afterMs?: number;
  /** What happens just before it. */
  readonly first?: () => void;
  /** For so many requests. Default: all. */
  times?: number;
}

/**
 * A Docker engine with containers that are none. It keeps their state, and holds each request to the published document of
 * its version: what strays is answered with 400 and kept in `strayed`.
 */
export class DockerDouble {
  readonly containers: DoubleContainer[];
  readonly services: readonly DoubleSwarmService[];
  /** Method and path of each call that changes something, with its query: "POST /containers/web-1/kill?signal=SIGKILL". */
  readonly changes: string[] = [];
  readonly strayed: string[] = [];
  readonly troubles: Trouble[] = [];
  /** Called before a change of a Swarm service is looked at. */
  beforeUpdate: (() => void) | null = null;
  /** Networks by their ids. */
  readonly networks = new Map<string, string>();
  readonly #options: DockerDoubleOptions;
  readonly #published: Published;
  #host = "";

  private constructor(options: DockerDoubleOptions) {
    this.#options = options;
    const { api = "1.47", leastApi = "1.24" } = options;
    const minor = (text: string) => Number(text.split(".")[1]);
    this.#published = publishedFor(`1.${Math.max(40, Math.min(minor(api), Math.max(44, minor(leastApi))))}`);
    this.containers = (options.containers ?? []).map((each) => new DoubleContainer(each));
    this.services = (options.services ?? []).map(
      (each) =>
        new DoubleSwarmService(each, (container) => {
          const begun = new DoubleContainer(container);
          this.containers.push(begun);
          return begun;
        }),
    );
    for (const { networks } of this.containers)
      for (const [name, { NetworkID }] of Object.entries(networks)) this.networks.set(NetworkID, name);
  }

  /** It ends with the test. */
  static async start(options: DockerDoubleOptions = {}): Promise<DockerDouble> {
    const double = new DockerDouble(options);
    const serve = (request: IncomingMessage, response: ServerResponse) =>
      void double.#serve(request, response);
    const server = options.tls ? createTlsServer(options.tls, serve) : createServer(serve);
    const folder = mkdtempSync(join(tmpdir(), "faultline-docker-"));
    const path = join(folder, "docker.sock");
    if (options.tcp || options.tls)
      await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    else await new Promise<void>((resolve) => void server.listen(path, resolve));
    double.#host =
      options.tcp || options.tls
        ? `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
        : `unix://${path}`;
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    });
    return double;
  }

  /** As DOCKER_HOST has it. */
  get host(): string {
    return this.#host;
  }

  container(name: string): DoubleContainer {
    const found = this.containers.find((each) => each.name === name);
    if (!found) throw new Error(`no container ${name}`);
    return found;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://engine");
    const [, version, path = ""] = /^(?:\/v([\d.]+))?(\/.*)$/.exec(url.pathname) ?? [];
    const method = request.method ?? "";
    const body = await bodyOf(request);
    const asked = { method, path, query: url.searchParams, body: known(body, version ?? "") };
    const stray =
      version === undefined && path !== "/version"
        ? `${path} without a version`
        : strays(this.#published, asked);
    if (stray !== null) {
      this.strayed.push(stray);
      return send(response, 400, { message: stray });
    }
    const trouble = this.#troubleFor(`${method} ${path}`);
    const does = trouble?.does ?? null;
    if (trouble?.afterMs !== undefined) await wait(trouble.afterMs);
    trouble?.first?.();
    if (typeof does === "object" && does !== null && !trouble?.carriesOut)
      return send(response, does.status, { message: does.message });
    const isDone = trouble === null || trouble.carriesOut === true || does === "ok";
    const answer = isDone ? await this.#answer(asked) : { status: 200, content: {} };
    if (does === "hang") return;
    if (does === "ok") return void response.end("OK");
    if (does === "page") return void response.writeHead(502).end("<html>bad gateway</html>");
    if (does === "cut") {
      response.writeHead(200, { "content-length": "1000" });
      return void response.write('{"Id": "', () => response.destroy());
    }
    const statuses = callFor(this.#published, method, path)?.statuses ?? [];
    if (!statuses.includes(answer.status)) this.strayed.push(`${method} ${path} answers no ${answer.status}`);
    send(response, answer.status, answer.content);
  }

  #troubleFor(call: string): Trouble | null {
    const trouble = this.troubles.find(({ at, times = 1 }) => times > 0 && at.test(call));
    if (!trouble) return null;
    if (trouble.times !== undefined) trouble.times -= 1;
    return trouble;
  }

  async #answer({ method, path, query, body }: Asked): Promise<Answer> {
    if (path === "/version") return { status: 200, content: this.#version() };
    if (method === "POST") this.#note(path, query);
    const [, room, id = "", what = ""] = path.split("/");
    if (room === "containers" && id === "json") {
      const listed = this.containers.filter((each) => !each.isRemoved);
      return { status: 200, content: listed.map((each) => each.listed()) };
    }
    if (room === "containers") return this.#ofContainer(id, what, query);
    if (room === "networks") return this.#ofNetwork(id, what, body as NetworkChange);
    if (this.#options.isManager !== true)
      return { status: 503, content: { message: "This node is not a swarm manager." } };
    return this.#ofSwarm(room ?? "", id, what, { method, path, query, body });
  }

  async #ofContainer(id: string, what: string, query: URLSearchParams): Promise<Answer> {
    const container = this.containers.find((each) => each.id === id && !each.isRemoved);
    if (!container) return { status: 404, content: { message: `No such container: ${id}` } };
    if (what === "json") return { status: 200, content: container.inspected() };
    return container.change(what, query);
  }

  async #ofNetwork(id: string, what: string, body: NetworkChange): Promise<Answer> {
    const network = this.networks.get(id);
    const container = this.containers.find((each) => each.id === body.Container && !each.isRemoved);
    if (network === undefined || !container)
      return { status: 404, content: { message: "network or container not found" } };
    return what === "connect"
      ? container.connect(network, id, body.EndpointConfig ?? {})
      : container.disconnect(network);
  }

  #ofSwarm(room: string, id: string, what: string, { query, body }: Asked): Answer {
    if (room === "tasks") {
      const filters = JSON.parse(query.get("filters") ?? "{}") as { readonly service?: readonly string[] };
      const services = this.services.filter((each) => filters.service?.includes(each.id));
      return { status: 200, content: services.flatMap((each) => each.tasks()) };
    }
    if (id === "") return { status: 200, content: this.services.map((each) => each.inspected()) };
    const service = this.services.find((each) => (each.id === id || each.name === id) && !each.isRemoved);
    if (!service) return { status: 404, content: { message: `service ${id} not found` } };
    if (what === "") return { status: 200, content: service.inspected() };
    this.beforeUpdate?.();
    return service.update(Number(query.get("version")), body);
  }

  #version(): object {
    const { api = "1.47", leastApi = "1.24" } = this.#options;
    return { Version: "0.0.0-double", ApiVersion: api, MinAPIVersion: leastApi };
  }

  #note(path: string, query: URLSearchParams): void {
    const named = [...this.containers, ...this.services].reduce(
      (text, each) => text.replace(each.id, each.name),
      path,
    );
    this.changes.push(`${named}${query.size > 0 ? `?${query}` : ""}`);
  }
}

export interface Answer {
  readonly status: number;
  readonly content?: unknown;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

interface NetworkChange {
  readonly Container: string;
  readonly EndpointConfig?: object;
}

function send(response: ServerResponse, status: number, content?: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(content === undefined ? undefined : JSON.stringify(content));
}

/** An engine leaves out what came into its API after the version that is spoken: here OomScoreAdj, of 1.46. */
function known(body: unknown, version: string): unknown {
  if (Number(version.split(".")[1]) >= 46) return body;
  return JSON.parse(JSON.stringify(body), (key, value) => (key === "OomScoreAdj" ? undefined : value));
}

/** null: none. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString("utf8");
  return text === "" ? null : JSON.parse(text);
}
