import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import type { Report } from "../../../src/analysis/document/report.js";
import type { PushgatewaySpec } from "../../../src/plan/telemetry/telemetry-spec.js";
import { toPrometheusText } from "../../../src/report/formats/prometheus.js";
import { pickFreePort } from "../../../src/run/reach/local-port.js";
import { ExportQueue } from "../../../src/telemetry/export-queue.js";
import { pushgatewayExporter } from "../../../src/telemetry/pushgateway/pushgateway-exporter.js";
import { startChild } from "../../helpers/children/start-child.mjs";
import { answered } from "../../helpers/real-prometheus.js";
import { buildRecord } from "../../helpers/record-builder.js";
import { needsServer } from "../../helpers/shipped-scenario.js";
import { toldRun } from "../../helpers/told-samples.js";

function reportOf(name: string, fault: string): Report {
  return analyse(
    buildRecord({
      name,
      ratePerS: 20,
      slos: ["p99 < 400ms"],
      phases: [
        { kind: "baseline", seconds: 30 },
        { kind: "fault", fault, seconds: 30, bad: { refused: 0.3 } },
      ],
    }),
  );
}

/** It ends with the test. */
async function startPushgateway(): Promise<string> {
  const address = `127.0.0.1:${await pickFreePort()}`;
  const child = startChild("prometheus-pushgateway", [`--web.listen-address=${address}`], {
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  await answered(`http://${address}/-/ready`);
  return `http://${address}`;
}

/** All that a run tells, as a run tells it. */
async function tell(url: string, report: Report, more: Partial<PushgatewaySpec> = {}) {
  const scenario = report.scenario.name;
  const spec = { kind: "pushgateway", url, headers: {}, labels: {}, ...more } as const;
  const queue = new ExportQueue(pushgatewayExporter(spec, { scenario, version: "1.2.3", folder: null }));
  for (const each of toldRun(report)) queue.add(each);
  return queue.finish(5_000);
}

/** Its own series left out. The names and labels of each, with its value. */
async function held(url: string): Promise<ReadonlyMap<string, string>> {
  const page = await (await fetch(`${url}/metrics`)).text();
  return new Map(seriesIn(page));
}

function seriesIn(page: string): readonly (readonly [string, string])[] {
  return page.split("\n").flatMap((line) => {
    const [, name = "", labels = "", value = ""] = /^(faultline_\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (name === "") return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([pair]) => pair);
    // An empty label is none.
    const there = pairs.filter((pair) => !pair.endsWith('=""') && pair !== 'instance=""');
    return [[`${name}{${there.sort().join()}}`, String(Number(value.replace("Inf", "Infinity")))] as const];
  });
}

const SHOP = reportOf('Shop: "größer" / a+b', "slow cache");
const OTHER = reportOf("other", "slow cache");

test("a real Pushgateway gives back the results under job and scenario, until those of the next run replace them", async (context) => {
  needsServer(context, "prometheus-pushgateway", "prometheus-pushgateway");
  const url = await startPushgateway();
  const taken = { sent: 1, dropped: 0, trouble: null };
  expect(await tell(url, SHOP, { labels: { team: "night" } })).toEqual(taken);
  expect(await tell(`${url}/`, OTHER)).toEqual(taken);

  const wanted = (report: Report, more: readonly string[]) =>
    seriesIn(toPrometheusText(report)).map(([series, value]) => {
      const [name = "", labels = ""] = series.slice(0, -1).split(/\{(.*)/s);
      return [`${name}{${[...labels.split(/,(?=\w+=")/), ...more].sort().join()}}`, value] as const;
    });
  const shop = wanted(SHOP, ['job="faultline"', 'team="night"']);
  const other = wanted(OTHER, ['job="faultline"']);
  expect(shop.length).toBeGreaterThan(20);
  expect(await held(url)).toEqual(new Map([...shop, ...other]));

  // What the next run no longer has is gone. Another scenario's results stay, and so do these when no run follows.
  const next = reportOf(SHOP.scenario.name, "cache cut off");
  expect(await tell(url, next, { labels: { team: "night" } })).toEqual(taken);
  expect(await held(url)).toEqual(new Map([...wanted(next, ['job="faultline"', 'team="night"']), ...other]));
});

test("a Pushgateway that refuses is told, in its own words", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    request
      .resume()
      .on("end", () => response.writeHead(400).end("pushed metrics are invalid or inconsistent"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const spec = { headers: { authorization: "Basic abc" }, labels: { job: "nightly", zone: "a.b" } };
  const tally = await tell(`http://127.0.0.1:${port}/push?tenant=a`, OTHER, spec);
  expect(tally).toMatchObject({
    sent: 0,
    dropped: 1,
    trouble: { id: "refused", facts: { status: 400, said: "pushed metrics are invalid or inconsistent" } },
  });
  expect(asked).toEqual(["PUT /push/metrics/job/nightly/scenario/other/zone@base64/YS5i?tenant=a Basic abc"]);
});
