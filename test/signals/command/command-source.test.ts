import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { SignalReads, SignalSpec } from "../../../src/plan/signals/signal-spec.js";
import type { ReadSignal } from "../../../src/signals/signal-source.js";
import { openSource } from "../../../src/signals/sources.js";
import { monotonicMs, sleep } from "../../../src/support/clock.js";
import { processTable } from "../../../src/support/processes/process-table.js";
import { SURROUNDINGS } from "../../helpers/signal-surroundings.js";

const NUMBER: SignalReads = { of: "values", value: "" };
const EVERY_MS = 200;
const folder = mkdtempSync(join(tmpdir(), "faultline-signal-"));

interface Asked {
  readonly script: string;
  readonly reads?: SignalReads;
  readonly timeoutMs?: number;
  /** Read until this holds. */
  readonly until: (read: ReadSignal) => boolean;
}

/** What is read of a shell's script that is started again and again. */
async function read({ script, reads = NUMBER, timeoutMs = 20_000, until }: Asked): Promise<ReadSignal> {
  const source = {
    kind: "command",
    command: [script],
    shell: true,
    env: { FOLDER: folder },
    cwd: folder,
  } as const;
  const spec: SignalSpec = { name: "s", source, reads, everyMs: EVERY_MS, timeoutMs };
  const opened = await openSource(spec, SURROUNDINGS);
  const stop = new AbortController();
  const ended = opened.start(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await ended;
  });
  const fromMs = monotonicMs();
  const patienceMs = fromMs + 60_000;
  for (;;) {
    const found = await opened.between(fromMs - 1, monotonicMs(), stop.signal);
    if (until(found)) return found;
    if (monotonicMs() > patienceMs) throw new Error(`was not read: ${JSON.stringify(found)}`);
    await sleep(50);
  }
}

/** A busy machine may stand still for longer than a gap. */
const firstOf = ({ troubles }: ReadSignal) => troubles.find(({ id }) => id !== "gap");
const isTold = (found: ReadSignal) => found.samples.length > 1 || firstOf(found) !== undefined;
const isTroubled = (found: ReadSignal) => firstOf(found) !== undefined;

test("the last line that is not blank is the number, whatever is printed before it or on stderr", async () => {
  const { samples } = await read({ script: "echo 9 waiting; echo 8 >&2; echo ' 7.5 '; echo", until: isTold });
  expect(samples[0]).toMatchObject({ value: 7.5 });
});

test("JSON paths read all that is printed, or the last line of it", async () => {
  const reads: SignalReads = { of: "values", value: "$.queue.depth" };
  const whole = await read({ script: 'printf \'{\n"queue":{"depth":3}\n}\'', reads, until: isTold });
  expect(whole.samples[0]).toMatchObject({ value: 3 });
  const last = await read({ script: 'echo connected; echo \'{"queue":{"depth":4}}\'', reads, until: isTold });
  expect(last.samples[0]).toMatchObject({ value: 4 });
});

test("of two counters it counts what each gained between two answers", async () => {
  const reads: SignalReads = { of: "counts", bad: "$.bad", total: "$.all" };
  const script = 'echo x >> counts; n=$(wc -l < counts); echo "{\\"bad\\":$n,\\"all\\":$((n * 10))}"';
  const { samples, restarts } = await read({ script, reads, until: ({ samples: all }) => all.length > 2 });
  expect(samples[0]).toMatchObject({ bad: 1, total: 10 });
  expect(restarts).toBe(0);
});

test.each([
  ["prints nothing", "echo; echo 5 >&2", NUMBER, "nothing_printed", {}],
  ["prints no number", "echo 5 of 9", NUMBER, "not_a_number", { value: "5 of 9" }],
  ["prints no JSON", "echo 5 of 9", { of: "values", value: "$.a" }, "not_a_number", { value: "5 of 9" }],
  ["prints another JSON", "echo '{}'", { of: "values", value: "$.a" }, "no_series", { query: "$.a" }],
  [
    "fails",
    "echo 5; echo no such queue >&2; exit 3",
    NUMBER,
    "command_failed",
    { reason: "the command exited with code 3", output: "no such queue" },
  ],
  [
    "prints without an end",
    "yes",
    NUMBER,
    "command_failed",
    { reason: "the command printed more than is read" },
  ],
] as const)("a command that %s gives no number, with its own reason", async (_, script, reads, id, facts) => {
  const found = await read({ script, reads, until: isTroubled });
  expect(found.troubles).toMatchObject([{ id, facts }]);
  expect(found.samples).toEqual([]);
});

test("a command that hangs is ended in time with all that it has started", async () => {
  const script = "sleep 300 & echo $! > hung; wait";
  const found = await read({ script, timeoutMs: 1_000, until: isTroubled });
  expect(found.troubles).toMatchObject([
    { id: "command_failed", facts: { reason: "the command was ended after 1 s" } },
  ]);
  const pid = Number(readFileSync(join(folder, "hung"), "utf8"));
  // The next one is under way, so this may be its child.
  await expect.poll(() => processTable.row(pid)?.isZombie ?? true, { timeout: 20_000 }).toBe(true);
});

test("what a command leaves running ends with it", async () => {
  const script = "sleep 300 > /dev/null 2>&1 & echo $! > left; echo 1";
  await read({ script, until: ({ samples }) => samples.length > 0 });
  const pid = Number(readFileSync(join(folder, "left"), "utf8"));
  await expect.poll(() => processTable.row(pid)?.isZombie ?? true, { timeout: 20_000 }).toBe(true);
});

test("one failure between good answers is no gap", async () => {
  const script = "if [ ! -e failed ] && [ -e first ]; then touch failed; exit 1; fi; touch first; echo 1";
  const { samples, troubles } = await read({
    script,
    until: ({ samples: all }) => all.length > 3 && existsSync(join(folder, "failed")),
  });
  expect(troubles.filter(({ id }) => id !== "gap" && id !== "command_failed")).toEqual([]);
  expect(samples.every((sample) => "value" in sample && sample.value === 1)).toBe(true);
});

test("a gap that a slow answer makes says how long it took", async () => {
  const { troubles } = await read({
    script: "sleep 2; echo 1",
    until: (found) => found.troubles.some(({ facts }) => Number(facts.answerS) > 1),
  });
  expect(troubles).toMatchObject([{ id: "gap" }]);
});
