import { once } from "node:events";
import type { ServerHttp2Stream } from "node:http2";
import { createServer, type Socket } from "node:net";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor.js";
import { describe, expect, test } from "vitest";
import { completeCalls } from "../../../../src/load/grpc/reflection/complete-calls.js";
import { settlePlan } from "../../../../src/load/settle-plan.js";
import { printable } from "../../../../src/support/printable.js";
import { askedCall, planOf, problemOf } from "../../../helpers/asked-calls.js";
import { framed } from "../../../helpers/grpc-server.js";
import {
  DESCRIBED,
  described,
  filesReply,
  refusal,
  reply,
  servicesReply,
  startReflectionServer,
} from "../../../helpers/reflection-server.js";

/** Servers of reflection that lie, each in its own way. All end in an error that says what to do, and in no open connection. */

const WITHIN_MS = 10_000;
const SHORT_MS = 300;

const HEAD = { ":status": 200, "content-type": "application/grpc" };
type Options = NonNullable<Parameters<typeof startReflectionServer>[0]>;

const isFile = (question: { readonly list_services?: string }) => question.list_services === undefined;

/** A file with one service and whatever else. */
function fileWith(fields: object): Uint8Array {
  const { FileDescriptorProto } = descriptor;
  const service = [
    { name: "Quotes", method: [{ name: "Get", inputType: ".shop.Ask", outputType: ".shop.Ask" }] },
  ];
  const messageType = [{ name: "Ask", field: [{ name: "sku", number: 1, label: 1, type: 9 }] }];
  const all = { name: "shop.proto", package: "shop", syntax: "proto3", service, messageType, ...fields };
  return FileDescriptorProto.encode(FileDescriptorProto.fromObject(all)).finish();
}

const messageWith = (fields: object) =>
  fileWith({
    messageType: [{ name: "Ask", field: [{ name: "sku", number: 1, label: 1, type: 9, ...fields }] }],
  });

const shop = described("shop.proto").bytes;

type Case = readonly [name: string, options: Options, message: RegExp, withinMs?: number];

const CASES: readonly Case[] = [
  ["has no reflection at all", { versions: [] }, /has no reflection service \(neither v1 nor v1alpha\)/],
  [
    "says in its answer that it has none",
    { answer: () => refusal(12, "switched off") },
    /has no reflection service \(neither v1 nor v1alpha\)/,
  ],
  [
    "sends bytes that are no answer",
    { answer: () => framed(Buffer.from("ffffffff", "hex")) },
    /answer that cannot be read/,
  ],
  ["sends an empty answer", { answer: () => reply({}) }, /answer that cannot be read/],
  ["sends an answer that says nothing", { answer: () => filesReply() }, /answers with something else/],
  [
    "lists services where a file was asked for",
    { answer: () => servicesReply("a") },
    /answers with something else/,
  ],
  [
    "sends a descriptor of random bytes",
    { answer: () => filesReply(Buffer.from("0bffeeddcc", "hex")) },
    /descriptor cannot be read/,
  ],
  [
    "sends a descriptor that is cut off",
    { answer: () => filesReply(shop.subarray(0, shop.length - 7)) },
    /descriptor cannot be read/,
  ],
  [
    "sends a descriptor without a name",
    { answer: () => filesReply(fileWith({ name: "" })) },
    /something impossible in name/,
  ],
  [
    "sends code in place of a name",
    { answer: () => filesReply(messageWith({ name: 'sku"];process.exit(7);//' })) },
    /something impossible in messageType\.0\.field\.0\.name/,
  ],
  [
    "sends code in place of a message's name",
    { answer: () => filesReply(fileWith({ messageType: [{ name: "Ask(){};process.exit(7);function x" }] })) },
    /something impossible in messageType\.0\.name/,
  ],
  [
    "sends a message without its name as a type",
    { answer: () => filesReply(messageWith({ type: 11 })) },
    /do not fit together/,
  ],
  [
    "sends two fields with one number",
    {
      answer: () =>
        filesReply(
          fileWith({
            messageType: [
              {
                name: "Ask",
                field: ["a", "b"].map((name) => ({ name, number: 1, label: 1, type: 9 })),
              },
            ],
          }),
        ),
    },
    /do not fit together: duplicate id 1/,
  ],
  [
    "has a message in two files",
    { answer: () => filesReply(fileWith({}), fileWith({ name: "other.proto", service: [] })) },
    /do not fit together: duplicate name/,
  ],
  [
    "uses a type that nobody has",
    {
      answer: ({ file_containing_symbol: symbol }) =>
        symbol === "shop.Quotes"
          ? filesReply(messageWith({ type: 11, typeName: ".shop.Nowhere" }))
          : refusal(5, "no"),
    },
    /uses shop\.Nowhere, and does not give the file of that: 5 \(NOT_FOUND\), "no"/,
  ],
  [
    "gives the same file for a type that it does not have",
    { answer: () => filesReply(messageWith({ type: 11, typeName: ".shop.Nowhere" })) },
    /uses shop\.Nowhere, and does not give the file of that/,
  ],
  [
    "has a new file to import in each file, without end",
    {
      answer: (() => {
        let nth = 0;
        return () => {
          nth += 1;
          return filesReply(
            nth === 1
              ? fileWith({ dependency: ["f2.proto"] })
              : fileWith({
                  name: `f${nth}.proto`,
                  package: `p${nth}`,
                  service: [],
                  messageType: [],
                  dependency: [`f${nth + 1}.proto`],
                }),
          );
        };
      })(),
    },
    /gives more than 500 files/,
  ],
  [
    "gives more than anybody has written",
    {
      answer: ({ file_by_filename: path = "shop.proto" }) => {
        const more = {
          name: path,
          dependency: [`x${path}`],
          options: { javaPackage: "x".repeat(3_900_000) },
        };
        return filesReply(
          path === "shop.proto" ? fileWith(more) : fileWith({ ...more, messageType: [], service: [] }),
        );
      },
    },
    /gives more than 16 MiB of definitions/,
  ],
  [
    "announces a message of a gigabyte",
    { answer: () => framed(Buffer.from("x"), { length: 1024 ** 3 }) },
    /message longer than 4 MB/,
  ],
  ["sends a message whose flag is none", { answer: () => framed(shop, { flag: 9 }) }, /malformed message/],
  [
    "sends what is no gzip as gzip",
    { answer: () => framed(shop, { flag: 1 }) },
    /answer that cannot be read/,
  ],
  [
    "answers twice",
    { answer: () => Buffer.concat([refusal(5, ""), refusal(5, "")]) },
    /answers more than it was asked/,
  ],
  [
    "never stops answering",
    {
      answer: (_, stream: ServerHttp2Stream) => {
        const again = () => {
          if (!stream.destroyed) stream.write(filesReply(shop), () => setImmediate(again));
        };
        again();
        return null;
      },
    },
    // Which of its answers is taken for one that was not asked for depends on when they come.
    /answers more than it was asked|does not give the file of/,
  ],
  [
    "takes the question and is silent",
    { answer: () => null },
    /did not say its definitions within 300 ms/,
    SHORT_MS,
  ],
  [
    "does not even answer the call",
    { begin: () => true },
    /did not say its definitions within 300 ms/,
    SHORT_MS,
  ],
  [
    "sends an answer byte by byte, for ever",
    {
      answer: (_, stream) => {
        const bytes = filesReply(shop);
        let at = 0;
        const drip = () => {
          if (stream.destroyed || at === bytes.length - 1) return;
          stream.write(bytes.subarray(at, at + 1));
          at += 1;
          setTimeout(drip, 20);
        };
        drip();
        return null;
      },
    },
    /did not say its definitions within 300 ms/,
    SHORT_MS,
  ],
  [
    "ends its answer with OK and says nothing",
    {
      begin: (stream) => {
        stream.respond({ ...HEAD, "grpc-status": "0" }, { endStream: true });
        return true;
      },
    },
    /says OK in place of an answer/,
  ],
  [
    "ends its answer without a status",
    {
      begin: (stream) => {
        stream.respond(HEAD, { endStream: true });
        return true;
      },
    },
    /without a grpc-status/,
  ],
  [
    "answers as a page",
    {
      begin: (stream) => {
        stream.respond({ ":status": 200, "content-type": "text/html" });
        stream.end("<h1>hello</h1>");
        return true;
      },
    },
    /answers with something else than gRPC/,
  ],
  [
    "answers 503 as a gateway",
    {
      begin: (stream) => {
        stream.respond({ ":status": 503 }, { endStream: true });
        return true;
      },
    },
    /cannot be asked for its definitions: HTTP status 503/,
  ],
  [
    "answers UNAVAILABLE",
    {
      begin: (stream) => {
        stream.respond({ ...HEAD, "grpc-status": "14", "grpc-message": "down\u0007" }, { endStream: true });
        return true;
      },
    },
    /answers 14 \(UNAVAILABLE\)/,
  ],
  [
    "resets the stream",
    {
      begin: (stream) => {
        stream.close(2);
        return true;
      },
    },
    /RST_STREAM INTERNAL_ERROR/,
  ],
  [
    "closes the connection within its answer",
    {
      answer: (_, stream) => {
        stream.write(filesReply(shop).subarray(0, 20), () => stream.session?.destroy());
        return null;
      },
    },
    /cannot be asked for its definitions/,
  ],
  [
    "lists no service",
    { answer: (question) => (isFile(question) ? refusal(5, "") : servicesReply()) },
    /there is no service `shop\.Quotes`/,
  ],
  [
    "refuses to list its services",
    {
      answer: (question) => refusal(isFile(question) ? 5 : 7, isFile(question) ? "not here" : "not for you"),
    },
    /does not give the file of shop\.Quotes: 5 \(NOT_FOUND\), "not here"/,
  ],
];

describe("a server that", () => {
  test.for(CASES)("%s", async ([, options, message, withinMs = WITHIN_MS]) => {
    const server = await startReflectionServer(options);
    try {
      const error = await problemOf(planOf(server.url, [askedCall()]), withinMs);
      expect(error.message).toMatch(message);
      expect(error.hint).not.toBe("");
      expect(error.message).toBe(printable(error.message));
      expect(["REFLECTION_FAILED", "SCENARIO_INVALID"]).toContain(error.code);
      await expect.poll(() => server.openSessions).toBe(0);
    } finally {
      await server.down();
    }
  });
});

test.each([
  ["speaks no HTTP/2", (socket: Socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"), /no HTTP\/2/],
  ["closes at once", (socket: Socket) => socket.destroy(), /cannot be asked for its definitions/],
] as const)("what %s", async (_, onSocket, message) => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => onSocket(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  try {
    const error = await problemOf(planOf(`http://127.0.0.1:${address.port}`, [askedCall()]));
    expect(error.message).toMatch(message);
    expect(error.code).toBe("REFLECTION_FAILED");
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  }
});

test("nobody listens", async () => {
  const error = await problemOf(planOf("http://127.0.0.1:1", [askedCall()]));
  expect(error.message).toContain("ECONNREFUSED");
});

test("a run that is stopped does not wait for the answer", async () => {
  const server = await startReflectionServer({ answer: () => null });
  try {
    const stop = new AbortController();
    const pending = completeCalls(planOf(server.url, [askedCall()]), { signal: stop.signal }).catch(
      (error: unknown) => error,
    );
    await expect.poll(() => server.asked.length).toBe(1);
    stop.abort();
    expect(await pending).toMatchObject({ code: "REFLECTION_FAILED" });
    await expect.poll(() => server.openSessions).toBe(0);
  } finally {
    await server.down();
  }
});

test("a plan without such calls asks nothing", async () => {
  const server = await startReflectionServer();
  try {
    const plan = planOf(server.url, []);
    expect(await settlePlan(plan, { signal: null, mask: (text) => text })).toBe(plan);
    expect(server.asked).toEqual([]);
  } finally {
    await server.down();
  }
});

test("names of a parser's own objects are names like any other", async () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const field = names.map((name, index) => ({ name, number: index + 1, label: 1, type: 9 }));
  const server = await startReflectionServer({
    answer: () => filesReply(fileWith({ messageType: [{ name: "Ask", field }] })),
  });
  try {
    // A field of such a name may be refused. Nothing of this process may change.
    await completeCalls(planOf(server.url, [askedCall({ message: {} })])).catch(() => null);
    expect(Object.prototype).not.toHaveProperty("sku");
    expect(protobuf.Root.prototype.constructor).toBe(protobuf.Root);
  } finally {
    await server.down();
  }
});

test("the files that the tests are about are those of protoc", () => {
  expect(DESCRIBED.map(({ name }) => name)).toContain("edition.proto");
});
