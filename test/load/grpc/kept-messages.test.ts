import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { CallJudge } from "../../../src/load/grpc/call-judge.js";
import { MessageFrames } from "../../../src/load/grpc/message-frames.js";
import { newScope } from "../../../src/load/mix/values.js";
import { parseProtos } from "../../../src/requests/grpc/proto/parse-protos.js";
import { framed } from "../../helpers/grpc-server.js";
import { quoteCall, quotesMethod, SHOP_PROTOS } from "../../helpers/protos.js";

/** An answer that is looked into takes bounded memory, whatever the server sends. */

const EMPTY_MESSAGES = 10_000;

test("messages that are empty count, too", () => {
  const frames = new MessageFrames(true);
  const piece = Buffer.alloc(5 * EMPTY_MESSAGES);
  let problem: string | null = null;
  for (let i = 0; i < 100 && problem === null; i++) problem = frames.read(piece);
  expect(problem).toBe("messages longer than 64 MB together");
  frames.release();
});

test("answers share what they may keep, and give it back", () => {
  const piece = framed(Buffer.alloc(4 * 1024 * 1024 - 1024));
  const filled = () => {
    const answers: MessageFrames[] = [];
    for (let problem: string | null = null; problem === null; ) {
      const frames = new MessageFrames(true);
      answers.push(frames);
      for (let i = 0; i < 15 && problem === null; i++) problem = frames.read(piece);
      if (problem !== null) expect(problem).toBe("bodies to be looked into fill more than 256 MiB at once");
    }
    return answers;
  };
  // 60 MiB each.
  const first = filled();
  expect(first).toHaveLength(5);
  for (const frames of first.splice(0)) frames.release();
  const second = filled();
  expect(second).toHaveLength(5);
  for (const frames of second) {
    frames.release();
    frames.release();
  }
  const last = new MessageFrames(true);
  expect(last.read(piece)).toBeNull();
  last.release();
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
      null,
    );
  expect(judged(2)).toBeNull();
  expect(judged(17)).toBe("messages longer than 64 MB together");
});
