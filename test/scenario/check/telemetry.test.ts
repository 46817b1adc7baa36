import { expect, test } from "vitest";
import { dryRunText } from "../../../src/plan/dry-run-text.js";
import type { TelemetrySpec } from "../../../src/plan/telemetry/telemetry-spec.js";
import { gaugesOf } from "../../../src/report/shown/gauges.js";
import { seriesOf } from "../../../src/telemetry/remote-write/series.js";
import { runWithAllGauges } from "../../helpers/run-with-all-gauges.js";
import { checkText, scenarioText } from "../../helpers/scenario-files.js";

const LINE = 12;

const check = (telemetry: string, options: Parameters<typeof checkText>[1] = {}) =>
  checkText(scenarioText(`telemetry:\n  ${telemetry}\n`), options);

async function specs(telemetry: string): Promise<readonly TelemetrySpec[]> {
  const { plan, diagnostics } = await check(telemetry, { env: { TOKEN: "s3cret-t0ken" } });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return plan?.telemetry ?? [];
}

test.each([
  ["remoteWrite: 9090", `${LINE}:16 telemetry.remoteWrite: expected a URL, or a map with \`url\``],
  ["remoteWrite: ftp://127.0.0.1/", `${LINE}:16 expected an http:// or https:// URL`],
  ["remoteWrite: http://example.com/api/v1/write", `${LINE}:16 example.com is not this machine`],
  ["remoteWrite: { url: http://10.1.2.3/write }", `${LINE}:23 10.1.2.3 is not this machine`],
  ["remoteWrite: http://u:p@127.0.0.1/write", `${LINE}:16 a URL with a user name or password`],
  [
    "remoteWrite: http://127.0.0.1:${services.prometheus.port}/w",
    `${LINE}:33 \`\${services.prometheus.port}\``,
  ],
  ["remoteWrite: { labels: { team: shop } }", `${LINE}:3 \`url\` is missing in telemetry.remoteWrite`],
  ["remoteWrite: { url: http://127.0.0.1/w, every: 1s }", `${LINE}:43 unknown key \`every\``],
  [
    "remoteWrite: { url: http://127.0.0.1/w, headers: { Authorization: Bearer abc } }",
    `${LINE}:69 \`Authorization\` is a secret`,
  ],
  [
    "remoteWrite: { url: http://127.0.0.1/w, headers: { x-api-key: abc } }",
    `${LINE}:65 \`x-api-key\` is a secret`,
  ],
  [
    "remoteWrite: { url: http://127.0.0.1/w, labels: { phase: night } }",
    `${LINE}:53 \`phase\` is a label of faultline's own`,
  ],
  [
    "remoteWrite: { url: http://127.0.0.1/w, labels: { my-team: shop } }",
    `${LINE}:53 \`my-team\`: expected a label of Prometheus`,
  ],
  ["otlp: { endpoint: http://example.com:4318 }", `${LINE}:21 example.com is not this machine`],
  ["otlp: http://10.1.2.3:4318", `${LINE}:9 10.1.2.3 is not this machine`],
  [
    "otlp: { endpoint: http://127.0.0.1:4318, headers: { authorization: Basic eA== } }",
    `${LINE}:70 \`authorization\` is a secret`,
  ],
  ["otlp: { endpoint: http://127.0.0.1:4318, traces: all }", `${LINE}:44 unknown key \`traces\``],
  ["pushgateway: http://10.1.2.3:9091", `${LINE}:16 10.1.2.3 is not this machine`],
  ["pushgateway: { labels: { team: shop } }", `${LINE}:3 \`url\` is missing in telemetry.pushgateway`],
  [
    "pushgateway: { url: http://127.0.0.1:9091, labels: { scenario: x } }",
    `${LINE}:56 \`scenario\` is a label of faultline's own`,
  ],
  [
    "pushgateway: { url: http://127.0.0.1:9091, headers: { authorization: Basic eA== } }",
    `${LINE}:72 \`authorization\` is a secret`,
  ],
  [
    "otlp: { endpoint: http://127.0.0.1:4318, tls: { verify: false } }",
    `${LINE}:44 \`tls\` needs an https:// URL`,
  ],
  [
    "grafana: { url: https://127.0.0.1:3000, tls: { cert: client.pem } }",
    `${LINE}:50 \`cert\` and \`key\` belong together`,
  ],
  [
    "elasticsearch: { url: https://127.0.0.1:9200, tls: { ca: nowhere.pem } }",
    `${LINE}:60 cannot read nowhere.pem`,
  ],
  ["grafana: http://10.1.2.3:3000", `${LINE}:12 10.1.2.3 is not this machine`],
  ["elasticsearch: { url: http://10.1.2.3:9200 }", `${LINE}:25 10.1.2.3 is not this machine`],
  ["elasticsearch: { url: http://127.0.0.1:9200, index: Chaos/x }", `${LINE}:55 telemetry.elasticsearch`],
  ["jsonLines: run.jsonl", `${LINE}:14 telemetry.jsonLines: expected true or false`],
  ["prometheus: http://127.0.0.1/w", `${LINE}:3 unknown key \`prometheus\``],
])("%s is refused at its place", async (telemetry, message) => {
  const { diagnostics } = await check(telemetry);
  const [first] = diagnostics.filter(({ severity }) => severity === "error");
  expect(`${first?.line}:${first?.column} ${first?.message}`).toContain(message);
});

test.each([
  'x-api-key: "abc$${x"',
  "x-honeycomb-team: abc",
  "Lightstep-Access-Token: abc",
  "dd-api-key: abc",
  "x-sf-key: abc",
  "X-ApiKey-Write: abc",
  'authorization: "Bearer ${t}"',
  'authorization: "Bearer ${env.TOKEN:-s3cret}"',
])("a header that opens the server has to come from the environment: %s", async (header) => {
  const { diagnostics } = await check(
    `otlp: { endpoint: http://127.0.0.1:4318, headers: { ${header} } }\nvars: { t: s3cret }`,
    {
      env: { TOKEN: "Qx7-Zp9-Wv3" },
    },
  );
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  expect(errors.map(({ message }) => message)).toEqual([
    `\`${header.split(":")[0]}\` is a secret, and would stand in the file for everybody to read`,
  ]);
});

test.each(['"Bearer ${env.TOKEN}"', '"${ env.TOKEN }"', '"${env.TOKEN:-}"'])(
  "%s comes from the environment",
  async (value) => {
    const headers = `{ x-honeycomb-team: ${value}, x-tenant: shop }`;
    expect(await specs(`otlp: { endpoint: "http://127.0.0.1:4318", headers: ${headers} }`)).toHaveLength(1);
  },
);

test("no label of all series may take the place of one that a run gives a series itself", async () => {
  const { report, told } = runWithAllGauges();
  const gauges = gaugesOf(report);
  expect(gauges.filter(({ samples }) => samples.length === 0).map(({ name }) => name)).toEqual([]);
  const series = seriesOf(told, "Shop", {});
  const own = new Set(
    [...series.flatMap(({ labels }) => labels.map(([name]) => name)), "trial"].filter(
      // Two machines may have jobs of their own.
      (name) => name !== "__name__" && name !== "job",
    ),
  );
  expect(own.size).toBeGreaterThan(10);
  for (const name of own) {
    const { diagnostics } = await check(`remoteWrite: { url: http://127.0.0.1/w, labels: { ${name}: x } }`);
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    expect(errors.map(({ message }) => message)).toEqual([`\`${name}\` is a label of faultline's own`]);
  }
});

test("a URL is enough; a map has headers and labels", async () => {
  const url = "http://127.0.0.1:9090/api/v1/write";
  expect(await specs(`remoteWrite: ${url}`)).toEqual([{ kind: "remoteWrite", url, headers: {}, labels: {} }]);
  const map = `{ url: "${url}", headers: { authorization: "Bearer \${env.TOKEN}" }, labels: { team: shop } }`;
  expect(await specs(`remoteWrite: ${map}`)).toEqual([
    { kind: "remoteWrite", url, headers: { authorization: "Bearer s3cret-t0ken" }, labels: { team: "shop" } },
  ]);
});

test("a collector is named by its URL, or in a map beside its headers", async () => {
  const url = "http://127.0.0.1:4318";
  expect(await specs(`otlp: ${url}`)).toEqual([{ kind: "otlp", url, headers: {} }]);
  expect(await specs(`otlp: { endpoint: "${url}", metrics: false }`)).toEqual([
    { kind: "otlp", url, headers: {}, metrics: false },
  ]);
  expect(await specs(`otlp: { endpoint: "${url}", headers: { x-tenant: shop } }`)).toEqual([
    { kind: "otlp", url, headers: { "x-tenant": "shop" } },
  ]);
});

test("a Pushgateway is named by its URL, or in a map with labels", async () => {
  const url = "http://127.0.0.1:9091";
  expect(await specs(`pushgateway: ${url}`)).toEqual([{ kind: "pushgateway", url, headers: {}, labels: {} }]);
  expect(await specs(`pushgateway: { url: "${url}", labels: { team: shop } }`)).toEqual([
    { kind: "pushgateway", url, headers: {}, labels: { team: "shop" } },
  ]);
});

test("annotations, documents and lines are asked for in a word", async () => {
  const url = "http://127.0.0.1:3000";
  expect(await specs(`grafana: ${url}\n  elasticsearch: ${url}\n  jsonLines: true`)).toEqual([
    { kind: "grafana", url, headers: {} },
    { kind: "elasticsearch", url, index: "faultline", headers: {} },
    { kind: "jsonLines" },
  ]);
  expect(await specs("jsonLines: false")).toEqual([]);
});

test("a scenario that is not trusted sends to no host of its own choice", async () => {
  const telemetry = "remoteWrite: http://metrics.example.com/w\nallowHosts: [metrics.example.com]";
  const untrusted = { folders: [], run: [], shell: [], env: [], sockets: [], docker: [] };
  expect((await check(telemetry)).plan?.telemetry).toHaveLength(1);
  expect((await check(telemetry, { untrusted })).plan).toBe(null);
  const granted = { untrusted, allowHosts: ["metrics.example.com"] };
  expect((await check(telemetry, granted)).plan?.telemetry).toHaveLength(1);
});

test("--dry-run says where it will go, without what may be a key", async () => {
  const telemetry = "remoteWrite: http://127.0.0.1:9090/${env.TENANT_TOKEN}/write?key=abc";
  const { plan } = await check(telemetry, { env: { TENANT_TOKEN: "s3cret-t0ken" } });
  expect(plan && dryRunText(plan)).toContain("Telemetry by remoteWrite to http://127.0.0.1:9090/•••/write\n");
});
