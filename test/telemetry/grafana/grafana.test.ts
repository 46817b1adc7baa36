import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { grafanaExporter } from "../../../src/telemetry/grafana/grafana-exporter.js";
import { buildRecord } from "../../helpers/record-builder.js";
import { toldRun } from "../../helpers/told-samples.js";

interface Annotation {
  readonly time: number;
  readonly timeEnd?: number;
  readonly tags: readonly string[];
  readonly text: string;
}

/** The part of Grafana's API of annotations that is used, as its documentation has it. */
async function grafanaDouble({ refusesBegins = false } = {}) {
  const annotations: Annotation[] = [];
  const tokens = new Set<string | undefined>();
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      tokens.add(request.headers.authorization);
      const sent = JSON.parse(body);
      const id = Number(/^\/api\/annotations\/(\d+)$/.exec(request.url ?? "")?.[1] ?? Number.NaN);
      const known = annotations[id - 1];
      const answer = (status: number, data: object) => response.writeHead(status).end(JSON.stringify(data));
      if (request.method === "POST" && request.url === "/api/annotations") {
        if (refusesBegins && sent.timeEnd === undefined) return answer(400, { message: "no" });
        if (!Number.isInteger(sent.time) || typeof sent.text !== "string") return answer(400, {});
        annotations.push(sent);
        return answer(200, { message: "Annotation added", id: annotations.length });
      }
      if (request.method !== "PATCH" || !known) return answer(404, { message: "Not found" });
      annotations[id - 1] = { ...known, ...sent };
      return answer(200, { message: "Annotation patched" });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { url: `http://127.0.0.1:${port}/`, annotations, tokens };
}

const report = analyse(
  buildRecord({ ratePerS: 20, slos: ["p99 < 400ms"], phases: [{ kind: "baseline", seconds: 30 }] }),
);
const told = toldRun(report);

async function sendAll(url: string): Promise<void> {
  const headers = { authorization: "Bearer abc" };
  const exporter = grafanaExporter(
    { kind: "grafana", url, headers },
    { scenario: "Shop", version: "1.2.3", folder: null },
  );
  for (const each of told) {
    if (!exporter.sends.includes(each.kind)) continue;
    await exporter.send([each], new AbortController().signal).catch(() => {});
  }
}

const timesOf = (kind: string) =>
  ["phase_begun", "phase_over"].map(
    (state) => told.find((each) => each.kind === state && "phase" in each && each.phase.kind === kind)?.atMs,
  );

test("each phase is a region in Grafana, with its fault, and the verdict stands at the end", async () => {
  const { url, annotations, tokens } = await grafanaDouble();
  await sendAll(url);
  const [begunMs, overMs] = timesOf("baseline");
  const [faultMs, faultOverMs] = timesOf("fault");
  expect(annotations).toEqual([
    {
      time: begunMs,
      timeEnd: overMs,
      tags: ["faultline", "scenario:Shop", "phase:baseline"],
      text: "baseline",
    },
    {
      time: faultMs,
      timeEnd: faultOverMs,
      tags: ["faultline", "scenario:Shop", "phase:fault", 'fault:cache "slow"'],
      text: 'fault: cache "slow"',
    },
    {
      time: told.at(-1)?.atMs,
      tags: ["faultline", "scenario:Shop", `verdict:${report.verdict}`],
      text: `${report.verdict}: ${report.reason}`,
    },
  ]);
  expect([...tokens]).toEqual(["Bearer abc"]);
});

test("a phase whose begin was not taken is there as a whole when it is over", async () => {
  const { url, annotations } = await grafanaDouble({ refusesBegins: true });
  await sendAll(url);
  const [begunMs, overMs] = timesOf("baseline");
  expect(annotations[0]).toMatchObject({ time: begunMs, timeEnd: overMs, text: "baseline" });
  expect(annotations).toHaveLength(2);
});
