import { expect, test } from "vitest";
import { checkText, scenarioText } from "../../helpers/scenario-files.js";

/** The first complaint about these checks, as a user reads it. */
async function complaint(checks: string, options = {}): Promise<string> {
  const { diagnostics, plan } = await checkText(scenarioText(`checks:\n${checks}\n`), options);
  const [first] = diagnostics.filter(({ severity }) => severity === "error");
  expect(plan === null).toBe(first !== undefined);
  return first ? `${first.line}:${first.column} ${first.message}` : "";
}

/** Line of the first check. */
const LINE = 12;

test.each([
  ["  - { run: echo 1, expect: { number: 1 } }", `${LINE}:5 \`name\` is missing`],
  ["  - { name: a, expect: { number: 1 } }", `${LINE}:5 the check asks nobody`],
  ['  - { name: a, run: [""], expect: { number: 1 } }', `${LINE}:16 expected a command`],
  ["  - { name: a, run: echo 1 }", `${LINE}:5 the check expects nothing`],
  [
    '  - { name: a, run: echo 1, http: "http://127.0.0.1:1/", expect: { number: 1 } }',
    `${LINE}:29 a check asks by \`run\` or by \`http\``,
  ],
  ["  - { name: a, run: echo 1, expect: {} }", `${LINE}:37 expected a map with one or more of number`],
  ["  - { name: a, run: echo 1, expect: { number: many } }", `${LINE}:47 expected a number, or a comparison`],
  [
    '  - { name: a, run: echo 1, expect: { number: ">> 1" } }',
    `${LINE}:47 expected a number, or a comparison`,
  ],
  [
    "  - { name: a, run: echo 1, expect: { status: 200 } }",
    `${LINE}:39 \`status\` is for checks that ask by \`http\``,
  ],
  ["  - { name: a, run: echo 1, expect: { exit: 256 } }", `${LINE}:45 expected an exit code from 0 to 255`],
  ["  - { name: a, run: echo 1, expect: { json: { $.*: 1 } } }", `${LINE}:47 \`$.*\`: wildcards`],
  ["  - { name: a, run: echo 1, expect: { text: { regex: '(' } } }", `${LINE}:54 not a regular expression`],
  ["  - { name: a, run: echo 1 | wc, expect: { number: 1 } }", `${LINE}:21 \`|\` works in a shell only`],
  [
    "  - { name: a, run: [echo], shell: true, expect: { number: 1 } }",
    `${LINE}:21 with \`shell: true\` the command is one text`,
  ],
  [
    '  - { name: a, http: "http://127.0.0.1:1/", cwd: x, expect: { number: 1 } }',
    `${LINE}:45 \`cwd\` is for \`run\``,
  ],
  [
    '  - { name: a, http: { url: "http://127.0.0.1:1/", tls: { verify: false } }, expect: { number: 1 } }',
    `${LINE}:52 \`tls\` needs an https:// URL`,
  ],
  [
    '  - { name: a, http: { url: "https://127.0.0.1:1/", tls: { ca: none.pem } }, expect: { number: 1 } }',
    `${LINE}:64 cannot read none.pem`,
  ],
  [
    '  - { name: a, http: "ftp://127.0.0.1/", expect: { number: 1 } }',
    `${LINE}:22 expected an http:// or https:// URL`,
  ],
  [
    '  - { name: a, http: "http://example.com/", expect: { number: 1 } }',
    `${LINE}:22 example.com is not this machine`,
  ],
  [
    '  - { name: a, http: "http://u:p@127.0.0.1/", expect: { number: 1 } }',
    `${LINE}:22 a URL with a user name`,
  ],
  [
    '  - { name: a, http: "http://127.0.0.1:${services.db.port}/", expect: { number: 1 } }',
    `${LINE}:40 no service \`db\``,
  ],
  [
    "  - { name: a, run: echo 1, when: [], expect: { number: 1 } }",
    `${LINE}:29 expected at least one of baseline`,
  ],
  [
    "  - { name: a, run: echo 1, when: [after], expect: { number: 1 } }",
    `${LINE}:36 expected one of baseline, fault, recovery, end`,
  ],
  [
    "  - { name: a, run: echo 1, when: [end, end], expect: { number: 1 } }",
    `${LINE}:41 \`end\` stands there twice`,
  ],
  [
    "  - { name: a, run: echo 1, every: 2s, expect: { number: 1 } }",
    `${LINE}:29 \`every\` is for checks that are asked during phases`,
  ],
  [
    "  - { name: a, run: echo 1, when: [fault], every: 50ms, expect: { number: 1 } }",
    `${LINE}:51 expected at least 100ms`,
  ],
  [
    "  - { name: a, run: echo 1, when: [fault], within: 5s, expect: { number: 1 } }",
    `${LINE}:44 \`within\` is for checks at the end`,
  ],
  [
    "  - { name: a, run: echo 1, timeout: 0s, expect: { number: 1 } }",
    `${LINE}:38 expected a duration longer than 0`,
  ],
  [
    "  - { name: a, run: echo 1, expect: { number: 1 } }\n  - { name: a, run: echo 1, expect: { number: 1 } }",
    `${LINE + 1}:13 \`a\` is the name of two checks`,
  ],
])("%s", async (checks, expected) => {
  const [place = "", ...words] = expected.split(" ");
  const found = await complaint(checks);
  expect(found).toContain(words.join(" "));
  expect(found.split(" ")[0]).toBe(place);
});

const LOAD = `  rate: 10/s
  headers: { x-trace: "\${seq}" }
  requests:
    - { name: one, method: POST, path: /a, json: { id: "\${uuid}" } }
    - { name: two, method: POST, path: /b, json: { id: "\${uuid}", other: "\${uuid}" } }
    - { name: none, path: /c }`;

const JOURNEY = `  rate: 10/s
  journeys:
    - name: buy
      steps:
        - { name: login, path: /login, capture: { token: { json: $.token } } }
        - { name: order, method: POST, path: /orders, capture: { orderId: { json: $.id } } }`;

/** The first complaint about one check on ids. */
async function complaintOnIds(keys: string, load = LOAD): Promise<string> {
  const text = scenarioText(`checks:\n  - { name: a, run: echo 1, ${keys} }\n`, load);
  const { diagnostics, plan } = await checkText(text);
  const [first] = diagnostics.filter(({ severity }) => severity === "error");
  expect(plan === null).toBe(first !== undefined);
  expect(first?.line ?? 0).toBe(
    first ? text.split("\n").findIndex((line) => line.includes("name: a,")) + 1 : 0,
  );
  return first ? `${first.column} ${first.message}` : "";
}

test.each([
  ['of: one, id: "${uuid}"', LOAD, ""],
  ['of: one, id: "${uuid}", lost: 0, unexpected: 3', LOAD, ""],
  ['of: one, id: "order-${seq}"', LOAD, ""],
  ['of: order, id: "${capture.orderId}"', JOURNEY, ""],
  ['of: order, id: "${capture.token}"', JOURNEY, ""],
  ['of: login, id: "${capture.orderId}"', JOURNEY, "nothing is captured as `orderId` up to `login`"],
  ["of: one", LOAD, "`id` is missing"],
  ['of: three, id: "${uuid}"', LOAD, "no request `three`"],
  ['of: none, id: "${uuid}"', LOAD, "no `${uuid}` is sent by `none`"],
  ['of: two, id: "${uuid}"', LOAD, "`two` sends 2 of `${uuid}`"],
  ['of: one, id: "${random.int(1,9)}"', LOAD, "a random number is another one at each place"],
  ['of: one, id: "${data.users.id}"', LOAD, "`one` does not send this value"],
  ["of: one, id: abc", LOAD, "every request would have the id `abc`"],
  ['of: order, id: "${seq}"', JOURNEY, "`order` does not send this value"],
  ['of: one, id: "${uuid}", expect: { number: 1 }', LOAD, "a check has `of` or `expect`"],
  [
    'of: one, id: "${uuid}", when: [fault, end]',
    LOAD,
    "ids are asked for while the load goes on only with `every`",
  ],
  ['of: one, id: "${uuid}", lost: -1', LOAD, "expected a whole number from 0"],
  ['of: one, id: "${uuid}", ids: { list: "$..orders" }', LOAD, "searches at any depth"],
  ['id: "${uuid}"', LOAD, "`id` goes with `of`"],
  ["lost: 0, expect: { number: 1 }", LOAD, "`lost` goes with `of`"],
])("a check on ids: %s", async (keys, load, expected) => {
  const found = await complaintOnIds(keys, load);
  if (expected === "") expect(found).toBe("");
  else expect(found).toContain(expected);
});

test("without any limit nothing may be lost or duplicated", async () => {
  const ids = async (keys: string) => {
    const { plan } = await checkText(
      scenarioText(`checks:\n  - { name: a, run: echo 1, of: one, id: "\${uuid}"${keys} }\n`, LOAD),
    );
    return plan?.checks[0]?.ids;
  };
  expect(await ids("")).toMatchObject({
    request: "one",
    most: { lost: 0, duplicated: 0, unexpected: null },
    list: null,
    each: null,
  });
  expect(await ids(", unexpected: 2")).toMatchObject({
    most: { lost: null, duplicated: null, unexpected: 2 },
  });
  expect(await ids(", ids: { list: $.a, each: $.b }")).toMatchObject({ list: "$.a", each: "$.b" });
});

test("a check in a fault needs a fault", async () => {
  const text = scenarioText("checks: [{ name: a, run: echo 1, when: [fault], expect: { number: 1 } }]\n");
  const { diagnostics } = await checkText(text.replace(/faults:\n.*\n/, "faults: []\n"));
  expect(diagnostics.map(({ message }) => message)).toContain("there is no fault: the scenario has no fault");
});

test("a stranger's check starts nothing unless the command line names it", async () => {
  const untrusted = { env: [], run: [], shell: [], sockets: [], docker: [], folders: [] };
  const check = "  - { name: stock is right, run: echo 1, expect: { number: 1 } }";
  expect(await complaint(check, { untrusted })).toContain("a scenario that is not trusted starts nothing");
  expect(await complaint(check, { untrusted: { ...untrusted, run: ["stock is right"] } })).toBe("");
  const inShell = "  - { name: stock is right, run: echo 1, shell: true, expect: { number: 1 } }";
  expect(await complaint(inShell, { untrusted: { ...untrusted, run: ["stock is right"] } })).toContain(
    "gets no shell",
  );
});

test("the plan has what is asked, when, and what is expected", async () => {
  const { plan } = await checkText(
    scenarioText(`checks:
  - { name: low, run: 'psql -tA -c "select 1"', env: { A: 1 }, when: [fault, end], every: 2s, within: 5s, expect: { number: ">= 1", exit: 0 } }
  - { name: high, http: { url: "http://127.0.0.1:3000/", headers: { a: b } }, timeout: 3s, expect: { json: { $.min: ">= 0" } } }
`),
  );
  const common = { exit: null, status: null, number: null, text: null, json: {} };
  expect(plan?.checks).toMatchObject([
    {
      name: "low",
      ask: { kind: "command", command: ["psql", "-tA", "-c", "select 1"], shell: false, env: { A: "1" } },
      when: ["fault", "end"],
      everyMs: 2_000,
      timeoutMs: 10_000,
      withinMs: 5_000,
      expect: { ...common, number: { ">=": 1 }, exit: 0 },
    },
    {
      name: "high",
      ask: { kind: "http", url: "http://127.0.0.1:3000/", headers: { a: "b" }, tls: null },
      when: ["end"],
      everyMs: null,
      timeoutMs: 3_000,
      withinMs: 0,
      expect: { ...common, json: { "$.min": { ">=": 0 } } },
    },
  ]);
});

test.each(['run: ""', 'run: "  "', 'run: "", shell: true', 'run: [""]'])(
  "an empty command is refused once: %s",
  async (run) => {
    const { diagnostics } = await checkText(
      scenarioText(`checks:\n  - { name: a, ${run}, expect: { number: 1 } }\n`),
    );
    expect(diagnostics.map(({ message }) => message)).toEqual([
      expect.stringContaining("expected a command"),
    ]);
  },
);

const WATCHED = 'of: one, id: "${uuid}", http: "http://127.0.0.1:1/"';
const ORDER = "{ name: one, method: POST, path: /orders, json: { id: '${uuid}' } }";

/** The complaint about one SLO beside one check on ids. */
async function ofCompletion(slo: string, check: string): Promise<string> {
  const { diagnostics } = await checkText(`faultline: 1
name: completion
load:
  target: http://127.0.0.1:1/
  rate: 100/s
  requests: [${ORDER}]
faults: [{ name: slow, proxy: p, latency: 1s }]
proxies: { p: { upstream: "127.0.0.1:1" } }
slos:
  - ${slo}
checks:
  - { name: stored, ${WATCHED}${check} }
`);
  const [first] = diagnostics.filter(({ severity }) => severity === "error");
  return first ? `${first.line}:${first.column} ${first.message}` : "";
}

test.each([
  ["completion(one) p95 < 5s", ", within: 10s", ""],
  ["completion(stored) p95 < 5s", ", within: 5s, every: 5s", ""],
  ["completion(one) p95 < 2x baseline", ", within: 1s, every: 5s", ""],
  ["completion(one) p95 < 5s", "", '10:5 "completion(one) p95 < 5s" needs `within`'],
  ["completion(one) p95 < 5s", ", within: 4s", '10:5 "completion(one) p95 < 5s": the check "stored" waits'],
  ["completion(one) p95 < 5s", ", within: 9s, every: 6s", '10:5 "completion(one) p95 < 5s" cannot be seen'],
  ["completion(two) p95 < 5s", ", within: 9s", '10:16 no check on ids is about "two"; known are one'],
  ["completion(one) < 5s", ", within: 9s", "10:21 which share of it?"],
])("%s with a check%s", async (slo, check, expected) => {
  const found = await ofCompletion(slo, check);
  if (expected === "") expect(found).toBe("");
  else expect(found).toContain(expected);
});

test("a check that an SLO on completion names is asked as often as that needs, and always at the end", async () => {
  const { plan } = await checkText(`faultline: 1
name: completion
load: { target: "http://127.0.0.1:1/", rate: 100/s, requests: [${ORDER}] }
faults: [{ name: slow, proxy: p, latency: 1s }]
proxies: { p: { upstream: "127.0.0.1:1" } }
slos: [completion(a) p95 < 2s, completion(b) p95 < 2x baseline, completion(c) p95 < 2s]
checks:
  - { name: a, ${WATCHED}, within: 9s }
  - { name: b, ${WATCHED}, within: 9s }
  - { name: c, ${WATCHED}, within: 9s, every: 150ms, when: [fault] }
  - { name: d, ${WATCHED}, within: 9s }
`);
  expect(plan?.checks.map(({ everyMs, when }) => [everyMs, when])).toEqual([
    [400, ["end"]],
    [1000, ["end"]],
    [150, ["fault", "end"]],
    [null, ["end"]],
  ]);
});

test("no search goes by what is known after the load only", async () => {
  const { diagnostics } = await checkText(`faultline: 1
name: completion
load: { target: "http://127.0.0.1:1/", rate: 100/s, requests: [${ORDER}] }
proxies: { p: { upstream: "127.0.0.1:1" } }
slos: [p99 < 1s]
faults:
  - { name: slow, proxy: p, find: { latency: 10ms..1s, until: completion(one) p95 < 2s } }
checks:
  - { name: stored, ${WATCHED}, within: 9s }
`);
  const [first] = diagnostics.filter(({ severity }) => severity === "error");
  expect(`${first?.line}:${first?.column} ${first?.message}`).toContain(
    "7:63 how long completion takes is known after the load only",
  );
});
