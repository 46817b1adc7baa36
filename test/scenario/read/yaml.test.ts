import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { expect, test } from "vitest";
import { httpOf } from "../../helpers/load-plans.js";
import { checkText, FIXTURES, faultSteps, loadScenario, scenarioText } from "../../helpers/scenario-files.js";

const errorsOf = async (text: string | Uint8Array) => {
  const { plan, diagnostics } = await checkText(text);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  expect(plan === null).toBe(errors.length > 0);
  return errors.map(({ line, column, message, help }) => ({ at: `${line}:${column}`, message, help }));
};

test("anchors, aliases and merge keys give what YAML says", async () => {
  const plan = await loadScenario(join(FIXTURES, "valid/anchors.yaml"), { env: {}, cwd: "." });
  const mix = plan.load.mix;
  if (mix.kind !== "requests") throw new Error("expected requests");
  const requests = mix.requests.map((request) => {
    const { path, headers } = httpOf(request);
    return { name: request.name, path, weight: request.weight, headers };
  });
  expect(requests).toEqual([
    { name: "home", path: "/", weight: 2, headers: { accept: "text/html" } },
    { name: "cart", path: "/cart", weight: 2, headers: { accept: "text/html" } },
    { name: "order", path: "/order", weight: 1, headers: { accept: "text/html", "x-a": "b", "x-c": "d" } },
  ]);
  expect(faultSteps(plan).map(({ actions }) => actions)).toMatchObject([
    [{ spec: { attributes: { latency: 100, jitter: 0 } } }],
    [{ spec: { attributes: { latency: 100, jitter: 10 } } }],
  ]);
});

test("a byte order mark and CRLF line ends change nothing, not even the places", async () => {
  expect(await errorsOf(`\uFEFF${scenarioText().replaceAll("\n", "\r\n")}`)).toEqual([]);
  const bad = scenarioText("", "  rate: 5");
  const plain = await errorsOf(bad);
  expect(plain).toMatchObject([{ at: "7:9" }]);
  expect(await errorsOf(`\uFEFF${bad.replaceAll("\n", "\r\n")}`)).toEqual(plain);
});

test("tabs for indentation are refused with what to do", async () => {
  expect(await errorsOf(scenarioText().replace("  rate", "\trate"))).toMatchObject([
    { at: "7:1", help: "Indent with spaces; YAML does not take tabs." },
  ]);
});

test("unquoted ${…} inside braces is refused with what to do", async () => {
  const [error] = await errorsOf(scenarioText("services: { a: { run: x, env: { P: ${services.a.port} } } }"));
  expect(error).toMatchObject({ help: 'Quote texts that hold ${…} inside { } or [ ]: "…${name}…".' });
});

test.each([
  ["a second document", `${scenarioText()}---\nname: other\n`, "11:1", /second YAML document/],
  ["an empty file", "", "1:1", /file is empty/],
  ["only comments", "# nothing\n", "1:1", /file is empty/],
  ["a list", "- a\n", "1:1", /a scenario is a map/],
  ["a text", "hello", "1:1", /a scenario is a map/],
  ["a key twice", scenarioText("name: again"), "11:1", /`name` was already given on line 2/],
  ["a tag", scenarioText("seed: !!js/function x"), "11:7", /Unresolved tag/],
  ["a map as a key", scenarioText("? { a: b }\n: c"), "11:3", /a key must be text/],
  ["an alias without its anchor", scenarioText("seed: *sede\nrepeat: &seed 1"), "11:7", /no anchor `&sede`/],
  ["an alias inside itself", scenarioText("abort: &a [*a]"), "11:12", /contains itself/],
  ["a merge of a text", scenarioText("<<: hello"), "11:5", /<< takes a map/],
  ["__proto__", scenarioText("__proto__: { x: 1 }"), "11:1", /cannot be a key/],
  ["an unclosed quote", scenarioText('hypothesis: "open'), "11:18", /Missing closing/],
])("%s is refused at its place", async (_what, text, at, message) => {
  const errors = await errorsOf(text);
  expect(errors[0]).toMatchObject({ at, message: expect.stringMatching(message) });
});

test("values of other shapes than text and numbers do not confuse the schema", async () => {
  const [error] = await errorsOf(scenarioText("seed: .inf\nrepeat: ~"));
  expect(error).toMatchObject({ at: "11:7", message: expect.stringContaining("found `.inf`") });
});

const repeated = (text: string, bytes: number) => text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes);
const bomb = [
  "a: &a [x, x, x, x, x, x, x, x, x]",
  ..."bcdefghij".split("").map((c, i) => {
    const before = "abcdefghi"[i];
    return `${c}: &${c} [${Array(9).fill(`*${before}`).join(", ")}]`;
  }),
].join("\n");

// Bounds are for a machine that is busy with other things; each takes well under a second on an idle one, except
// where the YAML library itself reads a hundred thousand nodes.
test.each([
  ["an alias bomb", bomb, /aliases grow the scenario/],
  [
    "an alias bomb of merge keys",
    `a: &a {x: 1}\n${Array.from({ length: 25 }, (_, i) => `b${i}: &b${i} {l: *${i ? `b${i - 1}` : "a"}, r: *${i ? `b${i - 1}` : "a"}}`).join("\n")}`,
    /aliases grow/,
  ],
  ["900 KB of [", repeated("[", 900_000), /nested too deeply/],
  ["900 KB of -", repeated("- ", 900_000), /nested too deeply/],
  [
    "a thousand indents",
    Array.from({ length: 1200 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"),
    /nested too deeply/,
  ],
  ["80 levels", Array.from({ length: 80 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"), /nested too deeply/],
  ["20,000 keys", Array.from({ length: 20_000 }, (_, i) => `k${i}: v`).join("\n"), /missing|unknown key/],
  ["an endless quote", `name: "${repeated("a ", 900_000)}`, /Missing closing/],
  ["80,000 slots", `name: "${repeated("${a}", 400_000)}"`, /missing|no variable/],
])("%s is refused in bounded time", async (_what, text, message) => {
  const began = performance.now();
  const errors = await errorsOf(text);
  expect(performance.now() - began).toBeLessThan(15_000);
  expect(errors.some((error) => message.test(error.message))).toBe(true);
  expect(errors.length).toBeLessThanOrEqual(100);
});

test("a file of 5 MB is refused at once", async () => {
  const began = performance.now();
  await expect(checkText(repeated("- a\n", 5_000_000))).rejects.toMatchObject({
    code: "FILE_UNREADABLE",
    message: "scenario.yaml is 5.0 MB; a scenario may have 1 MB",
  });
  expect(performance.now() - began).toBeLessThan(2000);
});

test("a long flow map is not taken for deep nesting", async () => {
  const headers = Array.from({ length: 600 }, (_, i) => `x-${i}: "[{"`).join(", ");
  const text = scenarioText().replace(
    "  rate: 100/s",
    `  rate: 100/s\n  headers: { ${headers.replaceAll("[{", "")} }`,
  );
  expect(await errorsOf(text)).toEqual([]);
});
