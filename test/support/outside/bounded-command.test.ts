import { expect, test } from "vitest";
import { splitCommand } from "../../../src/scenario/values/split-command.js";
import { runBoundedCommand } from "../../../src/support/outside/bounded-command.js";
import { processTable } from "../../../src/support/processes/process-table.js";

const run = (command: string, more: Partial<Parameters<typeof runBoundedCommand>[0]> = {}) =>
  runBoundedCommand({
    command: splitCommand(command),
    cwd: process.cwd(),
    env: process.env,
    timeoutMs: 20_000,
    mostBytes: 100,
    ...more,
  });

test("a command that prints without end is read without being kept, and ended when its time is up", async () => {
  const { isOk, how, output } = await run("yes", { timeoutMs: 700 });
  expect({ isOk, how }).toEqual({ isOk: false, how: "was ended after 0.7 s" });
  expect(output.length).toBeLessThanOrEqual(100);
});

test("what a command has started ends with it, also when it does not listen to SIGTERM", async () => {
  const stubborn = `sh -c 'trap "" TERM; sleep 300 & echo $!; wait; sleep 300'`;
  const { isOk, output } = await run(stubborn, { timeoutMs: 500 });
  expect(isOk).toBe(false);
  const pid = Number(output);
  expect(pid).toBeGreaterThan(1);
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test("a child that keeps the output open does not keep its end waiting", async () => {
  const { isOk, output } = await run(`sh -c 'sleep 300 & echo $!'`);
  expect(isOk).toBe(true);
  process.kill(Number(output));
});

test("a program that is not there is an end, and not an error", async () => {
  const { isOk, how } = await run("./no-such-program");
  expect({ isOk, how }).toEqual({ isOk: false, how: "cannot be started (ENOENT)" });
});

test("it can be stopped, and gets its input", async () => {
  const stop = new AbortController();
  const stopped = run("sleep 300", { signal: stop.signal });
  stop.abort();
  expect(await stopped).toMatchObject({ isOk: false, how: "was stopped" });
  expect(await run("cat", { input: "hello" })).toMatchObject({ isOk: true, output: "hello" });
});

test("who wants all of its output gets all of it, and nothing that it has started goes on", async () => {
  let bytes = 0;
  let pid = 0;
  const command = `sh -c 'sleep 300 & echo $!; head -c 3000000 /dev/zero'`;
  const onStdout = (part: Buffer) => {
    if (bytes === 0) pid = Number.parseInt(part.toString("latin1"), 10);
    bytes += part.length;
    return true;
  };
  const { exitCode, cutShort } = await run(command, { onStdout, leavesNothing: true });
  expect({ exitCode, cutShort }).toEqual({ exitCode: 0, cutShort: null });
  expect(bytes).toBeGreaterThan(3_000_000);
  expect(pid).toBeGreaterThan(1);
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test("who has had enough of its output ends it", async () => {
  let bytes = 0;
  const onStdout = (part: Buffer) => {
    bytes += part.length;
    return bytes < 100_000;
  };
  const { exitCode, cutShort, how } = await run("yes", { onStdout });
  expect({ exitCode, cutShort, how }).toEqual({
    exitCode: null,
    cutShort: "too_much",
    how: "printed too much",
  });
});

/** A zombie that nobody has collected is not. */
function isAlive(pid: number): boolean {
  const row = processTable.row(pid);
  return row !== null && !row.isZombie;
}
