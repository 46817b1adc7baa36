import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { closedModel, loadPlan, request, runLoad, totals } from "../helpers/load-plans.js";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const MIB = 1024 * 1024;
const TEXT = JSON.stringify({ state: "in stock", name: "gr\u00fcn" });
const zip = gzipSync(TEXT);

/** Looks into the answers of a server that always says the same. @returns their reasons; {} when all were good. */
async function look(coding: string, body: Buffer, looksInto = true) {
  const server = createServer((_, response) =>
    response.writeHead(200, { "content-encoding": coding, "content-length": body.length }).end(body),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on a port, so an address is an object.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const expected = {
    status: ["2xx"] as const,
    headers: {},
    body: "gr\u00fcn",
    json: { "$.state": "in stock" },
  };
  const mix = {
    kind: "requests",
    requests: [request(looksInto ? { expect: expected } : {})],
  } as const;
  const measured = await runLoad(loadPlan(url, closedModel(1), { mix, timeoutMs: 30_000 }), 150);
  const counts = totals(measured.all);
  expect(counts.scheduled).toBeGreaterThan(0);
  expect(counts.ok + counts.http_error).toBe(counts.scheduled);
  return { reasons: Object.keys(measured.reasons), received: measured.bytesReceived, counts };
}

test.each<[string, Buffer]>([
  ["gzip", zip],
  ["X-GZIP", zip],
  ["br", brotliCompressSync(TEXT)],
  ["deflate", deflateSync(TEXT)],
  ["deflate", deflateRawSync(TEXT)],
  ["identity", Buffer.from(TEXT)],
  ["br, gzip", gzipSync(brotliCompressSync(TEXT))],
])("an answer packed as %s is looked into", async (coding, body) => {
  expect((await look(coding, body)).reasons).toEqual([]);
});

test.each<[string, string, Buffer, string]>([
  ["a bomb", "gzip", gzipSync(Buffer.alloc(64 * MIB)), "a body that unpacks to more than 16 MiB"],
  [
    "a bomb in a bomb",
    "gzip, gzip",
    gzipSync(gzipSync(Buffer.alloc(64 * MIB))),
    "a body that unpacks to more than 16 MiB",
  ],
  ["one that is cut off", "gzip", zip.subarray(0, zip.length - 9), "a body that is no whole gzip"],
  ["what is none", "br", Buffer.from("no brotli at all"), "a body that is no whole br"],
  ["an unknown coding", "constructor", zip, "a body packed as constructor, which is not known here"],
  ["too many codings", "gzip,gzip,gzip,gzip,gzip", zip, "a body with more than 4 codings"],
])("%s is a bad answer with its reason", async (_, coding, body, reason) => {
  expect((await look(coding, body)).reasons).toEqual([`answer that cannot be looked into: ${reason}`]);
});

test("a bomb that nobody looks into is not unpacked", async () => {
  const bomb = gzipSync(Buffer.alloc(64 * MIB));
  const { reasons, received, counts } = await look("gzip", bomb, false);
  expect(reasons).toEqual([]);
  expect(received).toBeLessThan(counts.scheduled * (bomb.length + 1000) + MIB);
});
