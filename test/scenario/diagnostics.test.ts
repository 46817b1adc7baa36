import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sloDiagnostics } from "../../src/app/decidable-slos.js";
import { checkAndPlan } from "../../src/plan/check-and-plan.js";
import { DIAGNOSTIC_CODES, ScenarioError } from "../../src/scenario/diagnostics/diagnostic.js";
import { checkText, FIXTURES, folderWith, loadScenario, scenarioText } from "../helpers/scenario-files.js";

/** Scenarios of which each says in comments what is complained about, and where: `# expect 4:9 wrong-value load.rate: …`. */
const FOLDERS = { invalid: "error", warned: "warning" } as const;
type Folder = keyof typeof FOLDERS;

const NOTHING_GRANTED = { env: [], run: [], shell: [], sockets: [], docker: [], folders: [] };

function fixtures(folder: Folder) {
  return readdirSync(join(FIXTURES, folder))
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => {
      const text = readFileSync(join(FIXTURES, folder, file), "utf8");
      const options = [...text.matchAll(/^# with --(\S+) ?(.*)$/gm)].map(([, name, value]) => ({
        name,
        value,
      }));
      const given = (wanted: string) =>
        options.flatMap(({ name, value = "" }) => (name === wanted ? [value] : []));
      const expected = [...text.matchAll(/# expect (\d+:\d+) ([\w-]+) ?(.*)/g)];
      return {
        file,
        options: {
          set: given("set"),
          vars: given("var"),
          untrusted: given("untrusted").length > 0 ? NOTHING_GRANTED : null,
        },
        expected: expected.map(([, place = "", code = "", message = ""]) => ({ place, code, message })),
      };
    });
}

for (const [folder, severity] of Object.entries(FOLDERS) as [Folder, "error" | "warning"][]) {
  describe(`each ${folder} fixture gets the complaints that it names, at their places, and no others`, () => {
    for (const { file, options, expected } of fixtures(folder)) {
      test(file, async () => {
        const cwd = join(FIXTURES, folder);
        const { plan, placeOf, diagnostics } = await checkAndPlan(file, { env: {}, cwd, ...options });
        const ofSlos = plan ? sloDiagnostics(plan, placeOf).diagnostics : [];
        const shown = [...diagnostics, ...ofSlos]
          .filter((found) => found.severity === severity)
          .map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`);
        expect(shown.sort()).toEqual(
          expected
            .map(({ place, code, message }) => `${place} ${code} ${message}`)
            .sort()
            .map((line) => expect.stringContaining(line)),
        );
        expect(plan === null).toBe(severity === "error");
      });
    }
  });
}

test("each kind of complaint has a fixture, and a row in docs/errors.md", () => {
  const codes = (["invalid", "warned"] as const).flatMap((folder) =>
    fixtures(folder).flatMap(({ expected }) => expected.map(({ code }) => code)),
  );
  expect([...new Set(codes)].sort()).toEqual([...DIAGNOSTIC_CODES].sort());
  const table = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  for (const code of DIAGNOSTIC_CODES) expect(table).toContain(`\n| \`${code}\` | `);
});

test("a complaint shows the line with a caret, what was expected and what to do", async () => {
  const { diagnostics } = await checkText(scenarioText("", "  rate: 200"));
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]).toMatchObject({
    file: "scenario.yaml",
    line: 7,
    column: 9,
    endLine: 7,
    endColumn: 12,
    code: "wrong-value",
    help: "Write 200/s.",
  });
  expect(diagnostics[0]?.frame).toBe(
    [
      "    6 |   target: http://127.0.0.1:3000",
      "  > 7 |   rate: 200",
      "      |         ^^^",
      "    8 | slos: [availability >= 99%]",
    ].join("\n"),
  );
});

test("a mistake in one place does not hide another, and a misspelt key is one complaint", async () => {
  const text = scenarioText("seeed: 1\nphases: { fault: 5 }")
    .replace("proxy: cache", "proxy: cash")
    .replace("name: Test", "nmae: Test");
  const { diagnostics } = await checkText(text);
  expect(diagnostics.map(({ line, code }) => `${line} ${code}`)).toEqual([
    "2 unknown-key",
    "10 unknown-name",
    "11 unknown-key",
    "12 wrong-value",
  ]);
});

test("a long line is cut around the caret", async () => {
  const { diagnostics } = await checkText(scenarioText(`abort: ["${"x".repeat(300)}", 5]`));
  expect(diagnostics.length).toBeGreaterThan(0);
  for (const { frame } of diagnostics)
    for (const line of frame.split("\n")) expect(line.length).toBeLessThan(120);
});

test("the lines around a long one are shown from their beginning", async () => {
  const text = scenarioText(`hypothesis: short\nabort: [${"error_rate > 80% for 5s, ".repeat(8)}5]\nseed: 1`);
  const { diagnostics } = await checkText(text);
  const [above, line, , below] = diagnostics[0]?.frame.split("\n") ?? [];
  expect(above).toMatch(/^ {4}11 \| hypothesis: short$/);
  expect(line).toMatch(/^ {2}> 12 \| ….* 5\]$/);
  expect(below).toMatch(/^ {4}13 \| seed: 1$/);
});

test("the error that commands see carries all diagnostics and the code that fits them", async () => {
  const failure = async (text: string) => {
    const cwd = folderWith({ "s.yaml": text });
    return loadScenario("s.yaml", { env: {}, cwd }).catch((error: unknown) => error);
  };
  const invalid = await failure(scenarioText("", "  rate: 0/s"));
  expect(invalid).toBeInstanceOf(ScenarioError);
  expect(invalid).toMatchObject({ code: "SCENARIO_INVALID", exitCode: 2, diagnostics: [{ line: 7 }] });
  const host = await failure(scenarioText().replace("http://127.0.0.1:3000", "http://example.com"));
  expect(host).toMatchObject({
    code: "HOST_NOT_ALLOWED",
    exitCode: 2,
    diagnostics: [{ line: 6, column: 11 }],
  });
  const protocol = await failure(scenarioText().replace("http://127.0.0.1:3000", "h2://127.0.0.1:3000"));
  expect(protocol).toMatchObject({ code: "UNSUPPORTED_PROTOCOL", exitCode: 2, diagnostics: [{ line: 6 }] });
});

test("the reference of the format is pointed to where a key, unit or value of it is wrong, and only there", async () => {
  const hintOf = async (load: string) => {
    const cwd = folderWith({ "s.yaml": scenarioText("", load), "d.csv": "a,b\n" });
    const error = await loadScenario("s.yaml", { env: {}, cwd }).catch((reason: unknown) => reason);
    return error instanceof ScenarioError ? error.hint : undefined;
  };
  const reference = "docs/scenario.md lists every key with its unit and an example.";
  for (const load of [
    "  rat: 5/s",
    "  rate: 5",
    "  rate: 5/s\n  keepAlive: 1",
    "  rate: 5/s\n  requests: [{}]",
  ]) {
    expect(await hintOf(load)).toBe(reference);
  }
  for (const more of [
    "data: { d: { file: d.csv } }",
    "tls: { ca: d.csv }",
    "requests: [{ path: /, weight: 0 }]",
    'journeys: [{ name: j, steps: [{ path: /, capture: { c: { regex: "(" } } }] }]',
  ]) {
    expect(await hintOf(`  rate: 5/s\n  ${more}`)).toBeNull();
  }
  expect(await hintOf("  rate: 5\n  data: { d: { file: d.csv } }")).toBe(reference);
});

test("a missing file, a folder and bytes that are no text are named, not traced", async () => {
  const cwd = folderWith({ "bytes.yaml": Uint8Array.from([0xff, 0xfe, 0x00, 0x61]) });
  const load = (file: string) => loadScenario(file, { env: {}, cwd });
  await expect(load("nowhere.yaml")).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    message: "nowhere.yaml does not exist",
  });
  await expect(load(".")).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  await expect(load("bytes.yaml")).rejects.toMatchObject({
    code: "FILE_UNREADABLE",
    message: "bytes.yaml is not UTF-8 text; save it as UTF-8",
  });
});

test("whole numbers in JSON that would be rounded are refused, others are not", async () => {
  const numbers =
    "a: 9007199254740993, b: [-9007199254740993], c: 9007199254740991, d: 1e30, e: '9007199254740993'";
  const expected = '"$.id": 9007199254740993, "$.ref": "9007199254740993"';
  const load = `  rate: 5/s\n  requests: [{ path: /, method: POST, json: { ${numbers} }, expect: { json: { ${expected} } } }]`;
  const { diagnostics } = await checkText(scenarioText("", load));
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  expect(errors.map(({ message }) => message)).toEqual([
    "9007199254740993 cannot be told from its neighbours: whole numbers go up to 9007199254740991 here",
    "-9007199254740993 cannot be told from its neighbours: whole numbers go up to 9007199254740991 here",
    "9007199254740993 cannot be told from its neighbours: whole numbers go up to 9007199254740991 here",
  ]);
  expect(errors.map(({ help }) => help?.slice(0, 12))).toEqual([
    "`body:` send",
    "`body:` send",
    "`body:` look",
  ]);
});

test("a proxy that nothing can connect through is warned about", async () => {
  const { plan, diagnostics } = await checkText(scenarioText().replace('listen: "127.0.0.1:7001", ', ""));
  expect(plan).not.toBeNull();
  expect(diagnostics).toMatchObject([{ severity: "warning", code: "suspicious", line: 4, column: 3 }]);
});

test.each([
  ["requests: [{ path: /, json: { a: 1 } }]", "8:25", "`json` is the body of a GET request", /method: POST/],
  ["requests: [{ path: /, method: get, body: x }]", "8:38", "`body` is the body of a GET request", /ignore/],
  ["requests: [{ path: /, method: HEAD, form: { a: 1 } }]", "8:39", "body of a HEAD request", /ignore/],
  [
    "requests: [{ path: /, method: HEAD, expect: { body: x } }]",
    "8:49",
    "an answer to HEAD has no body",
    /GET/,
  ],
  ["data: { d: { rows: [{ a: 1 }] } }", "8:11", "nothing uses the data feed `d`", /\$\{data\.d\.COLUMN}/],
  [
    "tls: { ca: ca.pem, verify: false }",
    "8:10",
    "`ca` has no effect with `verify: false`",
    /Leave `verify` out/,
  ],
])("what has no effect is warned about: %s", async (load, at, message, help) => {
  const ca = readFileSync(join(FIXTURES, "../tls/ca.pem"));
  const text = scenarioText("", `  rate: 100/s\n  ${load}`).replace("http:", "https:");
  const { plan, diagnostics } = await checkText(text, {
    cwd: folderWith({ "ca.pem": ca, "scenario.yaml": text }),
  });
  expect(plan).not.toBeNull();
  expect(diagnostics).toHaveLength(1);
  const [line, column] = at.split(":").map(Number);
  expect(diagnostics[0]).toMatchObject({ severity: "warning", code: "suspicious", line, column });
  expect(diagnostics[0]?.message).toContain(message);
  expect(diagnostics[0]?.help).toMatch(help);
});

test("a body goes with every other method, and a feed that a header uses is used", async () => {
  const { diagnostics } = await checkText(
    scenarioText(
      "",
      `  rate: 100/s
  data: { d: { rows: [{ a: 1 }] } }
  headers: { x: "\${data.d.a}" }
  requests: [{ path: /, method: DELETE, json: 1 }, { path: /b, method: post, body: x }]`,
    ),
  );
  expect(diagnostics).toEqual([]);
});

test("units as they are written elsewhere get the right spelling", async () => {
  const helpFor = async (load: string) => (await checkText(scenarioText("", load))).diagnostics[0]?.help;
  expect(await helpFor("  rate: 60rps")).toBe("Write 60/s.");
  expect(await helpFor("  rate: 90 rpm")).toBe("Write 90/min.");
  expect(await helpFor("  rate: 60/s\n  timeout: 1 sec")).toBe("Write 1s.");
  expect(await helpFor("  rate: 60/s\n  timeout: 5min")).toBe("Write 5m.");
});

test("a quote that is missing in a flow map is one complaint, on its own line", async () => {
  const text = scenarioText(
    "services:\n  api: { run: node a.js, env: { PORT: ${services.api.port}, A: b } }\nseed: 1\n",
  );
  const { diagnostics } = await checkText(text);
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]).toMatchObject({
    code: "yaml",
    help: expect.stringContaining("Quote texts that hold"),
  });
  expect(text.split("\n")[diagnostics[0]!.line - 1]).toContain("PORT:");
});

test("an unknown top-level key is told of all that can stand there", async () => {
  const { diagnostics } = await checkText(scenarioText("zzz: 1\n"));
  for (const key of ["vars", "extends", "include", "slos"]) expect(diagnostics[0]?.help).toContain(key);
});
