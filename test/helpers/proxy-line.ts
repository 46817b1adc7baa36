import { createHash } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";
import { EmbeddedServer } from "../../src/faults/toxiproxy/embedded/server.js";

/** One end of a connection: what it received, and how it ended. */
export class Peer {
  readonly socket: Socket;
  received = 0;
  readonly #parts: Buffer[] = [];
  readonly arrivals: { readonly atMs: number; readonly bytes: number }[] = [];
  /** fin: an orderly end; rst: a reset. */
  ended: "fin" | "rst" | null = null;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => {
      this.received += bytes.length;
      this.#parts.push(bytes);
      this.arrivals.push({ atMs: performance.now(), bytes: bytes.length });
      this.#wake();
    });
    socket.on("end", () => this.#end("fin"));
    socket.on("error", () => this.#end("rst"));
    socket.on("close", () => this.#end("fin"));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** Waits until this many bytes have come in all. */
  async got(bytes: number, withinMs = 10_000): Promise<void> {
    await this.until(() => this.received >= bytes || this.ended !== null, withinMs, `${bytes} bytes`);
    if (this.received < bytes) throw new Error(`${this.ended} after ${this.received} of ${bytes} bytes`);
  }

  async closed(withinMs = 10_000): Promise<"fin" | "rst"> {
    await this.until(() => this.ended !== null, withinMs, "an end");
    return this.ended ?? "fin";
  }

  until(test: () => boolean, withinMs: number, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(new Error(`no ${what} within ${withinMs} ms; got ${this.received} bytes, ${this.ended}`)),
        withinMs,
      );
      this.#wake = () => {
        if (!test()) return;
        clearTimeout(timer);
        resolve();
      };
      this.#wake();
    });
  }

  /** Writes no faster than the other side takes it. */
  async pump(bytes: Buffer, piece = 64 * 1024): Promise<void> {
    for (let at = 0; at < bytes.length && !this.socket.destroyed; at += piece) {
      if (!this.socket.write(bytes.subarray(at, at + piece))) {
        await new Promise<void>((resolve) => {
          const go = () => {
            this.socket.off("drain", go).off("close", go);
            resolve();
          };
          this.socket.on("drain", go).on("close", go);
        });
      }
    }
  }

  #end(how: "fin" | "rst"): void {
    this.ended ??= how;
    this.#wake();
  }
}

export type Handler = (peer: Peer) => void;
export const hold: Handler = () => {};
export const echo: Handler = (peer) => {
  peer.socket.on("data", (bytes) => peer.socket.write(bytes));
};

export interface TestToxic {
  update(change: object): Promise<Reply>;
  remove(): Promise<Reply>;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, looked into by assertions
  readonly json: any;
}

/** An embedded server in this thread, upstreams and clients around it; `close` takes everything down. */
export class ProxyBench {
  readonly server: EmbeddedServer;
  readonly #closers: (() => void)[] = [];
  #proxies = 0;

  private constructor(server: EmbeddedServer) {
    this.server = server;
  }

  static async open(seed = 1, metrics = true): Promise<ProxyBench> {
    return new ProxyBench(await EmbeddedServer.listen({ host: "127.0.0.1", port: 0, metrics, seed }));
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) close();
    await this.server.close();
  }

  async api(method: string, path: string, body?: unknown): Promise<Reply> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    // A connection of its own for each: kept ones would count as leaked.
    const headers = { connection: "close", "user-agent": "test" };
    const response = await fetch(this.server.url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: text }),
    });
    const answer = await response.text();
    let json: unknown = null;
    try {
      json = JSON.parse(answer);
    } catch {
      // text
    }
    return { status: response.status, text: answer, json };
  }

  async upstream(
    handler: Handler = echo,
  ): Promise<{ address: string; next: () => Promise<Peer>; peers: Peer[]; stop: () => void }> {
    const peers: Peer[] = [];
    const waiting: ((peer: Peer) => void)[] = [];
    let given = 0;
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#closers.push(() => socket.destroy());
      const peer = new Peer(socket);
      peers.push(peer);
      handler(peer);
      const taker = waiting.shift();
      if (taker) {
        given++;
        taker(peer);
      }
    });
    await new Promise<void>((resolve) =>
      server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, resolve),
    );
    this.#closers.push(() => server.close());
    const bound = server.address();
    const address = typeof bound === "object" && bound ? `127.0.0.1:${bound.port}` : "";
    const next = () => {
      const peer = peers[given];
      if (peer) given++;
      return peer ? Promise.resolve(peer) : new Promise<Peer>((resolve) => waiting.push(resolve));
    };
    return { address, next, peers, stop: () => server.close() };
  }

  async proxy(upstream: string): Promise<{
    name: string;
    address: string;
    toxic: (type: string, attributes?: object, more?: object) => Promise<TestToxic>;
  }> {
    const name = `p${++this.#proxies}`;
    const made = await this.api("POST", "/proxies", { name, listen: "127.0.0.1:0", upstream });
    if (made.status !== 201) throw new Error(made.text);
    return {
      name,
      address: made.json.listen,
      toxic: async (type, attributes = {}, more = {}) => {
        const added = await this.api("POST", `/proxies/${name}/toxics`, { type, attributes, ...more });
        if (added.status !== 200) throw new Error(added.text);
        const path = `/proxies/${name}/toxics/${added.json.name}`;
        return {
          update: (change) => this.api("PATCH", path, change),
          remove: () => this.api("DELETE", path),
        };
      },
    };
  }

  async client(address: string): Promise<Peer> {
    const [host, port] = address.split(":");
    const socket = connect({ host, port: Number(port), allowHalfOpen: true });
    this.#closers.push(() => socket.destroy());
    const peer = new Peer(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return peer;
  }

  /** An upstream, a proxy with these toxics, and one connection through it: `c` the client, `s` the upstream's end. */
  async line(handler: Handler, ...toxics: (readonly [type: string, attributes?: object, more?: object])[]) {
    const up = await this.upstream(handler);
    const proxy = await this.proxy(up.address);
    for (const toxic of toxics) await proxy.toxic(...toxic);
    const c = await this.client(proxy.address);
    const s = await up.next();
    return { up, proxy, c, s };
  }
}

/** Bytes that do not repeat at any power of two, the same for the same seed. */
export function pattern(length: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  // xorshift32
  let x = (seed * 2_654_435_761) | 1;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return Buffer.from(words.buffer, 0, length);
}

export const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** How long one message takes from one peer to the other. */
export async function oneWayMs(from: Peer, to: Peer, length = 8): Promise<number> {
  const wanted = to.received + length;
  const sentMs = performance.now();
  from.socket.write(pattern(length, wanted));
  await to.got(wanted);
  return performance.now() - sentMs;
}

/** The fastest and the slowest of several one-way times. */
export async function oneWaysMs(
  from: Peer,
  to: Peer,
  times: number,
): Promise<{ fastest: number; slowest: number }> {
  const all: number[] = [];
  for (let i = 0; i < times; i++) all.push(await oneWayMs(from, to));
  return { fastest: Math.min(...all), slowest: Math.max(...all) };
}
