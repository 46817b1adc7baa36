import { expect, test } from "vitest";
import { ReporterAudience } from "../../src/app/reporter-audience.js";
import type { ReportedRun, Reporter } from "../../src/report/reporter.js";
import { buildRecord } from "../helpers/record-builder.js";

const RUN: ReportedRun = { name: "Shop", file: "shop.yaml", folder: null, lineOf: () => null };

function audienceOf(...reporters: readonly Reporter[]) {
  const failures: string[] = [];
  const audience = new ReporterAudience({
    reporters,
    run: RUN,
    mask: (text) => text.replaceAll("hunter2", "•••"),
    onFailure: (reporter, error) => failures.push(`${reporter.name}: ${String(error)}`),
  });
  return { audience, observer: audience.observer(), failures };
}

test("a reporter hears of a run from its start to its end, each time with the run, and of no secret", async () => {
  const heard: unknown[] = [];
  const note = (hook: string) => (value: unknown, run: ReportedRun) => {
    heard.push([hook, value]);
    expect(run).toBe(RUN);
  };
  const { audience, observer, failures } = audienceOf({
    name: "notes",
    start: (run) => void heard.push(["start", run.name]),
    begun: note("begun"),
    status: note("status"),
    phase: note("phase"),
    event: note("event"),
    phaseEnd: note("phaseEnd"),
    end: note("end"),
  });
  const [record] = buildRecord({ slos: [], phases: [{ kind: "baseline", seconds: 3 }] }).phases;
  if (!record) throw new Error("no phase was built");
  const ids = { id: record.id, kind: "fault", fault: "slow hunter2" } as const;
  await audience.start();
  const inProgress = { recordSoFar: () => null, signalsNow: async () => [], note: () => {} };
  observer.begun?.(inProgress);
  observer.status?.("starting hunter2");
  observer.phaseStarted?.({ ...ids, trial: "latency 10 ms on hunter2", plannedMs: 3_000 });
  observer.event?.({ atS: 1, kind: "warning", text: "late" });
  observer.phaseEnded?.({ ...record, ...ids });
  await audience.end(null);
  expect(failures).toEqual([]);
  const shown = { id: record.id, kind: "fault", fault: "slow •••", trial: "latency 10 ms on •••" };
  const scheduled = record.all.scheduled.reduce((a, b) => a + b, 0);
  expect(heard).toEqual([
    ["start", "Shop"],
    ["begun", inProgress],
    ["status", "starting •••"],
    ["phase", { ...shown, plannedMs: 3_000 }],
    ["event", { atS: 1, kind: "warning", text: "late" }],
    ["phaseEnd", { ...shown, requests: expect.objectContaining({ scheduled, ok: scheduled, timeout: 0 }) }],
    ["end", null],
  ]);
});

test("a reporter that throws is told of once, and keeps neither the run nor other reporters from going on", async () => {
  const heard: string[] = [];
  const broken: Reporter = {
    name: "broken",
    status: () => {
      throw new Error("no screen");
    },
    end: async () => {
      throw new Error("no disk");
    },
  };
  const { audience, observer, failures } = audienceOf(broken, {
    name: "whole",
    status: (text) => void heard.push(text),
    end: () => void heard.push("end"),
  });
  observer.status?.("starting shop");
  observer.status?.("checking");
  await audience.end(null);
  expect(failures).toEqual(["broken: Error: no screen"]);
  expect(heard).toEqual(["starting shop", "checking", "end"]);
});
