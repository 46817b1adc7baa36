import { expect, test } from "vitest";
import { CatchUpLimit } from "../../../src/load/schedule/catch-up-limit.js";

/** Sends as much as is allowed; the number under way then. */
function sendAll(limit: CatchUpLimit, underWay: number): number {
  let count = underWay;
  while (limit.maySend) {
    limit.sent();
    count++;
    if (count > 10_000) throw new Error("no limit");
  }
  return count;
}

test("a system that does not answer gets more requests with each reading, without end", () => {
  const limit = new CatchUpLimit();
  let underWay = sendAll(limit, 0);
  expect(underWay).toBe(64);
  for (let reading = 1; reading <= 200; reading++) {
    limit.renew();
    const before = underWay;
    underWay = sendAll(limit, underWay);
    expect(underWay).toBeGreaterThan(before);
  }
  expect(underWay).toBeGreaterThan(1000);
});

test("while most answers are there at each reading, requests follow one another on ever fewer connections", () => {
  const limit = new CatchUpLimit();
  let underWay = sendAll(limit, 0);
  for (let reading = 0; reading < 100; reading++) {
    limit.renew();
    underWay = sendAll(limit, underWay);
  }
  const most = underWay;
  const counts: number[] = [];
  for (let reading = 0; reading < 10; reading++) {
    const answered = Math.ceil(underWay * 0.6);
    for (let i = 0; i < answered; i++) {
      limit.ended();
      underWay--;
      if (limit.maySend) {
        limit.sent();
        underWay++;
      }
    }
    limit.renew();
    underWay = sendAll(limit, underWay);
    counts.push(underWay);
  }
  expect(counts[1]).toBeLessThan(most);
  expect(counts.at(-1)).toBe(64);
});

test("ten connections are opened between two readings", () => {
  const limit = new CatchUpLimit();
  for (let i = 0; i < 10; i++) {
    expect(limit.mayOpen).toBe(true);
    limit.opening();
  }
  expect(limit.mayOpen).toBe(false);
  limit.renew();
  expect(limit.mayOpen).toBe(true);
});
