import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, type TestContext, test } from "vitest";
import { closedModel, loadPlan, openModel, runLoad, totals } from "../../helpers/load-plans.js";
import { quoteCall, quotesMethod } from "../../helpers/protos.js";

const SERVER = fileURLToPath(new URL("../../fixtures/grpc-server.py", import.meta.url));

/** Debian's own is not always the first on PATH. */
const PYTHONS = ["python3", "/usr/bin/python3"];

/** A Python with gRPC. Skips the test without one. Where CI is set it has to be there. */
function grpcForPython(context: TestContext): string {
  const found = PYTHONS.find((python) => spawnSync(python, ["-c", "import grpc"]).status === 0);
  if (found !== undefined) return found;
  const how = "there is no gRPC for Python: apt-get install python3-grpcio";
  if (process.env.CI) throw new Error(how);
  return context.skip(how);
}

/** Runs `use` against the server. @returns what it printed at its end, beside what `use` came to. */
async function withServer<T>(
  python: string,
  use: (url: string) => Promise<T>,
): Promise<{ result: T; said: string }> {
  const server: ChildProcessWithoutNullStreams = spawn(python, [SERVER]);
  try {
    const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
    const { value: port } = await lines.next();
    const result = await use(`http://127.0.0.1:${port}`);
    server.stdin.end();
    const { value: said } = await lines.next();
    return { result, said: String(said) };
  } finally {
    if (server.exitCode === null && server.kill("SIGKILL")) await once(server, "close");
  }
}

test.for([["open", openModel(100, 5)] as const, ["closed", closedModel(4, 10)] as const])(
  "a server in Python counts as we do, and sees deadlines (%s model)",
  async ([, model], context) => {
    const python = grpcForPython(context);
    const priced = { statuses: [0], message: { "$.price": 5 }, metadata: {} };
    const listed = { statuses: [0], message: { "$.length": 3 }, metadata: {} };
    const requests = [
      { ...quoteCall({ expect: priced }), weight: 1 },
      { ...quoteCall({ name: "watch", method: quotesMethod("Watch"), expect: listed }), weight: 1 },
    ];
    const { result, said } = await withServer(python, (url) =>
      runLoad(
        loadPlan(url, model, { mix: { kind: "requests", requests }, timeoutMs: 5_000, pipelining: 20 }),
        600,
      ),
    );
    const { scheduled, ok } = totals(result.all);
    expect(ok, JSON.stringify(result.reasons)).toBe(scheduled);
    const [calls, mostLeftS] = said.split(" ").map(Number);
    const [gets, watches] = result.requests.map((series) => totals(series).scheduled);
    expect(calls).toBe((gets ?? 0) + 3 * (watches ?? 0));
    expect(mostLeftS).toBeGreaterThan(2);
    expect(mostLeftS).toBeLessThanOrEqual(5.01);
  },
);
