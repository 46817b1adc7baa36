import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { TelemetrySpec } from "../../src/plan/telemetry/telemetry-spec.js";
import { redact } from "../../src/support/redact.js";
import { RunTelemetry } from "../../src/telemetry/run-telemetry.js";
import { BASELINE } from "../helpers/told-samples.js";

const TOKEN = "correct-horse-battery-staple";
const secrets = [TOKEN];

/** What a run tells of a receiver with this answer. */
async function said(kind: "remoteWrite" | "otlp" | "elasticsearch", status: number, answer: string) {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(status).end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const url = `http://127.0.0.1:${port}`;
  const specs: Record<typeof kind, TelemetrySpec> = {
    remoteWrite: { kind: "remoteWrite", url, headers: {}, labels: {} },
    otlp: { kind: "otlp", url, headers: {} },
    elasticsearch: { kind: "elasticsearch", url, index: "chaos", headers: {} },
  };
  const telemetry = await RunTelemetry.open({
    specs: [specs[kind]],
    run: { scenario: "Shop", version: "1.2.3", folder: null },
    mask: (text) => redact(text, secrets),
  });
  telemetry.phase(BASELINE);
  const [first] = await telemetry.finish(null);
  return first?.trouble;
}

/** The token lies across the place where words are cut. */
const words = `${"x".repeat(290)}${TOKEN} and more`;

test.each([
  ["remoteWrite", 400, words],
  ["otlp", 200, JSON.stringify({ partialSuccess: { rejectedDataPoints: "1", errorMessage: words } })],
  [
    "elasticsearch",
    200,
    JSON.stringify({ errors: true, items: [{ create: { status: 400, error: words } }] }),
  ],
] as const)(
  "a secret that a receiver says is masked as a whole before its words are cut: %s",
  async (kind, status, answer) => {
    const trouble = await said(kind, status, answer);
    expect(trouble?.id).toBe("refused");
    expect(trouble?.facts.said).toBe(`${"x".repeat(290)}••• and mo`);
  },
);

test("what a receiver says is one line", async () => {
  expect((await said("remoteWrite", 400, " out of order\n\u001b[31msample\n"))?.facts).toEqual({
    status: 400,
    said: "out of order sample",
  });
});

test("a collector that says more than is read has not taken it", async () => {
  const long = { partialSuccess: { rejectedDataPoints: "1", errorMessage: "no ".repeat(100_000) } };
  expect(await said("otlp", 200, JSON.stringify(long))).toEqual({ id: "unreadable", facts: { status: 200 } });
  // Many answer nothing, or a word.
  for (const answer of ["", "{}", "ok"]) expect(await said("otlp", 200, answer)).toBe(null);
});
