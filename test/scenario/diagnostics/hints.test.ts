import { expect, test } from "vitest";
import { checkText, scenarioText } from "../../helpers/scenario-files.js";

const LOAD = "  rate: 100/s";
const FAULT = "- { name: slow cache, proxy: cache, latency: 100ms }";
const SLOS = "slos: [availability >= 99%]";

/** The only complaint about the smallest scenario with one text in it replaced. */
async function complaint(from: string, to: string) {
  const text = scenarioText();
  expect(text).toContain(from);
  const { diagnostics } = await checkText(text.replace(from, to));
  expect(diagnostics.map(({ message }) => message)).toHaveLength(1);
  const [{ line, column, message, help } = { line: 0, column: 0, message: "", help: null }] = diagnostics;
  return { at: `${line}:${column}`, message, help };
}

test("of a duration without a unit milliseconds are offered first: most faults are that long", async () => {
  const { help } = await complaint(FAULT, FAULT.replace("100ms", "300"));
  expect(help).toBe("Write 300ms or 300s.");
});

test.each([
  // a misspelt key, or one from another tool, is one complaint, though it is missing as well
  [LOAD, "  rat: 100/s", "7:3", "unknown key `rat` in load; did you mean `rate`?", /^Known here: target/],
  [LOAD, "  qps: 100/s", "7:3", "did you mean `rate`?", /./],
  ["Test", 'Test\nservices: { app: { command: "node ." } }', "3:20", "did you mean `run`?", /./],
  // a key in another place
  [SLOS, `  ${SLOS}`, "8:3", "unknown key `slos` in load; it belongs to the top level", /./],
  [LOAD, "rate: 100/s", "7:1", "unknown key `rate`; it belongs under load", /./],
  [LOAD, `${LOAD}\n  path: /x`, "8:3", "it belongs to an entry of load.requests", /./],
  [LOAD, `${LOAD}\n  warmup: 5s`, "8:3", "it belongs under phases", /./],
  ['7000" }', '7000", latency: 1s }', "4:66", "it belongs to an entry of faults", /./],
  // words of other tools
  [LOAD, `${LOAD}\n  arrival_rate: 5`, "8:3", "did you mean `rate`?", /./],
  [LOAD, `${LOAD}\n  duration: 30s`, "8:3", "unknown key `duration` in load; how long", /./],
  [SLOS, `${SLOS}\nduration: 30s`, "9:1", "each part of the run lasts stands under `phases:`", /./],
  [
    LOAD,
    `${LOAD}\n  stages: [{ ramp: 5s, target: 100 }]`,
    "8:24",
    "did you mean `rate` or `connections`?",
    /./,
  ],
  [LOAD, `${LOAD}\n  stages: [{ duration: 5s, rate: 9/s }]`, "8:14", "did you mean `ramp` or `hold`?", /./],
  [
    LOAD,
    `${LOAD}\n  requests: [{ path: /, capture: {} }]`,
    "8:25",
    "only a step of load.journeys has it",
    /./,
  ],
  [
    LOAD,
    `${LOAD}\n  journeys: [{ name: j, steps: [{ path: /, weight: 2 }] }]`,
    "8:44",
    "the journey has it, not its steps",
    /./,
  ],
  // what has no effect
  [
    FAULT,
    "- { name: a, proxy: cache, find: { latency: 0ms..2s, until: p99 < 1s }, slos: [p99 < 2s] }",
    "10:75",
    "`slos` has no effect beside `find`",
    /`until` alone/,
  ],
  [
    FAULT,
    "- { name: a, proxy: cache, find: { latency: 0ms..2s, until: p99 < 1s }, repeat: 3 }",
    "10:75",
    "`repeat` has no effect beside `find`",
    /once/,
  ],
  // typography
  ["slow cache,", "“slow, cache”,", "10:20", "unknown key `cache”`", /^YAML's quotes are/],
  [LOAD, `${LOAD}\n\u00a0 seed: 1`, "8:1", "unknown key", /invisible character/],
  // units
  [LOAD, "  rate: 100 rps", "7:9", "found `100 rps`", /^Write 100\/s\.$/],
  [LOAD, "  rate: 6,900/s", "7:9", "found `6,900/s`", /^Write 6900\/s, without the comma, or 6\.900\/s\.$/],
  ["100ms", "100 msec", "10:48", "a duration with its unit", /^Write 100ms\.$/],
  [
    FAULT,
    "- { name: a, proxy: cache, latency: '1,5s' }",
    "10:39",
    "found `1,5s`",
    /^Write 1\.5s, with a decimal/,
  ],
  ["latency: 100ms", "duration: '1:30', latency: 1ms", "10:49", "found `1:30`", /^Write 1m30s\.$/],
  ["latency: 100ms", "bandwidth: 64kb", "10:50", "found `64kb`", /^Write 64KB\/s \(bytes\) or 64Kbit\/s/],
  ["latency: 100ms", "limit_data: 64k", "10:51", "found `64k`", /^Write 64KB\.$/],
  ["latency: 100ms", "latency: 1s, toxicity: 0.3", "10:62", "the number 0.3", /^Write 30%\.$/],
  ["latency: 100ms", "bandwidth: 0KB/s", "10:50", "at least 1KB/s; found `0KB/s`", null],
  // switches and quotes
  ["latency: 100ms", "down: on", "10:45", "found `on`", /^Write true\.$/],
  ["latency: 100ms", "partition: up", "10:50", "did you mean `upstream`?", null],
  ["latency: 100ms", "partition: true", "10:50", "found `true`", /^Write both\.$/],
  ["faultline: 1", 'faultline: "1"', "1:12", 'found the text "1"', /^Write 1, without quotes\.$/],
  ["name: Test", "name: 12", "2:7", "found the number 12", /^Write "12", with quotes\.$/],
  [
    LOAD,
    `${LOAD}\n  requests: [{ path: /x, expect: { status: "200" } }]`,
    "8:44",
    'found the text "200"',
    /^Write 200, without quotes\.$/,
  ],
  // lists, maps and texts taken for each other
  [SLOS, "slos: p99 < 1s", "8:7", "expected a list of SLOs", /`- p99 < 1s`/],
  [SLOS, `${SLOS}\nallowHosts: staging.example.com`, "9:13", "a list of hosts", /`- staging\.example\.com`/],
  [SLOS, "slos:\n  -p99 < 1s", "9:3", "expected a list of SLOs", /followed by a blank: `- p99 < 1s`/],
  [SLOS, "slos:\n  p99: 1s", "8:1", "found a map", /`- p99 < 1s`/],
  [SLOS, "slos: [availability: 99%]", "8:8", "found a map", /: availability >= 99%\.$/],
  [FAULT, "slow cache: { proxy: cache, latency: 1s }", "9:1", "found a map", /`- name: slow cache`/],
  [FAULT, "- { name: a, inject: { proxy: cache, down: true } }", "10:16", "found a map", /`- proxy: cache`/],
  [
    '  cache: { listen: "127.0.0.1:7001", upstream: "127.0.0.1:7000" }',
    '  - { name: cache, listen: "127.0.0.1:7001" }',
    "3:1",
    "expected a map of names to proxies; found a list",
    /`cache:`/,
  ],
  [
    LOAD,
    `${LOAD}\n  requests: [GET /x]`,
    "8:14",
    "a map with `path`",
    /^Write { method: GET, path: \/x }\.$/,
  ],
  [LOAD, `${LOAD}\n  requests: [{ path: x }]`, "8:22", "begins with /", /^Write \/x\.$/],
  [
    LOAD,
    `${LOAD}\n  requests: [{ path: /x, expect: 2XX }]`,
    "8:34",
    "found `2XX`",
    /^Write { status: 2xx }\.$/,
  ],
  ['"127.0.0.1:7001"', "7001", "4:20", "expected host:port", /^Write 127\.0\.0\.1:7001\.$/],
  [
    '"127.0.0.1:7000"',
    "redis://127.0.0.1:7000",
    "4:48",
    "expected host:port",
    /^Write 127\.0\.0\.1:7000, without/,
  ],
  [
    "http://127.0.0.1:3000",
    "localhost:3000",
    "6:11",
    "an http://, https://, ws:// or wss:// URL",
    /^Write http:\/\/localhost:3000\.$/,
  ],
  // YAML itself
  [
    "name: Test",
    "name: Slow: cache",
    "2:7",
    "a colon and a blank in it needs quotes",
    /^Write "Slow: cache"\.$/,
  ],
  ["name: Test", 'name: say "a: b"', "2:7", "needs quotes", /^Write 'say "a: b"'\.$/],
  ["name: Test", `name: sh -c 'echo "a: b"'`, "2:7", "needs quotes", /^Write \| in its place/],
  [LOAD, `  ${LOAD}`, "6:11", "line 7 is indented more than line 6", /same column/],
  [LOAD, `\t${LOAD}`, "7:1", "Tabs are not allowed", /spaces/],
  ["name: Test", "name: @test", "2:7", "not valid YAML", /^A text that begins with @ needs quotes\.$/],
  ["name: Test", "name: *test", "2:7", "no anchor `&test`", /^A text that begins with \* needs quotes\.$/],
  ["100ms }", "100ms", "11:1", "not valid YAML", /not closed/],
  ["name: Test", "name: {{ test }}", "2:8", "a key must be text", /\$\{NAME}/],
  // JSON paths
  ...(
    [
      ["$.a[*].b", "`$.a[*].b`: wildcards (*) are not supported in a JSON path", /names and positions/],
      ["$..x", "`$..x`: searches at any depth (..) are not supported", /names and positions/],
      ["$.a[?(@.b==1)]", "filters ([?…]) are not supported", /names and positions/],
      ["$.a[0:2]", "slices and lists of positions are not supported", /names and positions/],
      ["$.a[-1]", "positions from the end are not supported", /names and positions/],
      ["$.a[", "`$.a[` is not a JSON path", /names and positions/],
      ["items[0].x", "`items[0].x` is not a JSON path", /^Write \$\.items\[0\]\.x\.$/],
    ] as const
  ).map(
    ([path, message, help]) =>
      [
        LOAD,
        `${LOAD}\n  requests: [{ path: /, expect: { json: { "${path}": 1 } } }]`,
        "8:43",
        message,
        help,
      ] as const,
  ),
  // slots
  ...(
    [
      [
        "random.int(9,1)",
        "random.int(9,1): the lower bound comes first",
        /^Write \$\{random\.int\(1,9\)\}\.$/,
      ],
      ["random.int(1)", "expected `${random.int(1,100)}`", /^Both bounds/],
      ["random.float(1,2)", "there is no random.float: only random.int exists", /random\.int\(1,100\)/],
      ["uuidv4", "no variable `uuidv4`; did you mean `${uuid}`?", /random UUID/],
      ["UUID", "no variable `UUID`; did you mean `${uuid}`?", /random UUID/],
      ["SEQ", "no variable `SEQ`; did you mean `${seq}`?", /1, 2, 3/],
      ["uuid()", "expected `${uuid}`", /no arguments/],
      ["vars.speed", "named without `vars.`", /^Write \$\{speed\}\.$/],
      ["base64(x)", "not a variable's name", /^Write \$\$\{ for a text that contains \$\{ itself\.$/],
    ] as const
  ).map(
    ([expression, message, help]) =>
      [LOAD, `${LOAD}\n  requests: [{ path: "/\${${expression}}" }]`, "8:24", message, help] as const,
  ),
  // headers that are not the user's
  ...(
    [
      ["content-length", /length of the body/],
      ["Transfer-Encoding", /sent whole/],
      ["connection", /keepAlive: false sends connection: close/],
    ] as const
  ).map(
    ([header, help]) =>
      [
        LOAD,
        `${LOAD}\n  headers: { ${header}: x }`,
        "8:14",
        `\`${header}\` is set by faultline`,
        help,
      ] as const,
  ),
  // versions of HTTP, each with its own way to send several requests at once
  [LOAD, `${LOAD}\n  protocol: http2`, "8:13", "h2", null],
  [LOAD, `${LOAD}\n  streams: 10`, "8:3", "`streams` needs `protocol: h2`", /pipelining/],
  [LOAD, `${LOAD}\n  protocol: auto\n  streams: 10`, "9:3", "`streams` needs `protocol: h2`", /./],
  [LOAD, `${LOAD}\n  protocol: h2\n  streams: 0`, "9:12", "from 1 to 1000", null],
  [
    LOAD,
    `${LOAD}\n  protocol: h2\n  pipelining: 4`,
    "9:3",
    "`pipelining` does not go with `protocol: h2`",
    /`streams` instead/,
  ],
  [
    LOAD,
    `${LOAD}\n  protocol: h2\n  streams: 4\n  keepAlive: false`,
    "9:3",
    "`streams` does not go with `keepAlive: false`",
    null,
  ],
  ["http://127.0.0.1:3000", "h2c://127.0.0.1:3000", "6:11", "h2c:// is not supported", /protocol: h2/],
  // ports
  [
    "http://127.0.0.1:3000",
    "http://127.0.0.1:99999/x",
    "6:11",
    "there is no port 99999: the highest is 65535",
    null,
  ],
  ["127.0.0.1:7000", "127.0.0.1:70000", "4:48", "there is no port 70000", null],
  // data
  [
    LOAD,
    `${LOAD}\n  data: { d: { rows: [{ "id;x": 1 }] } }\n  requests: [{ path: "/\${data.d.id}" }]`,
    "9:24",
    "the data feed `d` has no column `id`",
    /^Its first line is one column, "id;x": columns are separated by commas, not by semicolons\.$/,
  ],
  [
    LOAD,
    `${LOAD}\n  data: { d: { rows: [{ id: 1, a: 2 }, { b: 3 }] } }\n  requests: [{ path: "/\${data.d.id}" }]`,
    "9:24",
    "the data feed `d` has no column `id` in its row 2",
    /^Every row needs it\. Row 2 has: b\.$/,
  ],
  [
    LOAD,
    `${LOAD}\n  data: { d: { rows: [{ id: 1 }, { b: 3 }] } }\n  requests: [{ path: "/\${data.d.c}" }]`,
    "9:24",
    "the data feed `d` has no column `c`",
    /^Its columns: id, b\.$/,
  ],
  [
    SLOS,
    "  journeys: [{ name: buy, steps: [{ name: login, path: /a }, { path: /b }] }]\nslos: [p99(bye) < 1s]",
    "9:12",
    'no request is called "bye"; known are login, GET /b, buy',
    null,
  ],
  [
    SLOS,
    "  journeys: [{ name: buy, steps: [{ name: login, path: /a }] }]\nslos: [journey(bye) >= 99%]",
    "9:16",
    'no journey is called "bye"; known are buy',
    null,
  ],
  [SLOS, "slos: [journey(buy) >= 99%]", "8:16", 'no journey is called "buy"; the load has none', null],
  [SLOS, "slos: [journey >= 99%]", "8:8", "journey is that of one journey: journey(NAME)", /./],
  [
    SLOS,
    `  journeys: [{ name: buy, steps: [{ name: login, path: /a }] }]\n${SLOS}\nabort: [p99(buy) > 1s for 5s]`,
    "10:13",
    "an abort condition sees requests alone: login",
    null,
  ],
  ...["{}", "{ json: $.a, header: b }", "{ json: $.a, regex: b }"].map(
    (capture) =>
      [
        LOAD,
        `${LOAD}\n  journeys: [{ name: j, steps: [{ path: /, capture: { c: ${capture} } }] }]`,
        "8:55",
        "a capture has one of `json`, `header` and `regex`, or `header` with `regex`",
        /looks at that header's value/,
      ] as const,
  ),
  [
    LOAD,
    `${LOAD}\n  data: { users: { rows: [{ id: 1 }] } }\n  requests: [{ path: "/\${data.user.id}" }]`,
    "9:24",
    "no data feed `user`; did you mean `users`?",
    /^Declare it/,
  ],
  // what has a remedy of its own
  [
    LOAD,
    `${LOAD}\n  journeys: [{ name: j, steps: [{ path: /, capture: { c: { regex: (?i)abc } } }] }]`,
    "8:67",
    "not a regular expression: Invalid group",
    /^Write it as JavaScript does: there are no flags such as \(\?i\)/,
  ],
  [
    LOAD,
    `${LOAD}\n  requests: [{ path: /, weight: 0 }]`,
    "8:3",
    "all weights are 0",
    /^Give at least one of the requests a weight above 0\.$/,
  ],
  // SLOs
  ["99%", "99", "8:24", "99 needs a unit", /`99%`/],
  ["99%", "0.999", "8:24", "0.999 needs a unit", /`99\.9%`/],
  ["availability >=", "success_rate >=", "8:8", '"success_rate" is not', /`availability`/],
  [SLOS, "slos:\n  - availability >= 99,9%", "9:21", '"99,9%" has a comma', /`99\.9%`/],
  [SLOS, "slos: [p99(home) < 1s]", "8:12", 'no request is called "home"; known are GET /', null],
  [SLOS, `${SLOS}\nabort: [p99(GET /x) > 1s for 5s]`, "9:13", "known are GET /", /`GET \/`/],
  [SLOS, "slos: [connections(cahce) < 5/s]", "8:20", 'no proxy is called "cahce"', /`cache`/],
  [SLOS, "slos: [attempts(cache) < 2x baseline]", "8:8", "write `protocol: http`", /`connections\(cache\)`/],
  [SLOS, "slos: [connections < 5/s]", "8:8", "those of one proxy", /`connections\(cache\)`/],
  [
    SLOS,
    "slos: [degraded < 5%]",
    "8:8",
    "no request says which answers are degraded",
    /^Write what a fallback/,
  ],
  [
    LOAD,
    `${LOAD}\n  requests: [{ path: /, degraded: {} }]`,
    "8:25",
    "expected a map with one or more of `status`, `header`, `body` and `json`",
    null,
  ],
  [
    LOAD,
    `${LOAD}\n  requests: [{ path: /, degraded: { headers: { a: b } } }]`,
    "8:37",
    "did you mean `header`?",
    /./,
  ],
  [
    LOAD,
    `${LOAD}\n  requests: [{ path: /, degraded: { status: 999 } }]`,
    "8:45",
    "a status from 100 to 599",
    null,
  ],
  [LOAD, `${LOAD}\n  requests: [{ path: /, degraded: { json: { x: 1 } } }]`, "8:45", "JSON path", /./],
  [SLOS, "slos: [p99 > 1s]", "8:12", "an SLO for p99 is an upper limit", /`<`/],
  [SLOS, "slos: [throughput > 9 requests/s]", "8:21", "no unit", /`9\/s`/],
  [SLOS, "slos: [p99 < 1s for 10]", "8:21", "10 needs a unit", /`10s`/],
  [SLOS, `${SLOS}\nabort: [error_rate > 9% over 5s]`, "9:25", '"over 5s" is left over', null],
] as const)("%s → %s", async (from, to, at, message, help) => {
  const found = await complaint(from, to);
  expect(found).toMatchObject({ at, message: expect.stringContaining(message) });
  if (help === null) expect(found.help).toBeNull();
  else expect(found.help).toMatch(help);
});

test.each([
  ["緩存很慢", 8],
  ["キャッシュ 🐌", 13],
  ["le\u0301ger", 5],
  ["léger", 5],
])("the caret stands under what it means after %s, however lines end", async (name, columns) => {
  const caretLine = async (called: string, change: (text: string) => string) => {
    const text = scenarioText().replace("slow cache, proxy: cache", `${called}, proxy: cahce`);
    const { diagnostics } = await checkText(change(text));
    expect(diagnostics).toMatchObject([{ line: 10, column: 22 + called.length }]);
    return diagnostics[0]?.frame.split("\n").find((line) => line.includes("^"));
  };
  const expected = await caretLine("x".repeat(columns), (text) => text);
  expect(expected).toMatch(/ \^{5}$/);
  expect(await caretLine(name, (text) => text)).toBe(expected);
  expect(await caretLine(name, (text) => `\ufeff${text.replaceAll("\n", "\r\n")}`)).toBe(expected);
});

const LONG_NAME = "a".repeat(65);

test.each([
  // a number that does not do where its form does: the limit is said, not the same text again
  [SLOS, `${SLOS}\nphases: { fault: 480h }`, "expected a duration of at most 336h (14 days); found `480h`"],
  [SLOS, `${SLOS}\nmaxRecoveryWait: 337h`, "expected a duration of at most 336h (14 days); found `337h`"],
  ["latency: 100ms", "find: { latency: 0ms..400h, until: p99 < 1s }", "durations of at most 336h (14 days)"],
  ["latency: 100ms", "limit_data: 1.5B", "expected a size in whole bytes with its unit"],
  [SLOS, `${SLOS}\nservices: { ${LONG_NAME}: { run: node . } }`, "expected a name of at most 64 characters"],
])("%s → %s", async (from, to, message) => {
  const found = await complaint(from, to);
  expect(found.message).toContain(message);
  expect(found.help ?? "").not.toMatch(/^Write 1\.5B|^Write 4/);
});
