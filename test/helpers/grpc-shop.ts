import { createHash } from "node:crypto";
import {
  type ChannelOptions,
  Client,
  type ClientReadableStream,
  credentials,
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type StatusObject,
  status,
} from "@grpc/grpc-js";

const bytes = (message: Buffer) => message;

function definition(name: string, requestStream: boolean, responseStream: boolean) {
  return {
    path: `/shop.Quotes/${name}`,
    requestStream,
    responseStream,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  };
}

/** All four kinds of calls, with bytes for messages. */
const QUOTES: ServiceDefinition = {
  get: definition("Get", false, false),
  watch: definition("Watch", false, true),
  add: definition("Add", true, false),
  chat: definition("Chat", true, true),
};

const digest = (...messages: readonly Buffer[]) =>
  createHash("sha256").update(Buffer.concat(messages)).digest();

/** The answers follow from what was asked, so that a client knows what they must be. */
export interface GrpcShop {
  readonly port: number;
  /** Calls that it saw, by method. */
  readonly seen: Record<string, number>;
  /** Calls that its clients took back. */
  cancelled: number;
  /** Milliseconds that each call of Get says it has left. */
  readonly deadlines: number[];
  stop(): void;
  /** Refuses further calls on open connections: GOAWAY. */
  goAway(): void;
}

export async function startGrpcShop({ silent = false } = {}): Promise<GrpcShop> {
  const seen: Record<string, number> = { get: 0, watch: 0, add: 0, chat: 0 };
  const deadlines: number[] = [];
  const server = new Server();
  const trailersFor = (metadata: Metadata) => {
    const trailers = new Metadata();
    for (const value of metadata.get("echo-bin")) trailers.add("echo-bin", value);
    return trailers;
  };
  const shop = {
    port: 0,
    seen,
    cancelled: 0,
    deadlines,
    stop: () => server.forceShutdown(),
    goAway: () => server.tryShutdown(() => {}),
  };
  const get: handleUnaryCall<Buffer, Buffer> = (call, answer) => {
    seen.get! += 1;
    deadlines.push(Number(call.getDeadline()) - Date.now());
    call.on("cancelled", () => {
      shop.cancelled += 1;
    });
    if (silent) return;
    const trailers = trailersFor(call.metadata);
    const [code] = call.metadata.get("fail");
    if (code === undefined) answer(null, Buffer.concat([digest(call.request), call.request]), trailers);
    else answer({ code: Number(code), details: `größer als ${code}`, metadata: trailers });
  };
  const watch: handleServerStreamingCall<Buffer, Buffer> = (call) => {
    seen.watch! += 1;
    call.on("cancelled", () => {
      shop.cancelled += 1;
    });
    const count = call.request.readUInt32BE(0);
    const size = call.request.readUInt32BE(4);
    let next = 0;
    const go = () => {
      while (next < count) {
        if (!call.write(Buffer.alloc(size, next++))) {
          call.once("drain", go);
          return;
        }
      }
      call.end(trailersFor(call.metadata));
    };
    go();
  };
  const add: handleClientStreamingCall<Buffer, Buffer> = (call, answer) => {
    seen.add! += 1;
    const messages: Buffer[] = [];
    call.on("data", (message: Buffer) => messages.push(message));
    call.on("end", () => answer(null, digest(...messages)));
  };
  const chat: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
    seen.chat! += 1;
    call.on("data", (message: Buffer) => call.write(digest(message)));
    call.on("end", () => call.end());
  };
  server.addService(QUOTES, { get, watch, add, chat });
  shop.port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
  return shop;
}

/** What became of a call. */
export interface CallEnd {
  readonly code: number;
  readonly details: string;
  readonly messages: readonly Buffer[];
  readonly trailers: Metadata;
  readonly tookMs: number;
}

export interface CallOptions {
  readonly metadata?: Readonly<Record<string, string | Buffer>>;
  readonly deadlineMs?: number;
}

/** A client of the shop, with one connection. */
export class ShopClient {
  readonly #client: Client;

  constructor(address: string, options: ChannelOptions = {}) {
    this.#client = new Client(address, credentials.createInsecure(), {
      "grpc.enable_retries": 0,
      "grpc.use_local_subchannel_pool": 1,
      ...options,
    });
  }

  close(): void {
    this.#client.close();
  }

  get(message: Buffer, options: CallOptions = {}): Promise<CallEnd> {
    return this.#one((answered) =>
      this.#client.makeUnaryRequest(
        "/shop.Quotes/Get",
        bytes,
        bytes,
        message,
        metadataOf(options),
        callOptions(options),
        answered,
      ),
    );
  }

  watch(count: number, size: number, options: CallOptions = {}): Promise<CallEnd> {
    return this.#many(this.watching(count, size, options));
  }

  watching(count: number, size: number, options: CallOptions = {}): ClientReadableStream<Buffer> {
    const request = Buffer.alloc(8);
    request.writeUInt32BE(count, 0);
    request.writeUInt32BE(size, 4);
    return this.#client.makeServerStreamRequest(
      "/shop.Quotes/Watch",
      bytes,
      bytes,
      request,
      metadataOf(options),
      callOptions(options),
    );
  }

  add(messages: readonly Buffer[], options: CallOptions = {}): Promise<CallEnd> {
    return this.#one((answered) => {
      const call = this.#client.makeClientStreamRequest(
        "/shop.Quotes/Add",
        bytes,
        bytes,
        metadataOf(options),
        callOptions(options),
        answered,
      );
      for (const message of messages) call.write(message);
      call.end();
      return call;
    });
  }

  chat(messages: readonly Buffer[], options: CallOptions = {}): Promise<CallEnd> {
    const call = this.#client.makeBidiStreamRequest(
      "/shop.Quotes/Chat",
      bytes,
      bytes,
      metadataOf(options),
      callOptions(options),
    );
    let at = 0;
    // One at a time: what comes back sends the next.
    const next = () => {
      const message = messages[at++];
      if (message) call.write(message);
      else call.end();
    };
    call.on("data", next);
    next();
    return this.#many(call);
  }

  #one(
    begin: (answered: (error: unknown, answer?: Buffer) => void) => {
      on(event: "status", listener: (end: StatusObject) => void): unknown;
    },
  ): Promise<CallEnd> {
    return new Promise((resolve) => {
      const startMs = performance.now();
      const messages: Buffer[] = [];
      const call = begin((_error, answer) => {
        if (answer) messages.push(answer);
      });
      call.on("status", (end) => resolve(endOf(end, messages, startMs)));
    });
  }

  #many(call: ClientReadableStream<Buffer>): Promise<CallEnd> {
    const startMs = performance.now();
    const messages: Buffer[] = [];
    call.on("data", (message: Buffer) => messages.push(message));
    call.on("error", () => {});
    return new Promise((resolve) =>
      call.on("status", (end: StatusObject) => resolve(endOf(end, messages, startMs))),
    );
  }
}

function endOf(end: StatusObject, messages: readonly Buffer[], startMs: number): CallEnd {
  return {
    code: end.code,
    details: end.details,
    messages,
    trailers: end.metadata,
    tookMs: performance.now() - startMs,
  };
}

function metadataOf({ metadata = {} }: CallOptions): Metadata {
  const all = new Metadata();
  for (const [name, value] of Object.entries(metadata)) all.set(name, value);
  return all;
}

function callOptions({ deadlineMs }: CallOptions) {
  return deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
}

/** A call of each kind in turn, and whether its end is what the shop must have said. */
export async function mixedCall(
  client: ShopClient,
  nth: number,
  random: () => number,
): Promise<string | null> {
  const size = Math.floor(random() ** 4 * (nth % 97 === 0 ? 200_000 : 3_000));
  const message = Buffer.from(Array.from({ length: size }, () => Math.floor(random() * 256)));
  const echo = Buffer.from([nth & 255, 0, 255, size & 255]);
  const metadata = { "echo-bin": echo, "x-nth": String(nth) };
  const same = (got: readonly Buffer[], wanted: readonly Buffer[]) =>
    got.length === wanted.length && got.every((one, at) => one.equals(wanted[at]!));
  switch (nth % 5) {
    case 0: {
      const end = await client.get(message, { metadata });
      const [back] = end.trailers.get("echo-bin");
      if (end.code !== status.OK || !same(end.messages, [Buffer.concat([digest(message), message])]))
        return `get ${nth}: ${end.code} ${end.details}`;
      return Buffer.isBuffer(back) && back.equals(echo) ? null : `get ${nth}: trailers`;
    }
    case 1: {
      const code = 1 + (nth % 16);
      const end = await client.get(message, { metadata: { ...metadata, fail: String(code) } });
      return end.code === code && end.details === `größer als ${code}`
        ? null
        : `fail ${nth}: ${end.code} ${end.details}`;
    }
    case 2: {
      const count = nth % 20;
      const end = await client.watch(count, size);
      const wanted = Array.from({ length: count }, (_, at) => Buffer.alloc(size, at));
      return end.code === status.OK && same(end.messages, wanted)
        ? null
        : `watch ${nth}: ${end.code} ${end.messages.length}`;
    }
    case 3: {
      const messages = [message, echo, Buffer.alloc(0)];
      const end = await client.add(messages);
      return end.code === status.OK && same(end.messages, [digest(...messages)])
        ? null
        : `add ${nth}: ${end.code}`;
    }
    default: {
      const messages = [echo, message, Buffer.alloc(0)];
      const end = await client.chat(messages);
      return end.code === status.OK &&
        same(
          end.messages,
          messages.map((one) => digest(one)),
        )
        ? null
        : `chat ${nth}: ${end.code}`;
    }
  }
}
