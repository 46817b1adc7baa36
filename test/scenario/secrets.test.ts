import fc from "fast-check";
import { expect, test } from "vitest";
import { dryRunText } from "../../src/plan/dry-run-text.js";
import { isSecretWorthy, redact, redactDeep, redactFragments } from "../../src/support/redact.js";
import { checkText, scenarioText } from "../helpers/scenario-files.js";

const SECRET = 'hunter2-s3cr3t/"quoted" key';
const env = { TOKEN: SECRET };

test("no diagnostic shows a value from the environment, wherever it is wrong", async () => {
  const places = [
    scenarioText("", "  rate: ${env.TOKEN}"),
    scenarioText("", "  rate: 1/s\n  timeout: ${env.TOKEN}"),
    scenarioText("abort: ['${env.TOKEN}']"),
    scenarioText("evidence: ${env.TOKEN}"),
    scenarioText("allowHosts: ['${env.TOKEN}']"),
    scenarioText("vars: { a: '${env.TOKEN}' }\nseed: ${a}"),
    scenarioText().replace("http://127.0.0.1:3000", "http://${env.TOKEN}/"),
    scenarioText().replace("127.0.0.1:7000", "${env.TOKEN}"),
    scenarioText().replace("proxy: cache", "proxy: '${env.TOKEN}'"),
    scenarioText().replace("availability >= 99%", "'${env.TOKEN}'"),
    scenarioText("services: { a: { run: 'x', ready: '${env.TOKEN}' } }"),
    scenarioText("", "  rate: 1/s\n  tls: { ca: '${env.TOKEN}' }"),
    scenarioText("", "  rate: 1/s\n  data: { d: { file: '${env.TOKEN}' } }"),
    scenarioText(
      "",
      "  rate: 1/s\n  requests: [{ path: /, expect: { json: { $.a: 1, '${env.TOKEN}': 1 } } }]",
    ),
    scenarioText("", "  rate: 1/s\n  requests: [{ path: '${env.TOKEN}' }]"),
    scenarioText("", "  rate: 1/s\n  headers: { x: '${env.TOKEN}\u0001' }"),
  ];
  for (const text of places) {
    const { plan, diagnostics } = await checkText(text, { env });
    expect(plan, text).toBeNull();
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(JSON.stringify(diagnostics)).not.toMatch(/hunter2|s3cr3t|quoted/);
  }
});

test("the plan knows its secrets and the dry run masks them", async () => {
  const text = scenarioText(
    "services: { a: { run: 'x --token ${env.TOKEN}' } }",
    "  rate: ${env.RATE}",
  ).replace("name: Test", "name: With ${env.TOKEN}");
  const { plan } = await checkText(text, { env: { ...env, TOKEN: "hunter2-s3cr3t", RATE: "10/s" } });
  if (!plan) throw new Error("no plan");
  expect(plan.secrets).toEqual(["hunter2-s3cr3t", "10/s"]);
  expect(plan.services[0]?.command).toEqual(["x", "--token", "hunter2-s3cr3t"]);
  expect(dryRunText(plan)).toContain("With •••");
  expect(dryRunText(plan)).not.toContain("hunter2");
});

test("settings are no secrets: ports, counts, switches, very short values", () => {
  for (const setting of ["3000", "65535", "1", "true", "FALSE", "eu", "abc", ""])
    expect(isSecretWorthy(setting)).toBe(false);
  for (const secret of ["hunter2", "123456", "1234567890", "a-b-c", "none"])
    expect(isSecretWorthy(secret)).toBe(true);
});

test("a secret is found as it is, percent-encoded, form-encoded and inside JSON", () => {
  const forms = [
    SECRET,
    encodeURIComponent(SECRET),
    encodeURIComponent(SECRET).replaceAll("%20", "+"),
    JSON.stringify(SECRET),
  ];
  for (const form of forms) expect(redact(`before ${form} after`, [SECRET])).not.toMatch(/hunter2|s3cr3t/);
  expect(redact("a secret-longer b", ["secret", "secret-longer"])).toBe("a ••• b");
  expect(redactDeep({ a: [SECRET, 5, null], [SECRET]: { b: true } }, [SECRET])).toEqual({
    a: ["•••", 5, null],
    "•••": { b: true },
  });
});

test("a message that quotes a part of a secret loses that part", () => {
  expect(redactFragments("`hunter2-s3` is no metric", [SECRET])).toBe("`•••` is no metric");
  expect(redactFragments("expected a duration", [SECRET])).toBe("expected a duration");
});

test("nothing of a secret is left in any text, and other data keeps its shape", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, unit: "binary" }), fc.array(fc.string()), (secret, texts) => {
      fc.pre(!"•••".includes(secret));
      expect(redact(texts.join(secret), [secret]).includes(secret)).toBe(false);
      expect(JSON.parse(JSON.stringify(redactDeep({ texts, n: 1 }, [secret])))).toMatchObject({ n: 1 });
    }),
  );
});
