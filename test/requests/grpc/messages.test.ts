import { describe, expect, test } from "vitest";
import { messageJson } from "../../../src/requests/grpc/proto/message-json.js";
import { messagePath } from "../../../src/requests/grpc/proto/message-path.js";
import { messageWriter } from "../../../src/requests/grpc/proto/message-writer.js";
import { parseProtos } from "../../../src/requests/grpc/proto/parse-protos.js";
import { valueMistake } from "../../../src/requests/grpc/scalar-values.js";
import { SHOP_PROTOS } from "../../helpers/protos.js";

const root = parseProtos(SHOP_PROTOS);
const REQUEST = root.lookupType("shop.QuoteRequest");
const QUOTE = root.lookupType("shop.Quote");

type Slots = Readonly<Record<string, string>>;

/** Fills ${name} with the value of that name. */
const compile = (template: string) => (slots: Slots) =>
  template.replace(/\$\{([^}]*)\}/g, (_, name: string) => slots[name] ?? "");

const EMPTY = {
  sku: "",
  quantity: 0,
  customerId: 0,
  size: "SIZE_UNKNOWN",
  tags: [],
  limits: {},
  isGift: false,
  token: "",
  most: 0,
};

/** What a server reads of a message. */
function sent(data: unknown, slots: Slots = {}): unknown {
  const { write } = messageWriter<Slots>(REQUEST, data, compile);
  return messageJson(REQUEST, REQUEST.decode(write(slots)));
}

test("every kind of field is sent as it is written", () => {
  const data = {
    sku: "A1",
    quantity: -3,
    customer_id: "9007199254740993",
    size: "LARGE",
    tags: ["new", "red"],
    limits: { day: 5 },
    is_gift: true,
    token: "AAEC",
    most: 1.5,
    budget: { currency: "EUR", units: 20 },
    at: "2026-01-31T12:00:00Z",
    account: 7,
  };
  expect(sent(data)).toEqual({
    sku: "A1",
    quantity: -3,
    customerId: "9007199254740993",
    size: "LARGE",
    tags: ["new", "red"],
    limits: { day: 5 },
    isGift: true,
    token: "AAEC",
    most: 1.5,
    budget: { currency: "EUR", units: 20 },
    at: "2026-01-31T12:00:00Z",
    account: 7,
  });
});

test("values of each request go into fields of any kind, and nothing is left of the request before", () => {
  const data = {
    sku: "sku-${a}",
    quantity: "${n}",
    customerId: "${n}",
    size: "${size}",
    tags: ["fixed", "${a}"],
    limits: { "$${day}": "${n}" },
    is_gift: "${yes}",
    most: "${n}",
    budget: { currency: "${a}", units: 5 },
    at: "${time}",
  };
  const { write, isConstant } = messageWriter<Slots>(REQUEST, data, compile);
  expect(isConstant).toBe(false);
  const read = (slots: Slots) => messageJson(REQUEST, REQUEST.decode(write(slots)));
  const first = { a: "x", n: "7", size: "SMALL", yes: "true", time: "2026-01-31T12:00:00Z" };
  const second = { a: "", n: "0", size: "SIZE_UNKNOWN", yes: "false", time: "1970-01-01T00:00:00Z" };
  expect(read(first)).toEqual({
    ...EMPTY,
    sku: "sku-x",
    quantity: 7,
    customerId: 7,
    size: "SMALL",
    tags: ["fixed", "x"],
    limits: { "$${day}": 7 },
    isGift: true,
    most: 7,
    budget: { currency: "x", units: 5 },
    at: "2026-01-31T12:00:00Z",
  });
  expect(read(second)).toEqual({
    ...EMPTY,
    sku: "sku-",
    tags: ["fixed", ""],
    limits: { "$${day}": 0 },
    budget: { currency: "", units: 5 },
    at: "1970-01-01T00:00:00Z",
  });
});

test("a message in which nothing varies is made once", () => {
  const { write, isConstant } = messageWriter<Slots>(REQUEST, { sku: "$${a}" }, compile);
  expect(isConstant).toBe(true);
  expect(write({})).toBe(write({}));
  expect(sent({ sku: "$${a}" })).toEqual({ ...EMPTY, sku: "${a}" });
});

test("a value that is none for its field is refused when it comes", () => {
  const { write } = messageWriter<Slots>(REQUEST, { quantity: "${n}" }, compile);
  expect(() => write({ n: "many" })).toThrow(/integer/);
});

test("a received message has its default values, and a field that may be missing only when it is there", () => {
  expect(messageJson(QUOTE, QUOTE.decode(new Uint8Array(0)))).toEqual({
    id: "",
    price: 0,
    size: "SIZE_UNKNOWN",
    lines: [],
    isEstimate: false,
    notes: {},
    huge: 0,
  });
  const bytes = QUOTE.encode({ discount: 0, notes: { ["__proto__"]: "x" }, size: 9 }).finish();
  expect(messageJson(QUOTE, QUOTE.decode(bytes))).toMatchObject({ discount: 0, size: 9 });
});

/** Values that have a form of their own in JSON. */
const FORMS = parseProtos({
  files: [
    {
      path: "forms.proto",
      text: `syntax = "proto3";
        package forms;
        import "google/protobuf/any.proto";
        import "google/protobuf/struct.proto";
        import "google/protobuf/timestamp.proto";
        import "google/protobuf/wrappers.proto";
        message Forms {
          google.protobuf.Any detail = 1;
          google.protobuf.Timestamp at = 2;
          float rate = 3;
          google.protobuf.FloatValue share = 4;
          google.protobuf.Int64Value count = 5;
          google.protobuf.UInt64Value total = 6;
          google.protobuf.ListValue items = 7;
        }`,
    },
  ],
  bundled: ["any", "struct", "timestamp", "wrappers"].map((name) => `google/protobuf/${name}.proto`),
}).lookupType("forms.Forms");

const receivedForms = (fields: object) => messageJson(FORMS, FORMS.decode(FORMS.encode(fields).finish()));

test("what has no JSON leaves the rest of a message as it is", () => {
  const detail = { type_url: "type.googleapis.com/shop.Secret", value: Buffer.of(8, 1) };
  expect(receivedForms({ detail, at: { seconds: 1e15 }, rate: 2 })).toEqual({
    detail: { "@type": "type.googleapis.com/shop.Secret" },
    at: null,
    rate: 2,
  });
});

test("numbers are told as they were meant, also within a wrapper", () => {
  const wrapped = { share: { value: 0.7 }, count: { value: 42 }, total: { value: 0 } };
  expect(receivedForms({ rate: 0.1, ...wrapped })).toEqual({ rate: 0.1, share: 0.7, count: 42, total: 0 });
  expect(receivedForms({ rate: 16777217, share: { value: 3.4028234663852886e38 } })).toEqual({
    rate: 16777216,
    share: 3.4028235e38,
  });
});

test("the number of an enum has 32 bits", () => {
  const size = { kind: "enum", names: ["SMALL"] } as const;
  expect(valueMistake(size, 2 ** 31 - 1)).toBeNull();
  expect(valueMistake(size, 2 ** 31)).toBe("one of SMALL");
});

test("a path leads into any list", () => {
  expect(messagePath(FORMS, false, "$.items[0].name")).toEqual({ path: "$.items[0].name" });
});

describe("a path into a message", () => {
  test.each([
    ["$.price", "$.price"],
    ["$.is_estimate", "$.isEstimate"],
    ["$.isEstimate", "$.isEstimate"],
    ["$.lines[0].price.units", "$.lines[0].price.units"],
    ["$.lines.length", "$.lines.length"],
    ["$.notes['odd key']", '$.notes["odd key"]'],
    ["$.id.length", "$.id.length"],
    ["$.made_at", "$.madeAt"],
  ])("%s", (text, path) => {
    expect(messagePath(QUOTE, false, text)).toEqual({ path });
  });

  test.each([
    ["price", "`price` is not a JSON path"],
    ["$.prise", "shop.Quote has no field `prise`; did you mean `price`?"],
    ["$.price.cents", "`cents` leads into a value that has no parts"],
    ["$.lines.text", "`text`: there is a list, and its items have positions"],
    ["$.lines[0].prize", "shop.Quote.Line has no field `prize`; did you mean `price`?"],
    ["$.made_at.seconds", "`seconds` leads into a value that has no parts"],
  ])("%s leads to nothing", (text, message) => {
    expect(messagePath(QUOTE, false, text)).toMatchObject({ mistake: { message } });
  });

  test("of a stream begins with the position of a message", () => {
    expect(messagePath(QUOTE, true, "$[0].is_estimate")).toEqual({ path: "$[0].isEstimate" });
    expect(messagePath(QUOTE, true, "$.length")).toEqual({ path: "$.length" });
    expect(messagePath(QUOTE, true, "$.price")).toMatchObject({
      mistake: { message: "`price`: there is a list, and its items have positions" },
    });
  });
});
