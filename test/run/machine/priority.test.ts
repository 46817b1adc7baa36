import { spawn } from "node:child_process";
import { once } from "node:events";
import { getPriority } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { atUsualPriority, raisePriority } from "../../../src/run/machine/priority.js";
import { mayRaisePriority } from "../../helpers/may-raise-priority.js";

/** Nice level of a process that is started now. */
async function niceOfAChild(start: <T>(act: () => T) => T): Promise<number> {
  const child = start(() => spawn("sleep", ["60"], { stdio: "ignore" }));
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "spawn");
  return getPriority(child.pid ?? 0);
}

test.runIf(mayRaisePriority())(
  "faultline goes before others, what it starts for others does not, and all is put back",
  async () => {
    const before = getPriority();
    const putBack = raisePriority();
    onTestFinished(putBack);
    expect(getPriority()).toBe(before - 5);
    expect(await niceOfAChild((act) => act())).toBe(before - 5);
    expect(await niceOfAChild(atUsualPriority)).toBe(before);
    expect(getPriority()).toBe(before - 5);
    // A second run in the same process changes nothing.
    raisePriority()();
    expect(getPriority()).toBe(before - 5);
    putBack();
    expect(getPriority()).toBe(before);
    expect(await niceOfAChild(atUsualPriority)).toBe(before);
  },
);
