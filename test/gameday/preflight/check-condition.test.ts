import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { whyNotHeld } from "../../../src/gameday/preflight/check-condition.js";

test("a secret in what a command printed is masked before the text is cut, so no half of it is shown", async () => {
  const secret = "s3cret-token-of-the-team";
  const filler = "x".repeat(190);
  const condition = {
    name: "no deploy",
    timeout: { ms: 10_000 },
  } as const;
  const context = {
    folder: tmpdir(),
    env: process.env,
    allowHosts: [],
    signal: new AbortController().signal,
    mask: (text: string) => text.replaceAll(secret, "***"),
  };
  expect(await whyNotHeld({ ...condition, run: `sh -c 'echo ${filler}${secret}.; exit 4'` }, context)).toBe(
    `the command exited with code 4: ${filler}***.`,
  );
  expect(await whyNotHeld({ ...condition, run: `sh -c 'echo ok'` }, context)).toBeNull();
});
