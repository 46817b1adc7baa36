import { expect, test } from "vitest";
import { dryRunText } from "../../../../src/plan/dry-run-text.js";
import { checkText, scenarioText } from "../../../helpers/scenario-files.js";

/** The line of `tracing`. */
const LINE = 7;
const ID = "$" + "{traceId}";

const check = (tracing: string, more = "") =>
  checkText(scenarioText(more, `  tracing: ${tracing}\n  rate: 100/s`), { env: { HOST: "127.0.0.1:16686" } });

test.each([
  ["on", `${LINE}:12 load.tracing: expected true, or a map with \`sampling\` or \`traceLink\``],
  ["{ sampling: 0.1 }", `${LINE}:24 load.tracing`],
  ["{ sampling: 0% }", `${LINE}:24 load.tracing`],
  ["{ rate: 10% }", `${LINE}:14 unknown key \`rate\``],
  ['{ traceLink: "javascript:alert(1)" }', `${LINE}:25 \`traceLink\` is an http:// or https:// URL`],
  [`{ traceLink: "${ID}" }`, `${LINE}:25 \`traceLink\` is an http:// or https:// URL`],
  ["{ traceLink: http://127.0.0.1/traces }", `${LINE}:25 without $` + "{traceId}, `traceLink` is the same"],
  ['{ traceLink: "http://127.0.0.1/$' + '{spanId}" }', `no variable \`spanId\``],
])("tracing: %s is refused at its place", async (tracing, message) => {
  const { diagnostics } = await check(tracing);
  const [first] = diagnostics.filter(({ severity }) => severity === "error");
  expect(`${first?.line}:${first?.column} ${first?.message}`).toContain(message);
});

test("a scenario that sets the header itself has to choose", async () => {
  const { diagnostics } = await checkText(
    scenarioText(
      "",
      "  rate: 100/s\n  tracing: true\n  headers: { traceparent: x }\n  requests: [{ path: /, headers: { Traceparent: y } }]",
    ),
  );
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  expect(errors.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
    "9:14 `traceparent` is set by load.tracing",
    "10:36 `Traceparent` is set by load.tracing",
  ]);
  const without = await checkText(scenarioText("", "  rate: 100/s\n  headers: { traceparent: x }"));
  expect(without.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
});

test("true samples all; a map says how many, and where a trace is shown", async () => {
  expect((await check("true")).plan?.load.tracing).toEqual({ sampling: 1, traceLink: null, runKey: "" });
  expect((await check("false")).plan?.load.tracing).toBe(undefined);
  const map = `{ sampling: 5%, traceLink: "http://$\{env.HOST}/trace/${ID}?x={y}" }`;
  const { plan } = await check(map);
  expect(plan?.load.tracing).toMatchObject({
    sampling: 0.05,
    traceLink: `http://127.0.0.1:16686/trace/${ID}?x={y}`,
  });
  expect(plan && dryRunText(plan)).toContain("traceparent on each request, 5% sampled");
});

test("elsewhere traceId is a variable's name as any other", async () => {
  const { plan, diagnostics } = await checkText(
    scenarioText("vars: { traceId: fixed }", `  rate: 100/s\n  headers: { x-trace: "${ID}" }`),
  );
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(JSON.stringify(plan?.load.mix)).toContain('"x-trace":"fixed"');
});
