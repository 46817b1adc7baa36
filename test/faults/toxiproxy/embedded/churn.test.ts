import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const bench = fileURLToPath(new URL("../../../../bench/churn.mjs", import.meta.url));

// `npm run bench -- churn` does the same for five minutes.
test("while toxics come, change and go at random, every byte that arrives is the next one that was sent", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [bench, "--seconds", "4", "--seed", "7"]);
  const [, connections, changes, corrupt, whole] =
    /^(\d+) connections, (\d+) changes of toxics, .*: (\d+) corrupt; (\d+) of the lossless/.exec(stdout) ??
    [];
  expect(Number(corrupt)).toBe(0);
  for (const count of [connections, changes, whole]) expect(Number(count)).toBeGreaterThan(5);
}, 60_000);
