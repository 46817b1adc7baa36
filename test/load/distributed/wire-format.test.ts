import { expect, test } from "vitest";
import { packPlan, unpackPlan } from "../../../src/load/distributed/wire-format.js";
import { closedModel, httpOf, loadPlan, request } from "../../helpers/load-plans.js";

test("files that are sent arrive as bytes of their own, each once: threads get copies of all the memory that they lie in", () => {
  const file = new Uint8Array(10_000).fill(7);
  const pieces = [{ template: "--x", encoding: "none" } as const, file];
  const requests = ["a", "b"].map((name) => request({ name, method: "POST", pieces }));
  const plan = loadPlan("http://127.0.0.1:1", closedModel(1), { mix: { kind: "requests", requests } });
  const { mix } = unpackPlan(packPlan(plan));
  if (mix.kind !== "requests") throw new Error(mix.kind);
  const [first, second] = mix.requests.map((one) => httpOf(one).pieces?.[1]);
  if (!(first instanceof Uint8Array)) throw new Error("no bytes");
  expect(Buffer.from(first).equals(Buffer.from(file))).toBe(true);
  expect(first.buffer.byteLength).toBe(file.length);
  expect(second).toBe(first);
  expect(httpOf(mix.requests[0]).pieces?.[0]).toEqual(pieces[0]);
});
