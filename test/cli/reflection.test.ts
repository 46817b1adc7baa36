import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { parseProtos } from "../../src/requests/grpc/proto/parse-protos.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";
import { framed } from "../helpers/grpc-server.js";
import { SHOP_PROTOS } from "../helpers/protos.js";
import { refusal, startReflectionServer } from "../helpers/reflection-server.js";

/** What a user sees of a call that names no file. */

const QUOTE = parseProtos(SHOP_PROTOS).lookupType("shop.Quote");

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(options: Parameters<typeof startReflectionServer>[0] = {}): Promise<string> {
  const server = await startReflectionServer({
    onCall: (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(framed(QUOTE.encode(QUOTE.create({ id: "q1" })).finish()));
    },
    ...options,
  });
  cleanups.push(server.down);
  return server.url;
}

async function run(command: readonly string[], target: string, message = "{ sku: A1 }") {
  const folder = await temporaryFolder();
  const text = `faultline: 1
name: Quotes
load:
  target: ${target}
  rate: 50/s
  requests:
    - name: quote
      grpc: { method: shop.Quotes/Get, message: ${message} }
phases: { warmup: 0s, baseline: 1s }
slos: [availability >= 99%]
evidence: observed
`;
  await writeFile(join(folder, "s.yaml"), text);
  return faultline([...command, "s.yaml"], { cwd: folder });
}

test("validate says what it could not check, asks nobody, and is content", async () => {
  const { code, stdout } = await run(["validate"], "http://127.0.0.1:1");
  expect(code).toBe(0);
  expect(stdout).toContain(
    "  not checked for quote: its service, its messages and the fields of its answers, which the target is asked for before the load begins\n",
  );
  const { files } = JSON.parse((await run(["validate", "--format", "json"], "http://127.0.0.1:1")).stdout);
  expect(files[0].notChecked).toEqual([
    { request: "quote", what: "its service, its messages and the fields of its answers" },
  ]);
});

test("run --dry-run says so, too", async () => {
  const { code, stdout } = await run(["run", "--dry-run"], "http://127.0.0.1:1");
  expect(code).toBe(0);
  expect(stdout).toContain("100%  quote: shop.Quotes/Get");
  expect(stdout).toContain("not checked for quote");
});

test("a run with a message that fits", { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await run(["run"], await serve());
  expect(code, stdout + stderr).toBe(0);
});

test("a message that does not fit is shown in the scenario, with exit code 2", async () => {
  const { code, stderr } = await run(["run"], await serve(), "{ skuu: A1, quantity: two }");
  expect(code).toBe(2);
  expect(stderr).toContain("s.yaml:8:51: shop.QuoteRequest has no field `skuu`; did you mean `sku`?\n");
  expect(stderr).toContain("s.yaml:8:71: expected a whole number");
  expect(stderr).toMatch(/\| +\^+\n/);
});

test.each([
  ["is switched off", { versions: [] }, "has no reflection service"],
  ["does not have the file", { answer: () => refusal(13, "lost\u001b[31m") }, '13 (INTERNAL), "lost"'],
] as const)(
  "reflection that %s is shown at the method, with exit code 4 and what to do",
  async (_, options, what) => {
    const { code, stderr } = await run(["run"], await serve(options));
    expect(code).toBe(4);
    expect(stderr).toContain("s.yaml:8:23: the call names no .proto file, and ");
    expect(stderr).toContain(what);
    expect(stderr).toContain("  = Name the file of the service: grpc: { proto: FILE, method: … }.");
    expect(stderr).not.toContain("\u001b[31m");
  },
);
