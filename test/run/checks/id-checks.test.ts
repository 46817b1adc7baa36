import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { headLine, idFileName, idLine } from "../../../src/measure/ids/id-log.js";
import type { CheckSpec, IdSetSpec } from "../../../src/plan/checks/check-spec.js";
import { IdChecks } from "../../../src/run/checks/id-checks.js";

const ids: IdSetSpec = {
  request: "order",
  id: "${uuid}",
  most: { lost: 0, duplicated: 0, unexpected: 0 },
  list: null,
  each: null,
};

interface AskedOptions {
  readonly before?: string;
  readonly sent?: readonly string[];
  readonly timeoutMs?: number;
}

/** What a command is found to say after a load that acknowledged a and b and was refused c. */
async function asked(
  command: string,
  { before = "true", sent = ["a", "b"], timeoutMs = 20_000 }: AskedOptions = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "faultline-ids-"));
  const lines = [...sent.map((id) => idLine("acknowledged", 0, 1, 1, id)), idLine("refused", 0, 2, 1, "c")];
  writeFileSync(join(folder, idFileName(0)), `${headLine([ids])}${lines.join("")}`);
  const check = (text: string): CheckSpec => ({
    name: "orders",
    ask: { kind: "command", command: [text], shell: true, env: {}, cwd: folder },
    when: ["end"],
    everyMs: null,
    timeoutMs,
    withinMs: 0,
    expect: null,
    ids,
  });
  const context = {
    env: process.env,
    timeoutMs,
    signal: new AbortController().signal,
    starting: <T>(start: () => T) => start(),
  };
  const spec = { ...check(command) };
  const checks = new IdChecks({
    checks: [spec],
    folder,
    moments: () => () => ({ when: "baseline", fault: null }),
    now: () => 7,
  });
  // The same check, asked before the load.
  spec.ask = check(before).ask;
  await checks.lookBefore(spec, ids, context);
  spec.ask = check(command).ask;
  return { ...(await checks.ask(spec, ids, context)), checks };
}

test("what is there is held against what was sent", async () => {
  expect(await asked("printf 'b\\na\\n'")).toMatchObject({
    judged: { kind: "held" },
    ids: { acknowledged: 2, stored: 2 },
  });
  expect(await asked("echo a")).toMatchObject({
    judged: { kind: "broken", reason: "1 of 2 acknowledged are lost" },
  });
  expect(await asked("printf 'a\\na\\nb\\nc\\n'")).toMatchObject({
    judged: {
      kind: "broken",
      reason: "1 are there more often than they were sent, 1 are there that were refused or never sent",
    },
  });
  // An empty list is an answer: all is lost.
  expect(await asked("echo []")).toMatchObject({
    judged: { kind: "broken", reason: "2 of 2 acknowledged are lost" },
  });
});

test.each([
  ["true", {}, "nothing_printed"],
  ["echo hello", {}, "not_ids"],
  ["echo '{'; exit 0", {}, "not_ids"],
  ["echo '[{'", {}, "not_json"],
  ["echo a; exit 3", {}, "exit_code"],
  ["exec head -c 2000000000 /dev/zero", {}, "not_ids"],
  ["while echo a; do sleep 0.1; done", { timeoutMs: 700 }, "late"],
  ["echo a", { sent: [] }, "nothing_acknowledged"],
  ["printf 'a\\nb\\n'", { before: "echo a" }, "ids_reused"],
] as const)("%s says nothing of what became of the ids", async (command, options, why) => {
  const { judged, ids: found } = await asked(command, options);
  expect(judged).toMatchObject({ kind: "unasked", why });
  expect(found).toBeNull();
});

test("old ids that are there are no garbage", async () => {
  expect(await asked("echo old", { before: "echo old" })).toMatchObject({
    judged: { kind: "broken", reason: "2 of 2 acknowledged are lost" },
    ids: { thereBefore: 1 },
  });
});
