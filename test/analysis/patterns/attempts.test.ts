import { expect, test } from "vitest";
import { attemptsOf, goodAnswers } from "../../../src/analysis/patterns/attempts.js";
import { EXCHANGE_ENDS, EXCHANGE_FLAGS, type HttpTraffic } from "../../../src/faults/http-traffic.js";

type Exchange = readonly [status: number, end: (typeof EXCHANGE_ENDS)[number], flags: number];

function traffic(
  exchanges: readonly Exchange[],
  statuses: Readonly<Record<string, number>> = {},
): HttpTraffic {
  const same = exchanges.map(() => 0);
  return {
    proxy: "prices",
    startS: 0,
    seconds: { requests: [exchanges.length], opened: [1], open: [1], givenUp: [0] },
    routes: [{ route: "shop.Prices/Get", requests: exchanges.length, actedOn: 0, statuses }],
    unreadable: 0,
    exchanges: {
      omitted: 0,
      endTenthMs: exchanges.map((_, at) => 10 * at),
      tookTenthMs: same,
      connection: same,
      route: same,
      status: exchanges.map(([status]) => status),
      end: exchanges.map(([, end]) => EXCHANGE_ENDS.indexOf(end)),
      digest: same,
      flags: exchanges.map(([, , flags]) => flags),
    },
  };
}

const failed = (exchanges: readonly Exchange[]) =>
  attemptsOf([traffic(exchanges)]).map(({ isFailed }) => isFailed);

test("a call of gRPC failed by its own status, and 0 of it is OK", () => {
  const { grpc, actedOn } = EXCHANGE_FLAGS;
  expect(
    failed([
      [0, "answered", grpc],
      [14, "answered", grpc + actedOn],
      [5, "answered", grpc],
      [8, "answered", grpc],
      // A status of HTTP alone.
      [503, "answered", grpc],
      [200, "answered", grpc],
      [0, "given_up", grpc],
      [0, "broken_off", grpc],
    ]),
  ).toEqual([false, true, false, true, true, true, true, true]);
});

test("requests of HTTP fail as before", () => {
  expect(
    failed([
      [200, "answered", 0],
      [404, "answered", 0],
      [429, "answered", 0],
      [500, "answered", 0],
      [0, "closed", 0],
      [101, "upgraded", 0],
    ]),
  ).toEqual([false, false, true, true, true, false]);
});

test("good answers are counted by the statuses of both", () => {
  expect(goodAnswers([traffic([], { OK: 10, NOT_FOUND: 2, UNAVAILABLE: 5, "HTTP 502": 3, none: 7 })])).toBe(
    12,
  );
  expect(goodAnswers([traffic([], { "200": 10, "404": 2, "503": 5, none: 7 })])).toBe(12);
});
