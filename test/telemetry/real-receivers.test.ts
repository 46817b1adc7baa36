/** What was sent is asked back of a real server that Debian has not, and is the same. `scripts/real-receivers.sh` builds it. */

import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { elasticsearchExporter } from "../../src/telemetry/elasticsearch/elasticsearch-exporter.js";
import { linesOf } from "../../src/telemetry/lines/lines.js";
import { startChild } from "../helpers/children/start-child.mjs";
import { temporaryFolder } from "../helpers/faultline.js";
import { answered } from "../helpers/real-prometheus.js";
import { buildRecord } from "../helpers/record-builder.js";
import { toldRun } from "../helpers/told-samples.js";

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "faultline-receivers", "bin");
const never = new AbortController().signal;
const SHOP = { scenario: "Shop", version: "1.2.3", folder: null } as const;

/** @returns the program. Skips the test where it is not there; in CI, where it has to be there, the test fails. */
function needed(context: TestContext, program: string): string {
  for (const folder of [CACHE, ...(process.env.PATH ?? "").split(delimiter)]) {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Another folder may have it.
    }
  }
  const how = `there is no ${program}: scripts/real-receivers.sh ${program}`;
  if (process.env.CI) throw new Error(how);
  return context.skip(how);
}

/** It ends with the test. Resolves once there is an answer at that URL. */
async function start(program: string, args: readonly string[], readyUrl: string): Promise<void> {
  const child = startChild(program, args, { stdio: "ignore" });
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  await answered(readyUrl);
}

const report = analyse(
  buildRecord({
    name: "Shop",
    ratePerS: 20,
    slos: ["p99 < 400ms"],
    phases: [
      { kind: "baseline", seconds: 30 },
      { kind: "fault", fault: "slow cache", seconds: 30, bad: { refused: 0.3 } },
      { kind: "recovery", fault: "slow cache", seconds: 30 },
    ],
  }),
);
const told = toldRun(report);

test("VictoriaLogs, which takes Elasticsearch's bulk API, gives back each document", async (context) => {
  const program = needed(context, "victoria-logs");
  const folder = join(await temporaryFolder(), "logs");
  await mkdir(folder);
  const base = `http://127.0.0.1:${await pickFreePort()}`;
  const address = base.slice("http://".length);
  await start(program, [`-httpListenAddr=${address}`, `-storageDataPath=${folder}`], `${base}/health`);
  const url = `${base}/insert/elasticsearch?_time_field=@timestamp&_msg_field=message`;
  const exporter = elasticsearchExporter({ kind: "elasticsearch", url, index: "chaos", headers: {} }, SHOP);
  await exporter.send(told, never);
  await fetch(`${base}/internal/force_flush`);
  const asked = new URLSearchParams({ query: '"faultline.scenario":Shop', limit: "1000" });
  const text = await (await fetch(`${base}/select/logsql/query?${asked}`)).text();
  const found = text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const { _time, _stream, _stream_id, ...fields } = JSON.parse(line);
      return canonical({ ...fields, "@timestamp": new Date(_time).toISOString() });
    });
  const sent = told
    .flatMap((each) => linesOf(each, "Shop"))
    .map(({ message, ...line }) =>
      canonical({ ...flat(line), ...(message === undefined ? {} : { _msg: String(message) }) }),
    );
  expect(sent.length).toBeGreaterThanOrEqual(15);
  expect(found.map((each) => each.replace(/"_msg":"missing _msg[^"]*",?/, "")).sort()).toEqual(sent.sort());
});

/** As it keeps them: names with dots, and texts. What is null is not there. */
function flat(value: object, prefix = ""): Readonly<Record<string, string>> {
  const entries = Object.entries(value).flatMap(([key, part]): readonly (readonly [string, string])[] => {
    if (part === null || part === undefined) return [];
    if (typeof part === "object") return Object.entries(flat(part, `${prefix}${key}.`));
    return [[`${prefix}${key}`, String(part)]];
  });
  return Object.fromEntries(entries);
}

/** JSON with its keys in order, without what stands for nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    const there = Object.entries(part).filter(
      ([, each]) => !["", 0, "0"].some((nothing) => nothing === each),
    );
    return Object.fromEntries(there.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
