import { once } from "node:events";
import { connectProblem } from "../../src/run/reach/tcp-probe.js";
import { onTestFinished } from "./at-once.js";
import { startChild } from "./children/start-child.mjs";
import { sleep } from "./proxy-line.js";

/**
 * Starts a program, and resolves once it listens on this port of this machine. It is killed when the test ends.
 * @param said what it has written about itself. It is told where the program ends too early.
 */
export async function startListening(
  program: string,
  args: readonly string[],
  port: number,
  said: () => string = () => "",
): Promise<void> {
  const child = startChild(program, args, { stdio: "ignore" });
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  while ((await connectProblem({ host: "127.0.0.1", port }, 1000)) !== null) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}: ${said()}`);
    await sleep(20);
  }
}
