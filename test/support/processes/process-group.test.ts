import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startOf } from "../../../src/support/processes/process-table.js";

const PROCESS_GROUP = pathToFileURL("dist/support/processes/process-group.js").href;

test.skipIf(process.platform === "win32")(
  "a standstill of the machine takes nothing from the time that a service has to end",
  async () => {
    // It needs some time to end, and the standstill begins with it. It is asked as one of its group, too.
    const slow = `
      process.on("SIGTERM", () => {});
      process.once("SIGTERM", () => { console.log("asked"); setTimeout(() => process.exit(7), 600); });
      setTimeout(() => process.exit(), 60_000);
      console.log("up");
    `;
    const service = spawn(process.execPath, ["-e", slow], {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void service.kill("SIGKILL"));
    const lines = createInterface({ input: service.stdout })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe("up");
    const ended = once(service, "exit");
    const pid = service.pid ?? 0;
    const group = { pid, start: startOf(pid), marker: null };
    const program = `
      const { ServiceProcesses } = await import(${JSON.stringify(PROCESS_GROUP)});
      await new ServiceProcesses(${JSON.stringify(group)}).end(4000);
    `;
    const ender = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "inherit" });
    onTestFinished(() => void ender.kill("SIGKILL"));
    expect((await lines.next()).value).toBe("asked");
    // It is told to go on after it was asked to end.
    await pause(200);
    for (const child of [service, ender]) child.kill("SIGSTOP");
    await pause(4_500);
    ender.kill("SIGCONT");
    await pause(200);
    service.kill("SIGCONT");
    expect(await ended).toEqual([7, null]);
  },
  30_000,
);
