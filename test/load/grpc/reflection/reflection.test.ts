import { readFileSync } from "node:fs";
import descriptor from "protobufjs/ext/descriptor.js";
import { describe, expect, test } from "vitest";
import { packPlan, unpackPlan } from "../../../../src/load/distributed/wire-format.js";
import { completeCalls } from "../../../../src/load/grpc/reflection/complete-calls.js";
import type { LoginPlan } from "../../../../src/plan/load-plan.js";
import { isGrpcRequest } from "../../../../src/requests/grpc/grpc-request.js";
import { messageWriter } from "../../../../src/requests/grpc/proto/message-writer.js";
import { parseProtos } from "../../../../src/requests/grpc/proto/parse-protos.js";
import { typesOf } from "../../../../src/requests/grpc/proto/types-of.js";
import type { PlannedRequest } from "../../../../src/requests/planned-request.js";
import { askedCall, completed, planOf, problemOf } from "../../../helpers/asked-calls.js";
import { framed } from "../../../helpers/grpc-server.js";
import { feedOf, openModel, runLoad, totals } from "../../../helpers/load-plans.js";
import { quotesMethod, SHOP_PROTOS } from "../../../helpers/protos.js";
import {
  DESCRIBED,
  described,
  filesReply,
  honest,
  type ReflectionServer,
  refusal,
  startReflectionServer,
} from "../../../helpers/reflection-server.js";

/** Calls that name no file: what a target is asked for, and what becomes of its answers. */

const SHOP = parseProtos(SHOP_PROTOS);
const QUOTE = SHOP.lookupType("shop.Quote");
const ASK = SHOP.lookupType("shop.QuoteRequest");
const pem = (name: string) =>
  readFileSync(new URL(`../../../fixtures/tls/${name}`, import.meta.url)).toString();

async function withServer<T>(
  options: Parameters<typeof startReflectionServer>[0],
  use: (server: ReflectionServer) => Promise<T>,
): Promise<T> {
  const server = await startReflectionServer(options);
  try {
    return await use(server);
  } finally {
    await server.down();
  }
}

/** The bytes of a call's only message. */
function bytesOf(call: Awaited<ReturnType<typeof completed>>[number]): Uint8Array {
  const takes = typesOf(call.protos).lookupType(call.method.takes);
  return messageWriter(takes, call.messages[0], (text) => () => text).write({});
}

test("a load asks once, whatever the number of threads and calls, and sends what the definitions say", async () => {
  const received: unknown[] = [];
  const onCall: NonNullable<Parameters<typeof startReflectionServer>[0]>["onCall"] = (stream, body) => {
    received.push(ASK.toObject(ASK.decode(body.subarray(5)), { longs: Number }));
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(framed(QUOTE.encode(QUOTE.create({ id: "q1", price: 5 })).finish()));
  };
  await withServer({ onCall }, async (server) => {
    const calls = [
      askedCall(
        { message: { sku: "A${seq}", customerId: 7 } },
        { expect: { message: { "$.price": { ">": 0 } } } },
      ),
      askedCall({ message: { sku: "B", size: "LARGE", tags: ["new"] } }, { name: "large" }),
    ];
    const measured = await runLoad(planOf(server.url, calls, { model: openModel(200, 8), workers: 2 }), 500);
    const { ok, scheduled } = totals(measured.all);
    expect(ok, JSON.stringify(measured.reasons)).toBe(scheduled);
    expect(received).toHaveLength(scheduled);
    expect(received).toContainEqual({ sku: "B", size: 2, tags: ["new"] });
    expect(received.some((one) => JSON.stringify(one).startsWith('{"sku":"A1"'))).toBe(true);
    expect(server.asked.map(({ version }) => version)).toEqual(["v1"]);
  });
});

test("a file and all that it imports are asked for by their names, each once", () =>
  withServer({}, async (server) => {
    const [call] = await completed(planOf(server.url, [askedCall()]));
    expect(call?.method).toEqual(quotesMethod("Get"));
    const [first, ...rest] = server.asked[0]?.questions ?? [];
    expect(first).toEqual({ file_containing_symbol: "shop.Quotes" });
    const names = rest.map(({ file_by_filename }) => file_by_filename);
    expect(names).toContain("common/money.proto");
    expect(names).toContain("google/protobuf/timestamp.proto");
    expect(new Set(names).size).toBe(names.length);
  }));

test("what it has said goes to workers on other machines with the plan", () =>
  withServer({}, async (server) => {
    const plan = await completeCalls(planOf(server.url, [askedCall()]));
    const { mix } = unpackPlan(packPlan(plan));
    if (mix.kind !== "requests") throw new Error("no requests");
    const [call]: readonly PlannedRequest[] = mix.requests;
    if (call === undefined || !isGrpcRequest(call)) throw new Error("no call");
    expect(typesOf(call.protos).lookupType("shop.Quote").fields).toHaveProperty("price");
  }));

test("a server that gives all files at once is asked one question", () =>
  withServer({ answer: () => filesReply(...DESCRIBED.map(({ bytes }) => bytes)) }, async (server) => {
    expect(await completed(planOf(server.url, [askedCall()]))).toHaveLength(1);
    expect(server.asked[0]?.questions).toHaveLength(1);
  }));

test.each([[["v1alpha"]], [["v1", "v1alpha"]], [["v1"]]])("a server with %s", (versions) =>
  withServer({ versions }, async (server) => {
    expect(await completed(planOf(server.url, [askedCall()]))).toHaveLength(1);
    expect(server.asked.map(({ version }) => version)).toEqual(
      versions[0] === "v1" ? ["v1"] : ["v1", "v1alpha"],
    );
  }),
);

test("a gateway that answers 404 for the newer version is asked for the older one", () =>
  withServer(
    {
      begin: (stream, version) => {
        if (version === "v1alpha") return false;
        stream.respond({ ":status": 404, "content-type": "text/html" }, { endStream: true });
        return true;
      },
    },
    async (server) => expect(await completed(planOf(server.url, [askedCall()]))).toHaveLength(1),
  ));

test("each service is asked for once, also by steps of journeys and by a login", () =>
  withServer({}, async (server) => {
    const { weight: _, ...login } = askedCall({}, { name: "login" });
    const loginPlan: LoginPlan = {
      ...login,
      isLogin: true,
      once: "run",
      refreshBeforeMs: 0,
      lifetimeMs: null,
    };
    const steps = [
      { ...askedCall(), thinkTimeMs: 5 },
      {
        ...askedCall({ method: "/edition.Stock/Count", message: { sku: "A" } }, { name: "stock" }),
        thinkTimeMs: 0,
      },
    ];
    const journeys = [{ name: "buy", weight: 1, steps }];
    const plan = planOf(server.url, [], { mix: { kind: "journeys", journeys, login: loginPlan } });
    const { mix } = await completeCalls(plan);
    if (mix.kind !== "journeys") throw new Error("no journeys");
    expect(mix.login).toMatchObject({ once: "run", method: { path: "/shop.Quotes/Get" } });
    expect(
      mix.journeys[0]?.steps.map((step) => [step.thinkTimeMs, isGrpcRequest(step) && step.method.path]),
    ).toEqual([
      [5, "/shop.Quotes/Get"],
      [0, "/edition.Stock/Count"],
    ]);
    expect(server.asked.map(({ questions }) => questions[0]?.file_containing_symbol)).toEqual([
      "shop.Quotes",
      "edition.Stock",
    ]);
  }));

describe("definitions mean what their files mean", () => {
  test("proto3: a message has the bytes that it has with the file", () =>
    withServer({}, async (server) => {
      const message = {
        sku: "A1",
        customer_id: "9007199254740993",
        size: "LARGE",
        tags: ["a", "b"],
        limits: { day: 3 },
        isGift: true,
        token: "AAEC",
        budget: { units: 5 },
        at: "2026-01-31T12:00:00Z",
        account: 7,
      };
      const [call] = await completed(planOf(server.url, [askedCall({ message })]));
      const byFile = messageWriter(ASK, message, (text) => () => text).write({});
      expect(Buffer.from(bytesOf(call!)).toString("hex")).toBe(Buffer.from(byFile).toString("hex"));
    }));

  test("proto2: groups, names in JSON, enums that are closed, and free-form values", () =>
    withServer({}, async (server) => {
      const message = {
        account: "a",
        parts: [1, 2],
        note: { text: "hi" },
        author: "ann",
        more: { list: [1, null, "x"] },
        detail: { "@type": "type.googleapis.com/old.Entry", account: "inner" },
      };
      const [call] = await completed(planOf(server.url, [askedCall({ method: "old.Ledger/Book", message })]));
      const hex = Buffer.from(bytesOf(call!)).toString("hex");
      // Not packed, as proto2 has it; a group begins with 0x2b and ends with 0x2c.
      expect(hex).toContain("20012002");
      expect(hex).toContain("2b320268692c");
      expect(hex).toContain(Buffer.from("type.googleapis.com/old.Entry").toString("hex"));
    }));

  test("editions: presence, encodings of lists and of messages", () =>
    withServer({}, async (server) => {
      const message = { at_least: 0, shelves: [1, 2], limit: "5", place: { hall: "h" } };
      const [call] = await completed(
        planOf(server.url, [askedCall({ method: "edition.Stock/Count", message })]),
      );
      expect(call?.method.givesStream).toBe(true);
      expect(Buffer.from(bytesOf(call!)).toString("hex")).toBe("100018011802220208052b0a01682c");
    }));
});

describe("files that are not where they are imported from", () => {
  const without = (...names: readonly string[]) => DESCRIBED.filter(({ name }) => !names.includes(name));

  test("imports for options are done without, and types that come with faultline need no file", () =>
    withServer(
      {
        answer: honest(
          without(
            "google/api/annotations.proto",
            "google/api/http.proto",
            "google/protobuf/descriptor.proto",
            "google/protobuf/timestamp.proto",
          ),
        ),
      },
      async (server) => {
        const message = { at: "2026-01-31T12:00:00Z" };
        expect(await completed(planOf(server.url, [askedCall({ message })]))).toHaveLength(1);
      },
    ));

  test("a type whose file is known by another path is asked for by its name", () => {
    const money = described("common/money.proto");
    const known = [...without("common/money.proto"), { ...money, name: "vendor/money.proto" }];
    return withServer({ answer: honest(known) }, async (server) => {
      expect(
        await completed(planOf(server.url, [askedCall({ message: { budget: { units: 1 } } })])),
      ).toHaveLength(1);
      const questions = server.asked[0]?.questions ?? [];
      expect(questions).toContainEqual({ file_containing_symbol: "common.Money" });
    });
  });

  test("extensions that are given as fields of what they extend, as servers of grpc-js do, are left out", () => {
    const { FileDescriptorProto } = descriptor;
    const read = FileDescriptorProto.decode(described("common/money.proto").bytes);
    const money = FileDescriptorProto.toObject(read, { arrays: true });
    money.messageType[0].field.push({
      name: ".common.rounding",
      number: 900,
      label: 1,
      type: 11,
      typeName: ".nowhere.Rounding",
    });
    const bytes = FileDescriptorProto.encode(FileDescriptorProto.fromObject(money)).finish();
    const known = [{ ...described("common/money.proto"), bytes }, ...without("common/money.proto")];
    return withServer({ answer: honest(known) }, async (server) => {
      const calls = [askedCall({ message: { budget: { units: 1 } } })];
      expect(await completed(planOf(server.url, calls))).toHaveLength(1);
    });
  });

  test("a type that is used and that nobody has is named, with the file that uses it", () =>
    withServer({ answer: honest(without("common/money.proto")) }, async (server) => {
      const error = await problemOf(planOf(server.url, [askedCall()]));
      expect(error).toMatchObject({ code: "REFLECTION_FAILED", exitCode: 4 });
      expect(error.message).toContain("shop.proto, which uses common.Money");
      expect(error.hint).toContain("proto: FILE");
    }));
});

describe("what is wrong is told as with a file", () => {
  const complaints = async (...calls: Parameters<typeof askedCall>[]) =>
    withServer({}, async (server) => {
      const feeds = [feedOf("users", "round-robin", [{ id: "1" }, { id: "x" }])];
      const error = await problemOf(
        planOf(
          server.url,
          calls.map((call) => askedCall(...call)),
          { feeds },
        ),
      );
      expect(error).toMatchObject({ code: "SCENARIO_INVALID", exitCode: 2 });
      return error.complaints.map(({ path, at, message }) => `${path.join(".")} ${at}: ${message}`);
    });

  test("a service that is not there, and what there is", async () => {
    expect(await complaints([{ method: "shop.Quote/Get" }], [{ method: "Quotes/Get" }])).toEqual([
      "load.requests.0.grpc.method value: there is no service `shop.Quote`; did you mean `shop.Quotes`?",
      "load.requests.1.grpc.method value: there is no service `Quotes`; did you mean `shop.Quotes`?",
    ]);
  });

  test("a method, fields of messages and of answers, values, and rows of a data feed", async () => {
    expect(
      await complaints(
        [{ method: "shop.Quotes/Gett" }],
        [{ message: { skuu: "A1", quantity: "two", customer_id: "${data.users.id}" } }],
        [{}, { expect: { message: { "$.prise": 1 } } }],
        [{ messages: [{}], message: undefined }],
      ),
    ).toEqual([
      "load.requests.0.grpc.method value: the service `shop.Quotes` has no method `Gett`; did you mean `Get`?",
      "load.requests.1.grpc.message.skuu key: shop.QuoteRequest has no field `skuu`; did you mean `sku`?",
      'load.requests.1.grpc.message.quantity value: expected a whole number from -2147483648 to 2147483647 (int32); found the text "two"',
      expect.stringMatching(/^load\.requests\.1\.grpc\.message\.customer_id value: .*row 2 of `users`/),
      "load.requests.2.expect.message.$.prise key: shop.Quote has no field `prise`; did you mean `price`?",
      "load.requests.3.grpc.messages key: shop.Quotes/Get takes one message, and no stream of them",
    ]);
  });
});

describe("what goes with the question", () => {
  test("metadata of all calls and of the first call, as far as it is known before the load", () =>
    withServer({}, async (server) => {
      const metadata = { "X-Tenant": "t1", "x-number": "n-${seq}", authorization: "Bearer ${capture.token}" };
      const call = askedCall({ metadata }, { common: { "x-tenant": "t0", "x-all": "a$${b}" } });
      await completed(planOf(`${server.url}/base/`, [call]));
      expect(server.asked[0]?.headers).toMatchObject({
        ":path": "/base/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        ":method": "POST",
        "content-type": "application/grpc",
        te: "trailers",
        "user-agent": "faultline",
        "x-tenant": "t1",
        "x-all": "a${b}",
      });
      expect(server.asked[0]?.headers).not.toHaveProperty("x-number");
      expect(server.asked[0]?.headers).not.toHaveProperty("authorization");
    }));

  test("a server that wants to know who asks is told of, with the metadata that it did not get", () =>
    withServer(
      {
        begin: (stream) => {
          stream.respond(
            {
              ":status": 200,
              "content-type": "application/grpc",
              "grpc-status": "16",
              "grpc-message": "no%20token",
            },
            { endStream: true },
          );
          return true;
        },
      },
      async (server) => {
        const metadata = { authorization: "Bearer ${capture.token}" };
        const error = await problemOf(planOf(server.url, [askedCall({ metadata })]));
        expect(error.message).toContain('answers 16 (UNAUTHENTICATED), "no token"');
        expect(error.hint).toContain("authorization");
        expect(server.asked.map(({ version }) => version)).toEqual(["v1"]);
      },
    ));

  test("the target's TLS: its authority, and our certificate", async () => {
    const tls = { key: pem("server.key"), cert: pem("server.pem"), ca: pem("ca.pem"), requestCert: true };
    await withServer({ tls: { ...tls, rejectUnauthorized: true } }, async (server) => {
      const target = (options: object) => ({
        target: {
          url: server.url,
          socketPath: null,
          tls: {
            ca: pem("ca.pem"),
            cert: null,
            key: null,
            servername: "shop.test",
            verify: true,
            ...options,
          },
        },
      });
      const own = { cert: pem("client.pem"), key: pem("client.key") };
      expect(await completed(planOf(server.url, [askedCall()], target(own)))).toHaveLength(1);
      const unknown = await problemOf(planOf(server.url, [askedCall()], target({ ...own, ca: null })));
      expect(unknown.message).toMatch(/cannot be asked for its definitions: TLS: /);
      expect((await problemOf(planOf(server.url, [askedCall()], target({})))).code).toBe("REFLECTION_FAILED");
    });
  });
});

test("a service that it lists and does not describe", () =>
  withServer(
    {
      answer: (question) =>
        question.list_services === undefined ? refusal(5, "no file") : honest()(question),
    },
    async (server) => {
      const error = await problemOf(planOf(server.url, [askedCall()]));
      expect(error.message).toContain(
        'lists shop.Quotes, and does not give its file: 5 (NOT_FOUND), "no file"',
      );
    },
  ));
