import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { main } from "../../src/cli/main.js";
import { GAME_DAY_FILES, gameDayText } from "../helpers/game-days.js";
import { folderWith, scenarioText } from "../helpers/scenario-files.js";
import { testIo } from "../helpers/test-io.js";

async function validate(files: Readonly<Record<string, string>>, ...args: string[]) {
  const io = testIo({
    cwd: folderWith({ ...GAME_DAY_FILES, ...files }),
    env: { HOOK: "https://hooks.test/s3cret" },
  });
  const exitCode = await main(["validate", ...(args.length > 0 ? args : ["day.yaml"])], io);
  return { exitCode, out: io.out(), err: io.err() };
}

/** The example of the docs has every key. */
const DOCS = readFileSync(new URL("../../docs/gamedays.md", import.meta.url), "utf8");
const EVERYTHING = /```yaml\n([\s\S]*?)```/.exec(DOCS)?.[1] ?? "";

test("a game day with every key is valid, and its next run is told", async () => {
  const { exitCode, out, err } = await validate({
    "day.yaml": EVERYTHING,
    "slow-cache.yaml": scenarioText(),
    "db-restart.yaml": scenarioText(),
  });
  expect(out).toMatch(
    /^day\.yaml: valid \(a game day of 2 scenarios, next on \d{4}-\d\d-\d\d 10:0\d Europe\/Berlin\)\n1 file, 0 invalid/,
  );
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
});

test("a folder stands for its game days, too", async () => {
  const { exitCode, out } = await validate({ "day.yaml": gameDayText() }, ".");
  expect(exitCode).toBe(0);
  expect(out).toContain("day.yaml: valid (a game day of 2 scenarios");
  expect(out).toContain("3 files, 0 invalid: 0 errors, 0 warnings");
});

const CALLS = scenarioText(
  "",
  "  rate: 100/s\n  requests: [{ name: quote, grpc: { method: shop.Quotes/Get, message: { sku: A1 } } }]",
);

test("calls that only the target can check are named, with their scenario", async () => {
  const files = { "day.yaml": EVERYTHING, "slow-cache.yaml": CALLS, "db-restart.yaml": scenarioText() };
  const { exitCode, out } = await validate(files);
  expect(exitCode, out).toBe(0);
  expect(out).toContain("\n  not checked for quote of slow-cache.yaml: its service, its messages and");
  const json = JSON.parse((await validate(files, "--format", "json", "day.yaml")).out);
  expect(json.files[0].notChecked).toEqual([
    {
      scenario: "slow-cache.yaml",
      request: "quote",
      what: "its service, its messages and the fields of its answers",
    },
  ]);
});

const bad: readonly (readonly [string, Record<string, string>, string])[] = [
  [
    "a cron line that never fires",
    { schedule: 'schedule: { cron: "0 0 30 2 *" }' },
    "day.yaml:3:19: no day is one of `0 0 30 2 *`: it never runs",
  ],
  [
    "a field of a cron line",
    { schedule: 'schedule: { cron: "0 10 * * FRY" }' },
    "day.yaml:3:29: `FRY`: it is no weekday of a cron line; did you mean `FRI`?",
  ],
  [
    "a cron line of six fields",
    { schedule: 'schedule: { cron: "0 0 10 * * FRI" }' },
    "day.yaml:3:19: a cron line has five fields (minute, hour, day of month, month, weekday), and this one 6",
  ],
  [
    "an unknown zone",
    { schedule: 'schedule: { cron: "0 10 * * FRI", timezone: Europe/Berln }' },
    "day.yaml:3:45: no time zone is called `Europe/Berln`; did you mean `Europe/Berlin`?",
  ],
  [
    "an offset for a zone",
    { schedule: 'schedule: { cron: "0 10 * * FRI", timezone: "+02:00" }' },
    "day.yaml:3:45: no time zone is called `+02:00`",
  ],
  [
    "a jitter that is too long",
    { schedule: 'schedule: { cron: "*/10 * * * *", jitter: 10m }' },
    "day.yaml:3:43: runs are 10 min apart, so a jitter this long would let one overtake the next",
  ],
  [
    "quiet times that cover everything",
    { quiet: 'quiet: ["Fri"]' },
    "day.yaml:5:8: quiet times cover every run until",
  ],
  [
    "quiet dates that cover everything",
    { quiet: 'quiet: ["2020-01-01..2099-12-31"]' },
    "day.yaml:5:8: quiet times cover every run until",
  ],
  [
    "no quiet time",
    { quiet: 'quiet: ["Fry after 15:00"]' },
    "day.yaml:5:9: quiet[0]: expected a rule such as",
  ],
  ["a missing calendar", { quiet: "quiet: [{ ical: gone.ics }]" }, "day.yaml:5:17: gone.ics does not exist"],
  [
    "a broken calendar",
    { quiet: "quiet: [{ ical: broken.ics }]" },
    'broken.ics:3:1: not a valid calendar: invalid line (no token ";" or ":") "what is this"',
  ],
  [
    "a missing scenario",
    { scenarios: "scenarios: [a.yaml, gone.yaml]" },
    "day.yaml:4:21: gone.yaml does not exist",
  ],
  [
    "a wrong scenario",
    { scenarios: "scenarios: [wrong.yaml]" },
    "day.yaml:4:13: wrong.yaml is not a valid scenario: 1 error",
  ],
  ["an unknown key", { owner: "onwer: me" }, "day.yaml:5:1: unknown key `onwer`; did you mean `owner`?"],
  ["a key elsewhere", { more: "cron: x" }, "day.yaml:5:1: unknown key `cron`; it belongs under schedule"],
  [
    "another version",
    { gameday: "gameday: 2" },
    "day.yaml:1:10: gameday: expected 1, the version of this format",
  ],
  [
    "what is expected of another scenario",
    { expect: "expect: [{ c.yaml: { alert: x } }]" },
    "day.yaml:5:12: `c.yaml` is none of its scenarios; did you mean",
  ],
  [
    "a condition of two kinds",
    { preflight: "preflight: [{ name: x, run: ls, http: http://127.0.0.1/ }]" },
    "day.yaml:5:15: preflight[0]: expected `http` or `run`, one of them",
  ],
  [
    "a webhook that is none",
    { notify: "notify: [{ webhook: nowhere, on: [start] }]" },
    "day.yaml:5:21: notify[0].webhook: expected an http:// or https:// URL",
  ],
  [
    "an event that is none",
    { notify: "notify: [{ command: ls, on: [started] }]" },
    "day.yaml:5:30: notify[0].on[0]: expected one of start, failure,",
  ],
];

test.each(bad)("%s: exit 2 with its place", async (_, changes, message) => {
  const { exitCode, out } = await validate({
    "day.yaml": gameDayText(changes),
    "wrong.yaml": scenarioText("", "  rate: 5"),
    "broken.ics": "BEGIN:VCALENDAR\nVERSION:2.0\nwhat is this\nEND:VCALENDAR\n",
  });
  expect(out).toContain(message);
  expect(exitCode).toBe(2);
});

test("the mistakes of its scenarios stand with their own places", async () => {
  const { out } = await validate({
    "day.yaml": gameDayText({ scenarios: "scenarios: [wrong.yaml]" }),
    "wrong.yaml": scenarioText("", "  rate: 5"),
  });
  expect(out).toContain("wrong.yaml:7:9: load.rate: expected a rate with its unit");
});

test("two game days of the same lock", async () => {
  const files = { "day.yaml": gameDayText(), "other.yaml": gameDayText({ name: "name: checkout-friday" }) };
  const { exitCode, out } = await validate(files, "day.yaml", "other.yaml");
  expect(exitCode).toBe(2);
  expect(out).toContain(
    "other.yaml:2:7: day.yaml is called `Checkout Friday`, so both have the lock `checkout-friday`",
  );
});

test("a webhook's URL is never shown", async () => {
  const notify = 'notify: [{ webhook: "ftp:${env.HOOK}", on: [begin] }]';
  const { exitCode, out } = await validate({ "day.yaml": gameDayText({ notify }) });
  expect(exitCode).toBe(2);
  expect(out).not.toContain("s3cret");
});

test("a game day needs a trusted author", async () => {
  const { exitCode, err } = await validate({ "day.yaml": gameDayText() }, "--untrusted", "day.yaml");
  expect(exitCode).toBe(2);
  expect(err).toContain("day.yaml: a game day names commands and webhooks, so its author must be trusted");
});

const badExempt: readonly (readonly [string, string, string])[] = [
  [
    "one that has expired",
    "fault: slow cache, reason: x, owner: bob, expires: 2026-01-02",
    "the exemption of `slow cache` has expired: 2026-01-02 was its last day",
  ],
  [
    "a fault that is not there",
    "fault: slow cash, reason: x, owner: bob, expires: 2099-01-02",
    "a.yaml has no fault `slow cash`; did you mean `slow cache`?",
  ],
  ["no reason", "fault: slow cache, owner: bob, expires: 2099-01-02", "reason"],
  [
    "a day that is none",
    "fault: slow cache, reason: x, owner: bob, expires: soon",
    "exempt[0].expires: expected a date such as 2026-12-31",
  ],
];

test.each(badExempt)("an exemption is refused with its place: %s", async (_, item, message) => {
  const day = gameDayText({ exempt: `exempt: [{ scenario: a.yaml, ${item} }]` });
  const { exitCode, out } = await validate({ "day.yaml": day });
  expect(out).toMatch(/^day\.yaml:5:\d+: /m);
  expect(out).toContain(message);
  expect(exitCode).toBe(2);
});

test("an exemption names one of its scenarios, and each fault once", async () => {
  const item = "fault: slow cache, reason: x, owner: bob, expires: 2099-01-02";
  const exempt = (scenario: string) =>
    `exempt: [{ scenario: ${scenario}, ${item} }, { scenario: a.yaml, ${item} }]`;
  const unknown = await validate({ "day.yaml": gameDayText({ exempt: exempt("c.yaml") }) });
  expect(unknown.out).toContain("day.yaml:5:22: `c.yaml` is none of its scenarios");
  const twice = await validate({ "day.yaml": gameDayText({ exempt: exempt("a.yaml") }) });
  expect(twice.out).toContain("`slow cache` is exempt already");
  const one = `exempt: [{ scenario: a.yaml, ${item} }]`;
  expect((await validate({ "day.yaml": gameDayText({ exempt: one }) })).exitCode).toBe(0);
});

const badActions: readonly (readonly [string, string, string])[] = [
  [
    "a day that is none",
    "{ id: x, what: y, due: 2026-02-30 }",
    "actions.yaml:3:28: items[0].due: expected a date such as 2026-12-31; there is no such day",
  ],
  [
    "a status that is none",
    "{ id: x, what: y, status: done }",
    "actions.yaml:3:31: items[0].status: expected one of open, mended, closed",
  ],
  [
    "an unknown key",
    "{ id: x, what: y, assignee: bob }",
    "actions.yaml:3:23: unknown key `assignee` in items[0]",
  ],
  [
    "a mended item without a scenario",
    "{ id: x, what: y, status: mended }",
    "actions.yaml:3:31: items[0]: it is mended, but nothing says what shows that",
  ],
  [
    "a fault without a scenario",
    "{ id: x, what: y, fault: z }",
    "actions.yaml:3:23: items[0]: `fault` needs the `scenario` that it is in",
  ],
  [
    "a fault that the scenario lacks",
    "{ id: x, what: y, scenario: a.yaml, fault: slow cash }",
    "actions.yaml:3:48: a.yaml has no fault `slow cash`; did you mean `slow cache`?",
  ],
  [
    "a mended item of a scenario that is missing",
    "{ id: x, what: y, status: mended, scenario: c.yaml }",
    "actions.yaml:3:49: c.yaml does not exist",
  ],
  [
    "two of one name",
    "{ id: x, what: y }\n  - { id: x, what: z }",
    "actions.yaml:4:11: another item is called `x`",
  ],
];

test.each(badActions)("action items beside it are checked: %s", async (_, item, message) => {
  const actions = `actions: 1\nitems:\n  - ${item}\n`;
  const { exitCode, out } = await validate({ "day.yaml": gameDayText(), "actions.yaml": actions });
  expect(out).toContain(message);
  expect(exitCode).toBe(2);
});

test("a file of that name that is none of ours is left alone, unless the game day names it", async () => {
  const files = { "actions.yaml": "on: push\n" };
  expect((await validate({ ...files, "day.yaml": gameDayText() })).exitCode).toBe(0);
  const named = await validate({ ...files, "day.yaml": gameDayText({ actions: "actions: actions.yaml" }) });
  expect(named.exitCode).toBe(2);
  expect(named.out).toContain("actions.yaml:1:1");
  const missing = await validate({ "day.yaml": gameDayText({ actions: "actions: todo.yaml" }) });
  expect(missing.out).toContain("day.yaml:5:10: todo.yaml does not exist");
});

test("what is wrong with a scenario is told once, also where a game day names it", async () => {
  const wrong = { "a.yaml": scenarioText().replace("100ms", "100") };
  const alone = await validate({ ...wrong, "day.yaml": gameDayText() });
  const both = await validate({ ...wrong, "day.yaml": gameDayText() }, "day.yaml", "./a.yaml");
  const two = await validate(
    { ...wrong, "day.yaml": gameDayText(), "other.yaml": gameDayText({ name: "name: Other" }) },
    "day.yaml",
    "other.yaml",
  );
  for (const { exitCode, out } of [alone, both, two]) {
    expect(exitCode).toBe(2);
    expect(out.match(/^a\.yaml:\d+:\d+: .*latency/gm)).toHaveLength(1);
  }
  expect(both.out).toContain("2 files, 2 invalid: 2 errors");
  expect(both.out).toContain("day.yaml:4:13: a.yaml is not a valid scenario: 1 error");
});
