import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import type { TelemetrySpec } from "../../src/plan/telemetry/telemetry-spec.js";
import { RunTelemetry } from "../../src/telemetry/run-telemetry.js";
import { buildRecord } from "../helpers/record-builder.js";
import { checkText, scenarioText } from "../helpers/scenario-files.js";
import { BASELINE } from "../helpers/told-samples.js";

const file = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const pem = (name: string) => readFileSync(file(name), "utf8");
const report = analyse(
  buildRecord({ ratePerS: 20, slos: ["p99 < 400ms"], phases: [{ kind: "baseline", seconds: 30 }] }),
);

/** It asks each client for a certificate of its authority, and takes all that it is told. */
async function mutualServer() {
  const asked: string[] = [];
  const server = createServer(
    {
      key: pem("server.key"),
      cert: pem("server.pem"),
      ca: pem("ca.pem"),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      request.resume().on("end", () => response.end('{"errors":false,"items":[{"create":{"status":201}}]}'));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }; // it listens on TCP
}

const MUTUAL = `{ ca: ${file("ca.pem")}, cert: ${file("client.pem")}, key: ${file("client.key")} }`;

/** All kinds of receivers, as a scenario names them. */
async function specs(url: string, tls: string): Promise<readonly TelemetrySpec[]> {
  const more = (key: string) => `{ ${key}: "${url}"${tls === "" ? "" : `, tls: ${tls}`} }`;
  const { plan, diagnostics } = await checkText(
    scenarioText(`telemetry:
  remoteWrite: ${more("url")}
  otlp: ${more("endpoint")}
  pushgateway: ${more("url")}
  grafana: ${more("url")}
  elasticsearch: ${more("url")}
`),
  );
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return plan?.telemetry ?? [];
}

async function tell(all: readonly TelemetrySpec[]) {
  const run = { scenario: "Shop", version: "1.2.3", folder: null };
  const telemetry = await RunTelemetry.open({ specs: all, run, mask: (text) => text });
  telemetry.phase(BASELINE);
  return telemetry.finish(report);
}

test("each kind of receiver is told with an authority and a certificate of one's own", async () => {
  const { url, asked } = await mutualServer();
  for (const { exporter, dropped, trouble } of await tell(await specs(url, MUTUAL)))
    expect([exporter, dropped, trouble]).toEqual([exporter, 0, null]);
  expect(new Set(asked.map((each) => each.split("?")[0]))).toEqual(
    new Set([
      "POST /",
      "POST /v1/metrics",
      "POST /v1/traces",
      "PUT /metrics/job/faultline/scenario/Shop",
      "POST /api/annotations",
      "POST /_bulk",
    ]),
  );
});

test.each([
  ["nothing", "", "its certificate is of an authority that is not trusted"],
  [
    "an authority alone",
    `{ ca: ${file("ca.pem")} }`,
    "it asks for a client's certificate, and refuses this one or none",
  ],
  ["another name", MUTUAL.replace(" }", ", servername: other.test }"), "its certificate is for another name"],
])("a receiver that is spoken to with %s gets nothing, and the reason is told", async (_, tls, reason) => {
  const { url, asked } = await mutualServer();
  for (const { exporter, sent, trouble } of await tell(await specs(url, tls)))
    expect([exporter, sent, trouble]).toEqual([
      exporter,
      0,
      { id: "no_answer", facts: { reason: expect.stringContaining(reason) } },
    ]);
  expect(asked).toEqual([]);
});
