import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { GrpcMethod, GrpcRequest, ProtoFiles } from "../../src/requests/grpc/grpc-request.js";

const FOLDER = fileURLToPath(new URL("../fixtures/protos/", import.meta.url));

/** Where the shop's service of quotes is defined. */
export const SHOP_PROTO = `${FOLDER}shop.proto`;

const fileOf = (name: string) => ({
  path: `${FOLDER}${name}`,
  text: readFileSync(`${FOLDER}${name}`, "utf8"),
});

export const SHOP_PROTOS: ProtoFiles = {
  files: [fileOf("shop.proto"), fileOf("common/money.proto")],
  bundled: ["google/protobuf/timestamp.proto"],
};

type MethodName = "Get" | "Watch" | "Add" | "Chat";

export function quotesMethod(name: MethodName): GrpcMethod {
  return {
    path: `/shop.Quotes/${name}`,
    takes: "shop.QuoteRequest",
    gives: "shop.Quote",
    takesStream: name === "Add" || name === "Chat",
    givesStream: name === "Watch" || name === "Chat",
  };
}

/** A call of shop.Quotes/Get that expects OK, with what a test wants otherwise. */
export function quoteCall(changes: Partial<GrpcRequest> = {}): GrpcRequest {
  return {
    name: "quote",
    kind: "grpc",
    method: quotesMethod("Get"),
    protos: SHOP_PROTOS,
    messages: [{ sku: "A1" }],
    captured: [],
    metadata: {},
    expect: { statuses: [0], message: {}, metadata: {} },
    ...changes,
  };
}
