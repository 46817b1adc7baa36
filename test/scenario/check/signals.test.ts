import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decidability } from "../../../src/analysis/decidability.js";
import { tooSlowSignals } from "../../../src/analysis/slo/signal-decidability.js";
import { dryRunText } from "../../../src/plan/dry-run-text.js";
import { resolveSignals, usesRunFolder } from "../../../src/plan/placeholders.js";
import { checkText, folderWith, scenarioText } from "../../helpers/scenario-files.js";

/** The first complaint about these signals, as a user reads it. */
async function complaint(signal: string, slo = ""): Promise<string> {
  const slos = slo === "" ? "" : `faults: []\n`;
  const { diagnostics } = await checkText(scenarioText(`signals:\n  s: ${signal}\n${slos}`));
  const [first] = diagnostics.filter(({ severity }) => severity === "error");
  return first ? `${first.line}:${first.column} ${first.message}` : "";
}

const LINE = 12;
const TLS = new URL("../../fixtures/tls/", import.meta.url).pathname;

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
  ['{ run: "a | b" }', `${LINE}:13 \`|\` works in a shell only`],
  ["{ run: [] }", `${LINE}:8 signals.s.run: expected a command; found an empty list`],
  ["{ run: a, shell: true, value: b }", `${LINE}:36 expected a JSON path`],
  ["{ run: [a, b], shell: true }", `${LINE}:13 with \`shell: true\` the command is one text`],
  ['{ run: a, http: "http://127.0.0.1:1" }', `${LINE}:8 \`http\` and \`run\` are two places`],
  ["{ run: a, headers: { a: b } }", `${LINE}:16 \`headers\` is for a URL`],
  ['{ http: "http://127.0.0.1:1", cwd: a }', `${LINE}:36 \`cwd\` is for \`run\``],
  ['{ run: "a ${services.none.port}" }', `${LINE}:16 no service \`none\``],
  ['{ run: "a ${uuid}" }', `${LINE}:16 \`\${uuid}\` cannot stand here`],
  ["{ run: a, tls: { verify: false } }", `${LINE}:16 \`tls\` is for a URL`],
  ['{ http: "http://127.0.0.1:1", tls: { verify: false } }', `${LINE}:36 \`tls\` needs an https:// URL`],
  ['{ http: "https://127.0.0.1:1", tls: { ca: none.pem } }', `${LINE}:48 cannot read none.pem`],
  [
    '{ http: "https://127.0.0.1:1", tls: { cert: a.pem } }',
    `${LINE}:44 \`cert\` and \`key\` belong together`,
  ],
  ['{ http: "https://127.0.0.1:1", tls: { servername: 127.0.0.1 } }', `${LINE}:56 \`servername\` is a name`],
  ['{ http: "https://127.0.0.1:1", tls: { cat: a } }', `${LINE}:44 unknown key \`cat\``],
  ['{ http: "http://127.0.0.1:1", header: { a: b } }', `${LINE}:36 unknown key \`header\``],
])("%s is refused at its place", async (signal, message) => {
  expect(await complaint(signal)).toContain(message);
});

test.each([
  '{ prometheus: "http://127.0.0.1:1", value: max(a) }',
  '{ prometheus: "http://127.0.0.1:1", bad: "job:bad:rate5s", total: "sum(irate(b[5s]))", every: 15s }',
  '{ metrics: "http://127.0.0.1:1/metrics", bad: "a{code=~\'5..\'}", total: a, headers: { authorization: Bearer x } }',
  '{ http: "http://127.0.0.1:1/depth" }',
  "{ run: redis-cli llen mails }",
  '{ run: "counts | tail -n 1", shell: true, bad: $.bad, total: $.all, env: { A: b }, cwd: . }',
])("%s is a signal", async (signal) => {
  expect(await complaint(signal)).toBe("");
});

test("certificates are read before the run, for signals, alerts and checks, as those of the load are", async () => {
  const files = Object.fromEntries(
    ["ca.pem", "client.pem", "client.key"].map((name) => [name, readFileSync(join(TLS, name))]),
  );
  const tls = "tls: { ca: ca.pem, cert: client.pem, key: client.key }";
  const text = scenarioText(
    `signals:\n  s: { prometheus: "https://127.0.0.1:1", value: max(a), ${tls} }\n` +
      `alerts: { alertmanager: "https://127.0.0.1:1", ${tls} }\n` +
      `checks: [{ name: c, http: { url: "https://127.0.0.1:1", ${tls} }, expect: { number: 1 } }]\n`,
  ).replace(/slos:.*\n/, 'slos: ["alert(A) fires < 2m"]\n');
  const { plan, diagnostics } = await checkText(text, {
    cwd: folderWith({ ...files, "scenario.yaml": text }),
  });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const read = { ca: String(files["ca.pem"]), key: String(files["client.key"]), verify: true };
  expect(plan?.signals.map(({ source }) => source)).toMatchObject([{ tls: read }, { tls: read }]);
  expect(plan?.checks[0]?.ask).toMatchObject({ tls: read });
  const swapped = text.replace("key: client.key", "key: ca.pem");
  const wrong = await checkText(swapped, { cwd: folderWith({ ...files, "scenario.yaml": swapped }) });
  expect(wrong.diagnostics[0]?.message).toContain("ca.pem is not an unencrypted PEM private key");
});

test("a command is split before values are put in, so that none of them is more than one argument", async () => {
  const text = scenarioText(
    "signals:\n  s: { run: 'count ${env.QUEUE} --in ${run.dir}', env: { PORT: '${proxies.cache.port}' } }\n",
  );
  const { plan, diagnostics } = await checkText(text, { env: { QUEUE: "a b; rm" } });
  expect(diagnostics).toEqual([]);
  expect(plan?.signals[0]?.source).toMatchObject({
    kind: "command",
    command: ["count", "a b; rm", "--in", "${run.dir}"],
    shell: false,
    env: { PORT: "${proxies.cache.port}" },
  });
  const [resolved] = resolveSignals(
    plan?.signals ?? [],
    new Map([
      ["run.dir", "/tmp/a b"],
      ["proxies.cache.port", "7001"],
    ]),
  );
  expect(resolved?.source).toMatchObject({
    command: ["count", "a b; rm", "--in", "/tmp/a b"],
    env: { PORT: "7001" },
  });
  expect(plan && usesRunFolder(plan)).toBe(true);
  expect(plan && dryRunText(plan)).toContain("read every 1 s: count ");
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
  const mean = await checkText(text("signal(queue) mean < 5"));
  const [longer] = mean.plan ? decidability(mean.plan) : [];
  expect(longer?.sentence).toContain("a phase must last at least 7 min 45 s for 30 samples");
});

test("a sample whose range began before the phase is none of it, so the phase has to be longer", async () => {
  const rates = "bad: 'rate(bad_total[1m])', total: 'rate(all_total[30s])'";
  const text = (every: string) =>
    scenarioText(`signals:\n  orders: { prometheus: "http://127.0.0.1:1", ${rates}${every} }\n`).replace(
      /slos:.*\n/,
      'slos: ["signal(orders) error_rate < 1%"]\n',
    );
  const { plan } = await checkText(text(", every: 15s"));
  const [line] = plan ? decidability(plan) : [];
  expect(line?.sentence).toContain("a phase must last at least 3 min 15 s for 10 samples");
  // What only the server knows is said once it has said it.
  const asked = await checkText(text(""));
  const [warning] = asked.plan ? tooSlowSignals(asked.plan, new Map([["orders", 15_000]])) : [];
  expect(warning).toContain("at least 3 min 15 s for 10 samples");
  expect(warning).toContain('The server of "orders" takes one every 15 s.');
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
