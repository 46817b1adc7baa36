import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Capture } from "../../../src/requests/http/http-request.js";
import {
  closedModel,
  loadPlan,
  request,
  runLoad,
  totals,
  type WeightedHttpRequest,
} from "../../helpers/load-plans.js";

const MIB = 1024 * 1024;
const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function startTarget(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on a port, so an address is an object.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Writes so many bytes, or without end; `last` comes after them. */
function stream(response: ServerResponse, bytes: number, last = ""): void {
  const piece = Buffer.alloc(MIB / 4, "a");
  let left = bytes;
  const write = () => {
    while (left > 0 && !response.destroyed) {
      left -= piece.length;
      if (!response.write(piece)) {
        response.once("drain", write);
        return;
      }
    }
    response.end(last);
  };
  write();
}

const looksFor = (body: string): Partial<WeightedHttpRequest> => ({
  expect: { status: ["2xx"], headers: {}, body, json: {} },
});

async function runOne(url: string, changes: Partial<WeightedHttpRequest>) {
  const plan = loadPlan(url, closedModel(1), {
    timeoutMs: 60_000,
    mix: { kind: "requests", requests: [request(changes)] },
  });
  const measured = await runLoad(plan, 100);
  const [series] = measured.requests;
  if (!series) throw new Error("nothing was measured");
  return { counts: totals(series), reasons: series.reasons ?? {} };
}

test("a body without end is given up at 16 MiB when it is to be looked into, and the reason says so", async () => {
  const url = await startTarget((response) => {
    stream(response, Number.POSITIVE_INFINITY);
  });
  const { counts, reasons } = await runOne(url, looksFor("never there"));
  expect(counts.http_error).toBe(counts.scheduled);
  expect(Object.keys(reasons ?? {})).toEqual(["the body is over 16 MiB, too large to be looked into"]);
}, 60_000);

test("a body just below that is looked into as a whole", async () => {
  const url = await startTarget((response) => stream(response, 15 * MIB, "the end"));
  const { counts } = await runOne(url, looksFor("the end"));
  expect(counts.ok).toBe(counts.scheduled);
  expect(counts.ok).toBeGreaterThan(0);
}, 60_000);

test("a pattern that would take years ends, and so does JSON that nests 20,000 deep", async () => {
  const deep = `${'{"a":'.repeat(20_000)}1.0${"}".repeat(20_000)}`;
  const url = await startTarget((response) => response.end(`${"a".repeat(40)}!`));
  const deepUrl = await startTarget((response) => response.end(deep));
  const step = (name: string, capture: Capture["from"]) => ({
    ...request({ name }),
    capture: [{ name: "x", from: capture }],
    thinkTimeMs: 0,
  });
  const reasonsOf = async (target: string, from: Capture["from"]) => {
    const plan = loadPlan(target, closedModel(1), {
      mix: { kind: "journeys", journeys: [{ name: "j", weight: 1, steps: [step("a", from)] }] },
    });
    const measured = await runLoad(plan, 100);
    return { lost: measured.lost, reasons: Object.keys(measured.requests[0]?.reasons ?? {}) };
  };
  const nothing = { lost: null, reasons: ["capture x found nothing"] };
  expect(await reasonsOf(url, { kind: "regex", pattern: "^(a+)+$" })).toEqual(nothing);
  expect(await reasonsOf(deepUrl, { kind: "json", path: "$.a.a" })).toEqual(nothing);
}, 60_000);
