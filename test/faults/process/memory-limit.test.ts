import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { placesHere } from "../../../src/faults/process/control-group.js";
import { MemoryGroup } from "../../../src/faults/process/memory-group.js";
import { undo } from "../../../src/faults/process/undo.js";
import { processAction } from "../../../src/faults/process-action.js";
import type { FaultlineError } from "../../../src/support/errors.js";
import { answerOf, oneService } from "../../helpers/one-service.js";

/** Takes as many MiB of memory as its path says, keeps them, and answers with its pid. /0 takes none. */
const GREEDY = `
  setTimeout(() => process.exit(), 120_000);
  const kept = [];
  require("http").createServer((q, s) => {
    if (q.url === "/crash") process.exit(3);
    if (q.url !== "/") kept.push(Buffer.alloc(Number(q.url.slice(1)) << 20, 1));
    s.end(String(process.pid));
  }).listen(process.env.PORT, "127.0.0.1");
`;
const MIB = 1024 ** 2;
const limited = (bytes: number, restartMs: number | null = null) =>
  processAction("memory", "db", { bytes, restartMs });
/** More than the service needs, and less than it takes. */
const LIMIT = limited(160 * MIB);
const canGroup = placesHere("memory").some(({ version }) => version === 1) && process.getuid?.() === 0;

async function greedy(limit = LIMIT) {
  const failures: FaultlineError[] = [];
  const one = await oneService(GREEDY, { onExit: (error) => failures.push(error) }, [limit]);
  return { ...one, failures };
}

test.runIf(canGroup)(
  "what needs less than its limit has not met the fault; what needs more is killed by the kernel, and the run goes on",
  async () => {
    const { service, url, faults, failures } = await greedy();
    await faults.inject([LIMIT]);
    expect(await answerOf(`${url}20`, 10_000)).not.toBeNull();
    const idle = await faults.prove();
    expect(idle).toMatchObject({ proven: false, isIdle: true });
    expect(idle.explanation).toMatch(
      /^db never needed all of 160 MiB of memory: it used at most [\d.]+ MiB$/,
    );
    expect(faults.staysDone).toBe(false);
    await answerOf(`${url}300`, 10_000);
    await expect.poll(() => service.ending, { timeout: 10_000 }).toBe("was killed by SIGKILL");
    const proof = await faults.prove();
    expect(proof).toMatchObject({ proven: true, strength: "observed" });
    expect(proof.explanation).toMatch(
      /^db had at most 160 MiB of memory and used all of it; the kernel killed one of its processes$/,
    );
    expect(faults.staysDone).toBe(true);
    await faults.clear();
    expect(failures).toEqual([]);
  },
);

/** Its second start takes more than its limit before it answers. */
const FAT = `
  setTimeout(() => process.exit(), 120_000);
  const { existsSync, appendFileSync } = require("fs");
  const isAgain = existsSync("starts");
  appendFileSync("starts", ".");
  const kept = [Buffer.alloc(isAgain ? 300 << 20 : 1, 1)];
  require("http").createServer((q, s) => {
    if (q.url === "/300") kept.push(Buffer.alloc(300 << 20, 1));
    s.end("ok");
  }).listen(process.env.PORT, "127.0.0.1");
`;

test.runIf(canGroup)(
  "what needs more while it starts is killed and started again and again, and is back after the fault",
  async () => {
    const failures: FaultlineError[] = [];
    const limit = limited(160 * MIB, 100);
    const { url, faults } = await oneService(FAT, { onExit: (error) => failures.push(error) }, [limit]);
    await faults.inject([limit]);
    await answerOf(`${url}300`, 10_000);
    const restarts = async () =>
      Number(/again (\d+) times/.exec((await faults.prove()).explanation)?.[1] ?? 0);
    await expect.poll(restarts, { timeout: 30_000 }).toBeGreaterThan(2);
    await faults.clear();
    await expect.poll(() => answerOf(url, 2_000), { timeout: 20_000 }).toBe("ok");
    expect(failures).toEqual([]);
  },
);

test.runIf(canGroup)("a stage that begins while the service is down holds its next process", async () => {
  const [first, second] = [limited(200 * MIB, 60_000), limited(160 * MIB, 60_000)];
  const { service, url, faults } = await greedy(first);
  await faults.inject([first]);
  await answerOf(`${url}300`, 10_000);
  await expect.poll(() => service.ending, { timeout: 10_000 }).toBe("was killed by SIGKILL");
  await faults.inject([second]);
  await expect.poll(() => answerOf(url, 2_000), { timeout: 20_000 }).not.toBeNull();
  await answerOf(`${url}300`, 10_000);
  await expect.poll(() => service.ending, { timeout: 10_000 }).toBe("was killed by SIGKILL");
  expect((await faults.prove()).proven).toBe(true);
  await faults.clear();
});

test.runIf(canGroup)(
  "it comes back after its time, and the limit holds for the new process, too, until it is lifted",
  async () => {
    const limit = limited(160 * MIB, 300);
    const { service, url, faults, failures } = await greedy(limit);
    const first = await answerOf(url, 10_000);
    await faults.inject([limit]);
    const kill = async (times: number) => {
      const before = service.group.pid;
      await answerOf(`${url}300`, 10_000);
      await expect.poll(() => service.group.pid, { timeout: 20_000 }).not.toBe(before);
      await expect.poll(() => answerOf(url, 2_000), { timeout: 20_000 }).toBe(String(service.group.pid));
      const { explanation } = await faults.prove();
      expect(explanation).toMatch(times === 1 ? /started again once$/ : /started again 2 times$/);
    };
    await kill(1);
    await kill(2);
    expect(String(service.group.pid)).not.toBe(first);
    await faults.clear();
    expect(await answerOf(`${url}300`, 10_000)).toBe(String(service.group.pid));
    expect(failures).toEqual([]);
  },
);

test.runIf(canGroup)(
  "a service that holds more already is left as it is, and the error says how much that is",
  async () => {
    const limit = limited(60 * MIB);
    const { url, faults } = await greedy(limit);
    expect(await answerOf(`${url}100`, 10_000)).not.toBeNull();
    const placing = faults.inject([limit]);
    await expect(placing).rejects.toMatchObject({ code: "FAULT_NOT_PLACED" });
    await expect(placing).rejects.toThrow(
      /^db holds 1\d\d(\.\d)? MiB already, more than memory: 60 MiB\. Give it more/,
    );
    expect(await answerOf(`${url}100`, 10_000)).not.toBeNull();
  },
);

test.runIf(canGroup)("an end of its own is told to the run while its memory is limited", async () => {
  const { url, faults, failures } = await greedy();
  await faults.inject([LIMIT]);
  await answerOf(`${url}crash`, 2_000);
  await expect
    .poll(() => failures.map(({ message }) => message), { timeout: 10_000 })
    .toEqual([expect.stringContaining("exited with code 3")]);
});

test.runIf(canGroup)(
  "another process removes the group by what was written down, and the service goes on without a limit",
  async () => {
    const { service, url, faults, entries } = await greedy();
    await faults.inject([LIMIT]);
    const groupOf = () => readFileSync(`/proc/${service.group.pid}/cgroup`, "utf8");
    expect(groupOf()).toMatch(/memory:\/.*faultline-[^\n]*-db$/m);
    const written = JSON.parse(JSON.stringify(entries));
    expect(await undo(written, { dryRun: false })).toEqual({
      did: ['remove the control group of service "db"'],
      failures: [],
    });
    expect(groupOf()).not.toContain("faultline-");
    expect(await answerOf(`${url}300`, 10_000)).not.toBeNull();
    // The run that comes to itself again finds its group gone.
    await faults.clear();
    expect(service.ending).toBeNull();
  },
);

test("without a place for groups none is made", async () => {
  expect(await MemoryGroup.make({ service: "db", id: "test", note: () => {} }, [])).toBeNull();
});
