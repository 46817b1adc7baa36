import { expect, test } from "vitest";
import {
  actedPart,
  countedProof,
  listedPart,
  mayChooseNone,
  unprovenPart,
} from "../../../src/faults/between/counted-proof.js";

const said = (id: string) => ({ id, facts: {}, text: id });

test("a fault is as well proven as its weakest part, and says the smallest share", () => {
  const parts = [actedPart(said("some"), 3, 10), actedPart(said("few"), 1, 10)];
  expect(countedProof(parts, [])).toMatchObject({
    strength: "observed",
    explanation: "some; few",
    acted: { connections: 1, of: 10, unit: "request" },
  });
  const withListed = countedProof([...parts, listedPart(said("its word"))], []);
  expect(withListed).toMatchObject({ strength: "listed", proven: true, explanation: "its word" });
  const withNone = countedProof([...parts, listedPart(said("its word")), unprovenPart(said("none"))], []);
  expect(withNone).toMatchObject({ strength: "none", proven: false, explanation: "none", acted: null });
});

test("it is idle only where each part that is not proven met too few requests", () => {
  const idle = unprovenPart(said("too few"), true);
  const isIdle = (...parts: Parameters<typeof countedProof>[0]) => countedProof(parts, []).isIdle;
  expect([isIdle(idle, idle), isIdle(idle, unprovenPart(said("none")))]).toEqual([true, false]);
  expect(isIdle(idle, actedPart(said("some"), 3, 10))).toBe(true);
  expect([isIdle(actedPart(said("some"), 3, 10)), isIdle()]).toEqual([false, false]);
  expect([mayChooseNone(9, 0.5), mayChooseNone(10, 0.5)]).toEqual([true, false]);
});
