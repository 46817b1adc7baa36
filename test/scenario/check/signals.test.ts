import { expect, test } from "vitest";
import { decidability } from "../../../src/analysis/decidability.js";
import { checkText, scenarioText } from "../../helpers/scenario-files.js";

/** The first complaint about these signals, as a user reads it. */
async function complaint(signal: string, slo = ""): Promise<string> {
  const slos = slo === "" ? "" : `faults: []\n`;
  const { diagnostics } = await checkText(scenarioText(`signals:\n  s: ${signal}\n${slos}`));
  const [first] = diagnostics.filter(({ severity }) => severity === "error");
  return first ? `${first.line}:${first.column} ${first.message}` : "";
}

const LINE = 12;

test.each([
  ["{ value: a }", `${LINE}:3 it is not said where the signal is read`],
  ['{ prometheus: "http://127.0.0.1:1" }', `${LINE}:3 it is not said what of it is read`],
  [
    '{ prometheus: "http://127.0.0.1:1", http: "http://127.0.0.1:1", value: a }',
    `${LINE}:42 \`prometheus\` and \`http\` are two places`,
  ],
  [
    '{ prometheus: "http://127.0.0.1:1", value: a, bad: "rate(a[5s])" }',
    `${LINE}:42 \`value\` and \`bad\` do not go together`,
  ],
  ['{ prometheus: "http://127.0.0.1:1", bad: "rate(a[5s])" }', `${LINE}:42 \`bad\` without \`total\``],
  [
    '{ prometheus: "http://127.0.0.1:1", bad: "rate(a[5s])", total: "sum(a" }',
    `${LINE}:69 a bracket or a quote in the query does not close`,
  ],
  [
    '{ prometheus: "http://127.0.0.1:1", value: a offset 5m }',
    `${LINE}:49 the query reads another time than that of the phase`,
  ],
  [
    '{ prometheus: "http://127.0.0.1:1", bad: "increase(a[5s])", total: "rate(b[5s])" }',
    `${LINE}:47 \`bad\` and \`total\` are rates per second: write rate(…) instead`,
  ],
  [
    '{ prometheus: "http://127.0.0.1:1", bad: a, total: "rate(b[5s])" }',
    `${LINE}:47 \`bad\` and \`total\` are rates per second: rate(…) of a counter`,
  ],
  ['{ metrics: "http://127.0.0.1:1", value: sum(a) }', `${LINE}:46 expected a metric's name with matchers`],
  ['{ http: "http://127.0.0.1:1", value: queue.depth }', `${LINE}:43 expected a JSON path`],
  ['{ http: "http://127.0.0.1:1", every: 50ms }', `${LINE}:43 expected at least 200ms`],
  ['{ http: "ftp://127.0.0.1/" }', `${LINE}:14 expected an http:// or https:// URL`],
  ['{ http: "http://example.com/" }', `${LINE}:14 example.com is not this machine`],
  ['{ http: "http://u:p@127.0.0.1/" }', `${LINE}:14 a URL with a user name or password`],
  ['{ http: "http://127.0.0.1:${services.none.port}/" }', `${LINE}:32 no service \`none\``],
  ['{ http: "http://127.0.0.1:1", header: { a: b } }', `${LINE}:36 unknown key \`header\``],
])("%s is refused at its place", async (signal, message) => {
  expect(await complaint(signal)).toContain(message);
});

test.each([
  '{ prometheus: "http://127.0.0.1:1", value: max(a) }',
  '{ prometheus: "http://127.0.0.1:1", bad: "job:bad:rate5s", total: "sum(irate(b[5s]))", every: 15s }',
  '{ metrics: "http://127.0.0.1:1/metrics", bad: "a{code=~\'5..\'}", total: a, headers: { authorization: Bearer x } }',
  '{ http: "http://127.0.0.1:1/depth" }',
])("%s is a signal", async (signal) => {
  expect(await complaint(signal)).toBe("");
});

test("an SLO names a signal of the scenario, and validate says what its samples cannot decide", async () => {
  const text = (slo: string) =>
    scenarioText('signals:\n  queue: { http: "http://127.0.0.1:1/", every: 15s }\n').replace(
      /slos:.*\n/,
      `slos: ["${slo}"]\n`,
    );
  const unknown = await checkText(text("signal(que) max < 5"));
  expect(unknown.diagnostics[0]?.message).toContain('no signal is called "que"; known are queue');
  const { plan } = await checkText(text("signal(queue) max < 5"));
  const [line] = plan ? decidability(plan) : [];
  expect(line).toMatchObject({ answer: "undecidable" });
  expect(line?.sentence).toContain("a phase must last at least 2 min 45 s for 10 samples");
});

test.each([
  ["alerts: {}", "alert(A) fires < 2m", "11:1 it is not said where alerts are watched"],
  ['alerts: { prometheus: "http://127.0.0.1:1" }', "p99 < 1s", "11:1 no SLO names an alert"],
  ['alerts: { prometheus: "http://example.com" }', "alert(A) fires < 2m", "11:23 example.com is not this"],
  [
    'alerts: { alertmanager: "http://127.0.0.1:1", every: 1ms }',
    "alert(A) fires < 2m",
    "11:54 expected at least",
  ],
  ["", "alert(A) fires < 2m", '8:8 "alert(A) fires < 2m" can show nothing'],
])("alerts: %s with %s is refused at its place", async (alerts, slo, message) => {
  const text = scenarioText(`${alerts}\n`).replace(/slos:.*\n/, `slos: ["${slo}"]\n`);
  const { diagnostics } = await checkText(text);
  const [first] = diagnostics.filter(({ severity }) => severity === "error");
  expect(first ? `${first.line}:${first.column} ${first.message}` : "").toContain(message);
});

test("alerts that SLOs name are watched, each once, and validate says which phase is too short to show it", async () => {
  const text = scenarioText('alerts: { prometheus: "http://127.0.0.1:1" }\n').replace(
    /slos:.*\n/,
    'slos: ["alert(A) fires < 2m", "alert(A) resolves < 5s", "alert(B) fires < 5s"]\n',
  );
  const { plan } = await checkText(text);
  expect(plan?.signals.map(({ name, everyMs }) => [name, everyMs])).toEqual([
    ["alert A", 1_000],
    ["alert B", 1_000],
  ]);
  const lines = plan ? decidability(plan) : [];
  expect(lines.map(({ slo, phase, answer }) => `${slo} ${phase} ${answer}`)).toEqual([
    "alert(A) fires < 2m fault undecidable",
    "alert(B) fires < 5s fault unknown",
    "alert(A) resolves < 5s recovery unknown",
  ]);
  expect(lines[0]?.sentence).toContain("the phase must last at least 2 min");
});
