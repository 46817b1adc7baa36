import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { Patience, withDeadline } from "../../src/support/clock.js";

const CLOCK = pathToFileURL("dist/support/clock.js").href;

test("a limit of time is kept, and what comes in time wins", async () => {
  const late = () => new Error("late");
  const never = new Promise<never>(() => {});
  await expect(withDeadline(never, 20, late)).rejects.toThrow("late");
  await expect(withDeadline(never, 0, late)).rejects.toThrow("late");
  expect(await withDeadline(pause(5, "there"), 10_000, late)).toBe("there");
});

test("a limit of time says what is left of it, and ends once", async () => {
  let over = 0;
  const patience = new Patience(60, () => {
    over += 1;
  });
  expect(patience.leftMs).toBeGreaterThan(0);
  await expect.poll(() => over).toBe(1);
  expect(patience.leftMs).toBe(0);
});

test("what was taken off is not called", async () => {
  let over = false;
  new Patience(5, () => {
    over = true;
  }).end();
  await pause(50);
  expect(over).toBe(false);
});

test.skipIf(process.platform === "win32")(
  "a process that is stopped does not use up its limits: an answer that came meanwhile is read first",
  async () => {
    // Longer than the limit stopped; the answer lies in the pipe when the process goes on.
    const program = `
      const { withDeadline } = await import(${JSON.stringify(CLOCK)});
      const answer = new Promise((resolve) => process.stdin.once("data", resolve));
      console.log("waiting");
      const outcome = withDeadline(answer.then(() => "answered"), 1500, () => new Error("late"));
      console.log(await outcome.catch((error) => error.message));
      process.exit();
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGSTOP");
    await pause(2_500);
    child.stdin.write("answer");
    child.kill("SIGCONT");
    const [text] = await once(child.stdout, "data");
    expect(String(text)).toBe("answered\n");
  },
);
