import { once } from "node:events";
import { readFileSync } from "node:fs";
import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor.js";
import { framed } from "./grpc-server.js";

/** As grpc/reflection/v1/reflection.proto has them: numbers and types, and what a server needs of them. */
const { root } = protobuf.parse(
  `syntax = "proto3";
  message Request {
    string host = 1;
    oneof message_request {
      string file_by_filename = 3;
      string file_containing_symbol = 4;
      string all_extension_numbers_of_type = 6;
      string list_services = 7;
    }
  }
  message Response {
    string valid_host = 1;
    Request original_request = 2;
    oneof message_response {
      FileDescriptorResponse file_descriptor_response = 4;
      ListServiceResponse list_services_response = 6;
      ErrorResponse error_response = 7;
    }
  }
  message FileDescriptorResponse { repeated bytes file_descriptor_proto = 1; }
  message ListServiceResponse { repeated ServiceResponse service = 1; }
  message ServiceResponse { string name = 1; }
  message ErrorResponse { int32 error_code = 1; string error_message = 2; }
  message Set { repeated bytes file = 1; }`,
  { keepCase: true },
);
const REQUEST = root.lookupType("Request");
const RESPONSE = root.lookupType("Response");
/** A FileDescriptorSet, whose files are left as they are. */
const SET = root.lookupType("Set");

export interface AskedQuestion {
  readonly file_by_filename?: string;
  readonly file_containing_symbol?: string;
  readonly list_services?: string;
}

/** The bytes of an answer, with those before it. */
export function reply(fields: object): Buffer {
  return framed(RESPONSE.encode(RESPONSE.fromObject(fields)).finish());
}

export const filesReply = (...files: readonly Uint8Array[]) =>
  reply({ file_descriptor_response: { file_descriptor_proto: files } });
export const servicesReply = (...names: readonly string[]) =>
  reply({ list_services_response: { service: names.map((name) => ({ name })) } });
export const refusal = (code: number, text: string) =>
  reply({ error_response: { error_code: code, error_message: text } });

interface FileOfSet {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly symbols: readonly string[];
}

/** Files as protoc has described them: test/fixtures/protos/, with all that they import. */
export const DESCRIBED: readonly FileOfSet[] = filesIn(
  readFileSync(new URL("../fixtures/protos/all.protoset", import.meta.url)),
);

export function described(name: string): FileOfSet {
  const file = DESCRIBED.find((one) => one.name === name);
  if (file === undefined) throw new Error(`no ${name}`);
  return file;
}

function filesIn(set: Uint8Array): readonly FileOfSet[] {
  const { FileDescriptorProto } = descriptor;
  const { file }: { file?: readonly Uint8Array[] } = SET.toObject(SET.decode(set));
  return (file ?? []).map((bytes) => {
    const one: {
      readonly name: string;
      readonly package?: string;
      readonly service: readonly { readonly name: string }[];
      readonly messageType: readonly { readonly name: string }[];
      readonly enumType: readonly { readonly name: string }[];
    } = FileDescriptorProto.toObject(FileDescriptorProto.decode(bytes), { arrays: true }) as never;
    const symbols = [...one.service, ...one.messageType, ...one.enumType].map(({ name }) =>
      one.package ? `${one.package}.${name}` : name,
    );
    return { name: one.name, bytes, symbols };
  });
}

/** Answers as a good server does, one file for each question. `known`: the files that it has. */
export function honest(known: readonly FileOfSet[] = DESCRIBED): (question: AskedQuestion) => Buffer {
  return ({ file_by_filename: path, file_containing_symbol: symbol }) => {
    if (path === undefined && symbol === undefined)
      return servicesReply("shop.Quotes", "old.Ledger", "edition.Stock");
    const file = known.find(({ name, symbols }) => name === path || symbols.includes(symbol ?? ""));
    return file === undefined ? refusal(5, `not found: ${path ?? symbol}`) : filesReply(file.bytes);
  };
}

export interface Asked {
  readonly version: string;
  readonly headers: IncomingHttpHeaders;
  readonly questions: AskedQuestion[];
}

export interface ReflectionServer {
  readonly url: string;
  /** Calls of the service of reflection. */
  readonly asked: readonly Asked[];
  readonly openSessions: number;
  down(): Promise<void>;
}

interface ReflectionServerOptions {
  /** Each question gets it. null: none. */
  readonly answer?: (question: AskedQuestion, stream: ServerHttp2Stream) => Uint8Array | null;
  /** Takes a call of the service of reflection before anything is read of it. @returns true: it is not answered otherwise. */
  readonly begin?: (stream: ServerHttp2Stream, version: string, headers: IncomingHttpHeaders) => boolean;
  /** A call of another service, with all that was sent. */
  readonly onCall?: (stream: ServerHttp2Stream, body: Buffer) => void;
  readonly versions?: readonly string[];
  readonly tls?: SecureServerOptions;
}

const PATH = /^(?:\/[\w/]+)?\/grpc\.reflection\.(\w+)\.ServerReflection\/ServerReflectionInfo$/;
const HEAD = { ":status": 200, "content-type": "application/grpc" };

/** A server with a service of reflection that says what a test wants. */
export async function startReflectionServer({
  answer = honest(),
  begin = () => false,
  onCall = () => {},
  versions = ["v1", "v1alpha"],
  tls,
}: ReflectionServerOptions = {}): Promise<ReflectionServer> {
  const server = tls === undefined ? createServer() : createSecureServer(tls);
  const sessions = new Set<ServerHttp2Session>();
  const asked: Asked[] = [];
  server.on("session", (session: ServerHttp2Session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => {});
  });
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on("error", () => {});
    const version = PATH.exec(String(headers[":path"]))?.[1];
    if (version === undefined) {
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => onCall(stream, Buffer.concat(pieces)));
      return;
    }
    const questions: AskedQuestion[] = [];
    asked.push({ version, headers, questions });
    if (begin(stream, version, headers)) return;
    if (!versions.includes(version)) {
      stream.respond({ ...HEAD, "grpc-status": "12" }, { endStream: true });
      return;
    }
    stream.respond(HEAD, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    let bytes = Buffer.alloc(0);
    stream.on("data", (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece]);
      while (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt32BE(1)) {
        const end = 5 + bytes.readUInt32BE(1);
        const question: AskedQuestion = REQUEST.toObject(REQUEST.decode(bytes.subarray(5, end)));
        bytes = bytes.subarray(end);
        questions.push(question);
        const said = answer(question, stream);
        if (said !== null && !stream.destroyed) stream.write(said);
      }
    });
    stream.on("end", () => stream.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${address.port}`,
    asked,
    get openSessions() {
      return sessions.size;
    },
    down: async () => {
      const closed = once(server, "close");
      server.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}
