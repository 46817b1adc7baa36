import { expect, test } from "vitest";
import { Allowance } from "../../../src/load/schedule/allowance.js";

/** Sends as much as is allowed; the number under way then. */
function sendAll(allowance: Allowance, underWay: number): number {
  let count = underWay;
  while (allowance.maySend) {
    allowance.sent();
    count++;
    if (count > 10_000) throw new Error("no limit");
  }
  return count;
}

test("a system that does not answer gets more requests with each reading, without end", () => {
  const allowance = new Allowance();
  let underWay = sendAll(allowance, 0);
  expect(underWay).toBe(64);
  for (let reading = 1; reading <= 200; reading++) {
    allowance.renew();
    const before = underWay;
    underWay = sendAll(allowance, underWay);
    expect(underWay).toBeGreaterThan(before);
  }
  expect(underWay).toBeGreaterThan(1000);
});

test("while most answers are there at each reading, requests follow one another on ever fewer connections", () => {
  const allowance = new Allowance();
  let underWay = sendAll(allowance, 0);
  for (let reading = 0; reading < 100; reading++) {
    allowance.renew();
    underWay = sendAll(allowance, underWay);
  }
  const most = underWay;
  const counts: number[] = [];
  for (let reading = 0; reading < 10; reading++) {
    const answered = Math.ceil(underWay * 0.6);
    for (let i = 0; i < answered; i++) {
      allowance.ended();
      underWay--;
      if (allowance.maySend) {
        allowance.sent();
        underWay++;
      }
    }
    allowance.renew();
    underWay = sendAll(allowance, underWay);
    counts.push(underWay);
  }
  expect(counts[1]).toBeLessThan(most);
  expect(counts.at(-1)).toBe(64);
});

test("ten connections are opened between two readings", () => {
  const allowance = new Allowance();
  for (let i = 0; i < 10; i++) {
    expect(allowance.mayOpen).toBe(true);
    allowance.opening();
  }
  expect(allowance.mayOpen).toBe(false);
  allowance.renew();
  expect(allowance.mayOpen).toBe(true);
});
