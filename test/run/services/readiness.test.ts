import { expect, test } from "vitest";
import { type ReadyCheck, waitUntilReady } from "../../../src/run/services/readiness.js";
import { sleep } from "../../../src/support/clock.js";

const never = new AbortController().signal;

/** Says one thing after the other; the last look takes all the time that is left. */
function check(...answers: readonly string[]): ReadyCheck {
  let at = 0;
  return {
    text: "command `x`",
    pauseMs: 1,
    look: async (leftMs) => {
      const answer = answers[at++] ?? "cut short";
      if (at > answers.length) await sleep(leftMs + 20, never);
      return answer;
    },
  };
}

test("what a look said that was not cut short is the reason, however the last one ended", async () => {
  expect(await waitUntilReady([check("exited with code 1", "exited with code 2")], 300, never)).toEqual({
    check: "command `x`",
    why: "exited with code 2",
  });
});

test("a look that was cut short is the reason where there is no other", async () => {
  expect(await waitUntilReady([check()], 50, never)).toMatchObject({ why: "cut short" });
  expect(await waitUntilReady([check()], 0, never)).toMatchObject({ why: "no probe was finished" });
});
