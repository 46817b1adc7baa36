import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceClientConstructor,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { describe, expect, test } from "vitest";
import type { LoadPlan, TlsOptions } from "../../../src/plan/load-plan.js";
import type { GrpcRequest } from "../../../src/requests/grpc/grpc-request.js";
import { closedModel, loadPlan, openModel, runLoad, totals } from "../../helpers/load-plans.js";
import { quoteCall, quotesMethod, SHOP_PROTO } from "../../helpers/protos.js";

/** A server as others write it. */

/** Where google/api/annotations.proto is. */
const PROTOBUFJS = fileURLToPath(new URL("../../../node_modules/protobufjs", import.meta.url));

interface Ask {
  readonly sku: string;
}
type Quote = { readonly id: string; readonly price?: number };
type Get = (call: ServerUnaryCall<Ask, Quote>, done: sendUnaryData<Quote>) => void;

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url));

function quotesService(): ServiceClientConstructor["service"] {
  const loaded = loadSync("shop.proto", {
    includeDirs: [dirname(SHOP_PROTO), PROTOBUFJS],
    keepCase: true,
    longs: Number,
    defaults: true,
  });
  const { shop } = loadPackageDefinition(loaded);
  if (typeof shop === "function" || shop === undefined || !("Quotes" in shop))
    throw new Error("no package shop");
  const { Quotes } = shop;
  if (typeof Quotes !== "function" || !("service" in Quotes)) throw new Error("no service Quotes");
  return Quotes.service;
}

/** Runs a load of one call against such a server. */
async function runAgainst(
  methods: UntypedServiceImplementation,
  call: Partial<GrpcRequest>,
  changes: Partial<LoadPlan> & Pick<LoadPlan, "model">,
  tls: { readonly credentials: ServerCredentials; readonly options: TlsOptions } | null = null,
) {
  const server = new Server();
  server.addService(quotesService(), methods);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", tls?.credentials ?? ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  try {
    const plan = loadPlan("", changes.model, {
      target: {
        url: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
        socketPath: null,
        tls: tls?.options ?? null,
      },
      mix: { kind: "requests", requests: [{ ...quoteCall(call), weight: 1 }] },
      pipelining: 100,
      ...changes,
    });
    return await runLoad(plan, 500);
  } finally {
    server.forceShutdown();
  }
}

const MODELS = [
  ["open model", openModel(150, 5)],
  ["closed model", closedModel(5, 10)],
] as const;

describe.each(MODELS)("%s", (_, model) => {
  test("counts are those of the server, and it sees the deadline of each call", async () => {
    const deadlines: number[] = [];
    const measured = await runAgainst(
      {
        Get: ((call, done) => {
          deadlines.push(Number(call.getDeadline()) - Date.now());
          done(null, { id: call.request.sku, price: 7 });
        }) satisfies Get,
      },
      {
        messages: [{ sku: "sku-${seq}" }],
        expect: { statuses: [0], message: { "$.id": { regex: "^sku-\\d+$" }, "$.price": 7 }, metadata: {} },
      },
      { model, timeoutMs: 4_000, workers: 2 },
    );
    const { scheduled, ok } = totals(measured.all);
    expect(ok, JSON.stringify(measured.reasons)).toBe(scheduled);
    expect(deadlines).toHaveLength(scheduled);
    for (const ms of deadlines) {
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThanOrEqual(4_001);
    }
  });

  test("statuses are told by their names, with what the server says", async () => {
    const measured = await runAgainst(
      { Get: ((_call, done) => done({ code: status.NOT_FOUND, details: "no such sku" })) satisfies Get },
      {},
      { model },
    );
    const { scheduled, http_error } = totals(measured.all);
    expect(http_error).toBe(scheduled);
    expect(measured.reasons).toEqual({ NOT_FOUND: scheduled });
    expect(measured.samples?.[0]).toMatchObject({ status: 5, body: "no such sku" });
  });

  test("a method that gives a stream has answered when its status has come", async () => {
    const measured = await runAgainst(
      {
        Watch: (call: ServerWritableStream<Ask, Quote>) => {
          for (const id of ["a", "b", "c"]) call.write({ id });
          call.end();
        },
      },
      {
        method: quotesMethod("Watch"),
        expect: { statuses: [0], message: { "$.length": 3, "$[1].id": "b" }, metadata: {} },
      },
      { model },
    );
    const { scheduled, ok } = totals(measured.all);
    expect(ok, JSON.stringify(measured.reasons)).toBe(scheduled);
  });
});

test("TLS with a certificate that is checked", async () => {
  const credentials = ServerCredentials.createSsl(null, [
    { private_key: pem("server.key"), cert_chain: pem("server.pem") },
  ]);
  const run = (ca: string | null) =>
    runAgainst(
      { Get: ((_call, done) => done(null, { id: "1" })) satisfies Get },
      {},
      { model: openModel(100, 4) },
      { credentials, options: { ca, cert: null, key: null, servername: "shop.test", verify: true } },
    );
  const trusted = totals((await run(pem("ca.pem").toString())).all);
  expect(trusted.ok).toBe(trusted.scheduled);
  const other = await run(null);
  const { refused, scheduled } = totals(other.all);
  expect(refused).toBe(scheduled);
  expect(Object.keys(other.reasons).join()).toMatch(/^TLS: /);
});
