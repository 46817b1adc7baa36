import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkAndPlan } from "../../../src/plan/check-and-plan.js";
import { type GrpcRequest, isGrpcRequest, type ProtoFiles } from "../../../src/requests/grpc/grpc-request.js";
import { folderWith, scenarioText } from "../../helpers/scenario-files.js";

const SHOP = `syntax = "proto3";
package shop;
service Quotes { rpc Get(Ask) returns (Quote); }
message Ask { string sku = 1; }
message Quote { string id = 1; }
`;

/** Checks a scenario with one call, beside these files. */
async function check(files: Readonly<Record<string, string>>, call = CALL, untrusted = false) {
  const text = scenarioText("", `  rate: 100/s\n  requests:\n    - { name: quote, grpc: ${call} }`);
  const cwd = folderWith({ "scenario.yaml": text });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), content);
  }
  return checkAndPlan("scenario.yaml", {
    env: {},
    cwd,
    ...(untrusted
      ? { untrusted: { env: [], run: [], shell: [], sockets: [], docker: [], folders: [] } }
      : {}),
  });
}

const MONEY_WITHOUT_NUMBER = 'syntax = "proto3"; message Money { string x }';

const CALL = "{ proto: shop.proto, method: shop.Quotes/Get, message: { sku: A1 } }";

/** The only complaint: its place, what it says and what to do. */
async function complaint(...args: Parameters<typeof check>) {
  const { diagnostics } = await check(...args);
  const shown = diagnostics.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
  expect(shown).toHaveLength(1);
  return { text: shown[0] ?? "", help: diagnostics[0]?.help ?? "", frame: diagnostics[0]?.frame ?? "" };
}

/** Of a call whose file was read. */
function filesOf({ protos }: GrpcRequest): ProtoFiles {
  if ("descriptors" in protos) throw new Error("no file was read");
  return protos;
}

function planned({ plan, diagnostics }: Awaited<ReturnType<typeof check>>): GrpcRequest {
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  const mix = plan?.load.mix;
  const [request] = mix?.kind === "requests" ? mix.requests : [];
  if (request === undefined || !isGrpcRequest(request)) throw new Error("no call was planned");
  return request;
}

test("a call is planned with its method, its files and its message", async () => {
  const request = planned(await check({ "shop.proto": SHOP }));
  expect(request.method).toEqual({
    path: "/shop.Quotes/Get",
    takes: "shop.Ask",
    gives: "shop.Quote",
    takesStream: false,
    givesStream: false,
  });
  expect(request.messages).toEqual([{ sku: "A1" }]);
  expect(request.expect.statuses).toEqual([0]);
  expect(filesOf(request).files.map(({ text }) => text)).toEqual([SHOP]);
});

describe("what is wrong inside a .proto file is shown there", () => {
  test.each([
    ["an unknown word", SHOP.replace("message Ask", "massage Ask"), "4:1 unexpected `massage`"],
    [
      "a field without a number",
      SHOP.replace("string sku = 1", "string sku"),
      "4:25 unexpected `;`; expected `=`",
    ],
    [
      "a file that ends too early",
      SHOP.replace("message Quote { string id = 1; }", "message Quote {"),
      "6:1 the file ends",
    ],
    [
      "a number that is used twice",
      SHOP.replace("id = 1", "id = 1; string other = 1"),
      "5:47 duplicate id 1",
    ],
    [
      "a type that is nowhere",
      SHOP.replace("(Quote)", "(Quot)"),
      "3:40 there is no type `Quot`; did you mean `Quote`?",
    ],
    [
      "an import that is nowhere",
      SHOP.replace("package", 'import "money.proto";\npackage'),
      "2:8 there is no money.proto",
    ],
  ])("%s", async (_, text, expected) => {
    const found = await complaint({ "shop.proto": text });
    expect(found.text).toContain(`shop.proto:${expected}`);
    expect(found.frame).toContain("^");
  });

  test("in an imported file, too", async () => {
    const importing = SHOP.replace("package", 'import "parts/money.proto";\npackage');
    const found = await complaint({ "shop.proto": importing, "parts/money.proto": MONEY_WITHOUT_NUMBER });
    expect(found.text).toContain("parts/money.proto:1:45 unexpected `}`; expected `=`");
  });
});

describe("imports are found", () => {
  const importing = SHOP.replace("package", 'import "money.proto";\npackage').replace(
    "string id = 1;",
    "string id = 1; common.Money price = 2;",
  );
  const MONEY = 'syntax = "proto3"; package common; message Money { int64 units = 1; }';

  test("beside the file that says so, and once where two say so", async () => {
    const cycle = MONEY.replace("package", 'import "shop.proto"; package');
    const request = planned(await check({ "shop.proto": importing, "money.proto": cycle }));
    expect(filesOf(request).files).toHaveLength(2);
  });

  test("in the folders of `imports`", async () => {
    const call = CALL.replace("method", "imports: [more], method");
    const request = planned(await check({ "shop.proto": importing, "more/money.proto": MONEY }, call));
    expect(filesOf(request).files).toHaveLength(2);
  });

  test("from the first file's folder on, as protoc has its roots", async () => {
    const first = importing.replace("money.proto", "a/quote.proto").replace("common.Money", "a.Price");
    const quote = 'syntax = "proto3"; package a; import "a/price.proto"; message Price { Sum sum = 1; }';
    const price = 'syntax = "proto3"; package a; message Sum { int64 units = 1; }';
    const files = { "shop.proto": first, "a/quote.proto": quote, "a/price.proto": price };
    expect(filesOf(planned(await check(files))).files).toHaveLength(3);
  });

  test("well-known types need no file", async () => {
    const text = SHOP.replace("package", 'import "google/protobuf/timestamp.proto";\npackage').replace(
      "string sku = 1;",
      "string sku = 1; google.protobuf.Timestamp at = 2;",
    );
    const call = CALL.replace("sku: A1", 'at: "2026-01-31T12:00:00Z"');
    expect(filesOf(planned(await check({ "shop.proto": text }, call))).bundled).toEqual([
      "google/protobuf/timestamp.proto",
    ]);
  });
});

describe("files are read as all files of a scenario are", () => {
  test("a scenario that is not trusted reads none outside its folder", async () => {
    const call = CALL.replace("shop.proto", "../../../../../etc/hostname");
    expect((await complaint({}, call, true)).text).toContain("it is outside the folder of the scenario");
  });

  test("nor does an import of one of its files", async () => {
    const outside = folderWith({ "secret.proto": "message Secret {}" });
    const importing = SHOP.replace("package", `import "${join(outside, "secret.proto")}";\npackage`);
    const found = await complaint({ "shop.proto": importing }, CALL, true);
    expect(found.text).toMatch(/shop\.proto:2:8 .*it is outside the folder of the scenario/);
  });

  test("a file with another name is not quoted", async () => {
    const found = await complaint({ id_rsa: "-----BEGIN KEY-----" }, CALL.replace("shop.proto", "id_rsa"));
    expect(found.text).toContain("its name does not end in .proto");
    expect(found.frame).not.toContain("BEGIN");
  });

  test("a large file is refused", async () => {
    const found = await complaint({ "shop.proto": `${SHOP}//${"x".repeat(2_000_000)}` });
    expect(found.text).toContain("it is larger than 2 MB");
  });

  test("bytes that are no text are refused", async () => {
    const cwd = folderWith({ "shop.proto": Uint8Array.of(0xff, 0xfe, 0x00) });
    const text = scenarioText("", `  rate: 100/s\n  requests:\n    - { name: quote, grpc: ${CALL} }`);
    writeFileSync(join(cwd, "scenario.yaml"), text);
    const { diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
    expect(diagnostics.map(({ message }) => message)).toEqual(["shop.proto is not UTF-8 text"]);
  });
});

test("a stream whose messages are timed is planned with its limits, and SLOs may name its parts", async () => {
  const proto = SHOP.replace("returns (Quote)", "returns (stream Quote)");
  const call = `${CALL}, stream: { firstEvent: 500ms, events: 5, within: 3s }`;
  const text = scenarioText("", `  rate: 100/s\n  requests:\n    - { name: quote, grpc: ${call} }`).replace(
    "[availability >= 99%]",
    '["p95(quote first event) < 300ms", "p99(quote next event) < 1s", "availability(quote first byte) >= 99%"]',
  );
  const cwd = folderWith({ "scenario.yaml": text, "shop.proto": proto });
  const request = planned(await checkAndPlan("scenario.yaml", { env: {}, cwd }));
  expect(request).toMatchObject({
    streams: true,
    stream: { firstEventMs: 500, events: 5 },
    timeoutMs: 3_000,
  });
});
