import { expect, test } from "vitest";
import { dryRunText } from "../../../src/plan/dry-run-text.js";
import { isSecretName, isSecretWorthy, secretsIn } from "../../../src/scenario/values/secrets.js";
import { redactFragments } from "../../../src/support/redact.js";
import { checkText, scenarioText } from "../../helpers/scenario-files.js";

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
  expect(plan.secrets).toEqual(["hunter2-s3cr3t"]);
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

test("a short value is a secret where the name says so and it is no word", () => {
  expect(isSecretWorthy("a;b", "DB_PASSWORD")).toBe(true);
  for (const value of ["a;b", "abc", "1", "no"]) expect(isSecretWorthy(value)).toBe(false);
  for (const value of ["abc", "123", "1", "no", "true"])
    expect(isSecretWorthy(value, "DB_PASSWORD")).toBe(false);
});

test("what a scenario is written with is no secret either: its words, quantities and this machine's addresses", () => {
  const words = ["http", "observed", "poisson", "POST", "upstream", "latency"];
  const quantities = ["10/s", "500ms", "1m30s", "30%", "64KB", "1Mbit/s", "1.5MiB", "0ms..2s", "3x"];
  const addresses = ["localhost", "127.0.0.1:3000", "http://localhost:8080/", "[::1]:6379"];
  for (const setting of [...words, ...quantities, ...addresses]) {
    expect(isSecretWorthy(setting), setting).toBe(false);
  }
  for (const secret of ["10.example/s", "http://shop.internal:3000", "1a2b3c4d", "5 of them"]) {
    expect(isSecretWorthy(secret), secret).toBe(true);
  }
});

test("secrets that services inherit are known by their variables' names, and passwords in URLs by where they stand", () => {
  const telling = [
    "NPM_TOKEN",
    "PGPASSWORD",
    "client_secret",
    "DB_PASS",
    "oauthToken",
    "AWS_SECRET_ACCESS_KEY",
  ];
  for (const name of [...telling, "MYSQL_PWD", "REDISCLI_AUTH", "_authToken"]) {
    expect(isSecretName(name), name).toBe(true);
  }
  for (const name of [
    "PWD",
    "OLDPWD",
    "BYPASS",
    "TOKEN_URL",
    "PASSWORD_FILE",
    "SECRETARY",
    "AUTHOR",
    "HOME",
  ]) {
    expect(isSecretName(name), name).toBe(false);
  }
  const inherited = secretsIn({
    NPM_TOKEN: "npm-abc123",
    API_TOKEN: "true",
    PIN_TOKEN: "12",
    SORT_KEY: "created_at",
    SSL_KEY: "/etc/ssl/private/server.key",
    STRIPE_KEY: "sk-live-4eC39Hq",
    DATABASE_URL: "postgres://shop:p%40ssw0rd@db.internal/shop",
    HOME: "/home/somebody",
    PUBLISH: `ghp_${"a1B2".repeat(9)}`,
  });
  expect(inherited).toEqual([
    "npm-abc123",
    "sk-live-4eC39Hq",
    "p%40ssw0rd",
    "p@ssw0rd",
    `ghp_${"a1B2".repeat(9)}`,
  ]);
});

test("what comes from outside is hidden, by --var, too; what the scenario itself says is not", async () => {
  const text = scenarioText("vars: { who: nobody, where: x }\nhypothesis: ${who} in ${where} ${env.KIND}");
  const { plan } = await checkText(text, {
    env: { KIND: "cache", DB_PASSWORD: "postgres-pw", OTHER_PASSWORD: "availability" },
    vars: ["who=ann-lee-77", "where=30%"],
  });
  if (!plan) throw new Error("no plan");
  // The proxy is called cache, and an SLO begins with availability.
  expect(plan.secrets).toEqual(["ann-lee-77", "postgres-pw"]);
  expect(dryRunText(plan)).toContain("••• in 30% cache");
});

test("a complaint about a --var shows its value no more than a complaint about the scenario", async () => {
  const text = scenarioText("vars: { token: '1/s' }", "  rate: ${token}");
  const { diagnostics } = await checkText(text, { env: {}, vars: ["token=hunter2-s3cr3t"] });
  expect(diagnostics.length).toBeGreaterThan(0);
  expect(JSON.stringify(diagnostics)).not.toMatch(/hunter2|s3cr3t/);
});

test("a message that quotes a part of a secret loses that part", () => {
  expect(redactFragments("`hunter2-s3` is no metric", [SECRET])).toBe("`•••` is no metric");
  expect(redactFragments("expected a duration", [SECRET])).toBe("expected a duration");
});
