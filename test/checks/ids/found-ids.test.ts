import { expect, test } from "vitest";
import { FoundIds, NoIds } from "../../../src/checks/ids/found-ids.js";

/** The ids in an answer that comes in pieces of that many bytes. */
function read(
  text: string,
  {
    list = null,
    each = null,
    pieces = 3,
  }: { list?: string | null; each?: string | null; pieces?: number } = {},
) {
  const ids: string[] = [];
  const found = new FoundIds({ list, each }, (id) => ids.push(id));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieces) found.add(bytes.subarray(at, at + pieces));
  found.end();
  return { ids, isSilent: found.isSilent };
}

test("one id in each line, or a list in JSON", () => {
  expect(read("a\n b \r\n\nžluť").ids).toEqual(["a", "b", "žluť"]);
  expect(read(' ["a", 12, "žluť"]').ids).toEqual(["a", "12", "žluť"]);
  expect(
    read('{"data":{"orders":[{"id":7},{"id":"b"}]}}', { list: "$.data.orders", each: "$.id" }).ids,
  ).toEqual(["7", "b"]);
  expect(read('[{"id":7}]', { each: "$.id" }).ids).toEqual(["7"]);
});

test("an empty list is an answer, and nothing is none", () => {
  expect(read("[]")).toEqual({ ids: [], isSilent: false });
  expect(read(" \n")).toEqual({ ids: [], isSilent: true });
  expect(read("")).toEqual({ ids: [], isSilent: true });
});

test.each([
  ["[1, 2", {}, "the answer is not JSON"],
  ['{"orders":{}}', { list: "$.orders" }, "the answer has no list at $.orders"],
  ["<html>", { list: "$.orders" }, "the answer is not JSON"],
  ['[{"id":1}]', {}, "the list has an item that is no text or whole number"],
  ['[{"no":1}]', { each: "$.id" }, "the list has an item without an id"],
  ["[9007199254740993]", {}, "the list has the number 9007199254740992"],
  ["[1.5]", {}, "the list has the number 1.5"],
  ["x".repeat(70_000), {}, "the answer has lines that are no ids"],
])("garbage is no set of ids: %s", (text, options, message) => {
  expect(() => read(text.slice(0, 70_000), { ...options, pieces: 10_000 })).toThrow(
    new NoIds("not_ids", message).message,
  );
});
