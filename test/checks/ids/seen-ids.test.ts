import { expect, test } from "vitest";
import { SeenIds } from "../../../src/checks/ids/seen-ids.js";

test("each id has the time at which it was first seen, and no other has one", () => {
  const seen = new SeenIds();
  const idOf = (number: number) => `order-${number.toString(16).padStart(8, "0")}`;
  for (let number = 0; number < 60_000; number++) seen.add(idOf(number), number);
  for (let number = 0; number < 60_000; number += 7) seen.add(idOf(number), 999_999);
  expect(seen.size).toBe(60_000);
  for (let number = 0; number < 60_000; number++) expect(seen.atMs(idOf(number))).toBe(number);
  for (let number = 60_000; number < 120_000; number++) expect(seen.atMs(idOf(number))).toBeNull();
});

test("ids that differ in one character are told apart", () => {
  const seen = new SeenIds();
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789-_ÄÖÜ∞".split("");
  const ids = letters.flatMap((one) =>
    letters.flatMap((two) => [`${one}${two}`, `x${one}-${two}`, `${one}`]),
  );
  const own = [...new Set(ids)];
  for (const [at, id] of own.entries()) seen.add(id, at);
  expect(own.map((id) => seen.atMs(id))).toEqual(own.map((_, at) => at));
});
