import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { progressReporter } from "../../../src/cli/output/progress.js";
import { interruptOf } from "../../../src/cli/process/interrupt.js";
import type { EndSignal } from "../../../src/cli/process/io.js";
import { testIo } from "../../helpers/test-io.js";

test("the first signal asks for an orderly end, one soon after is the same, a later one leaves at once", async () => {
  const left: number[] = [];
  let send: (signal: EndSignal) => void = () => {};
  const io = {
    ...testIo(),
    onSignal: (listener: typeof send) => {
      send = listener;
      return () => {};
    },
    exitNow: (code: number) => left.push(code),
  };
  const { signal } = interruptOf(io);
  send("SIGINT");
  expect(signal.aborted).toBe(true);
  expect(signal.reason).toBe("SIGINT");
  // As npm hands it on.
  send("SIGINT");
  expect(left).toEqual([]);
  await pause(400);
  // A terminal that is closed tells of it twice: by the system and by its shell.
  send("SIGHUP");
  expect(left).toEqual([]);
  send("SIGINT");
  expect(left).toEqual([130]);
  expect(io.err()).toMatch(/SIGINT: undoing[\s\S]*leaving at once/);
});

test("a terminal without a width gets plain lines: rewriting one would never come to an end", async () => {
  const io = testIo();
  const progress = progressReporter(
    { ...io, stderr: Object.assign(io.stderr, { isTTY: true, columns: 0 }) },
    { color: false },
  );
  const run = { name: "Shop", file: "shop.yaml", folder: null, lineOf: () => null };
  progress.status?.("starting shop", run);
  await progress.end?.(null, run);
  await pause(50);
  expect(io.err()).not.toContain("\u001b");
});
