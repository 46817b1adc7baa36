import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { CallJudge } from "../../../src/load/grpc/call-judge.js";
import { MessageFrames } from "../../../src/load/grpc/message-frames.js";
import { newScope } from "../../../src/load/mix/values.js";
import { parseProtos } from "../../../src/requests/grpc/proto/parse-protos.js";
import { quoteCall, quotesMethod, SHOP_PROTOS } from "../../helpers/protos.js";

/** An answer that is looked into takes bounded memory, whatever the server sends. */

const EMPTY_MESSAGES = 10_000;

test("messages that are empty count, too", () => {
  const frames = new MessageFrames(true);
  const piece = Buffer.alloc(5 * EMPTY_MESSAGES);
  let problem: string | null = null;
  for (let i = 0; i < 100 && problem === null; i++) problem = frames.read(piece);
  expect(problem).toBe("messages longer than 64 MB together");
});

test("compressed messages count as long as they are when they are not", () => {
  const type = parseProtos(SHOP_PROTOS).lookupType("shop.Quote");
  const plain = type.encode(type.create({ id: "x".repeat(4 * 1024 * 1024 - 16) })).finish();
  const message = { isCompressed: true, bytes: gzipSync(plain) };
  const call = quoteCall({
    method: quotesMethod("Watch"),
    expect: { statuses: [0], message: { "$.length": { ">": 0 } }, metadata: {} },
  });
  const judge = new CallJudge(call, type, () => []);
  const judged = (count: number) =>
    judge.judge(
      {
        status: 0,
        headers: [],
        body: [],
        messages: Array.from({ length: count }, () => message),
        encoding: "gzip",
        problem: null,
      },
      newScope(),
    );
  expect(judged(2)).toBeNull();
  expect(judged(17)).toBe("messages longer than 64 MB together");
});
