import type { LatencySummary, PhaseReport, Report } from "../../analysis/document/report.js";
import { telemetrySentence } from "../../analysis/wording/telemetry-sentences.js";
import { lostWorkerSentence, workerClockText } from "../../analysis/wording/worker-sentences.js";
import { sampleFor } from "../../measure/answer-samples.js";
import { OUTCOMES, type Outcome } from "../../measure/outcome.js";
import type { WorkerRecord } from "../../measure/workers/worker-record.js";
import { countOf } from "../../support/count-of.js";
import {
  formatClock,
  formatCount,
  formatMs,
  formatRate,
  formatSeconds,
  formatValue,
  NOTHING,
} from "../../support/format.js";
import { degradedCells, tellsDegraded } from "../shown/degraded-cells.js";
import { FAILURE_HEAD, failureCells, tellsFailureTimes } from "../shown/failure-times.js";
import { redirectsCell, tellsRedirects } from "../shown/redirects.js";
import { beyondTimeoutNote } from "../shown/run-in-words.js";
import { signalRows } from "../shown/signal-rows.js";
import { timedRows } from "../shown/timed-rows.js";
import { traceRows } from "../shown/trace-rows.js";
import { OUTCOME_WORDS } from "../shown/verdict-words.js";
import { type Markup, markup, prose } from "./markup.js";

/** For a closer look: every phase in numbers, events, services, surroundings, and how to read it all. */
export function renderDetails(report: Report): Markup {
  return markup`
<section aria-labelledby="details-title">
  <h2 id="details-title">Details</h2>
  ${fold("Phases in numbers", markup`${renderPhases(report)}${latencyNote(report)}`)}
  ${fold("Load generator and machine", renderMachine(report))}${report.workers ? fold("Workers", renderWorkers(report.workers)) : null}
  ${report.phases.some((phase) => phase.perRequest.length > 1) ? fold("Each request in numbers", markup`${renderRequests(report)}${latencyNote(report)}`) : null}
  ${timedRows(report).length > 0 ? fold("Journeys and waits in numbers", markup`${renderTimed(report)}${latencyNote(report)}`) : null}
  ${report.phases.some(({ signals = [] }) => signals.length > 0) ? fold("Signals in numbers", renderSignals(report)) : null}
  ${report.phases.some((phase) => Object.keys(phase.reasons).length > 0) ? fold("Why requests failed", renderReasons(report)) : null}${report.phases.some(({ traces = [] }) => traces.length > 0) ? fold("Traces of failed and slow requests", renderTraces(report)) : null}
  ${report.events.length > 0 ? fold("Events", renderEvents(report)) : null}
  ${report.services.map((service) =>
    fold(
      `Service ${service.name}${service.exit === null ? "" : `: ${service.exit}`}`,
      markup`<pre tabindex="0">${service.outputTail || "(no output)"}</pre>`,
    ),
  )}
  ${fold("Surroundings", renderEnvironment(report))}
  ${fold("How to read this report", renderMethod(report))}
</section>
<footer>${report.tool.name} ${report.tool.version}</footer>`;
}

function fold(title: string, content: Markup): Markup {
  return markup`<details class="fold"><summary>${title}</summary>${content}</details>`;
}

function latencyNote(report: Report): Markup | null {
  const note = beyondTimeoutNote(report);
  return note === null ? null : markup`<p class="hint">${note}</p>`;
}

const LATENCIES = [
  "p50",
  "p90",
  "p95",
  "p99",
  "p999",
  "max",
] as const satisfies readonly (keyof LatencySummary)[];

function table(caption: string, head: readonly string[], rows: readonly Markup[]): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="dense"><thead><tr>${head.map(
    (title, index) =>
      index === 0 ? markup`<th scope="col">${title}</th>` : markup`<th scope="col" class="n">${title}</th>`,
  )}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

type Counted = Pick<
  PhaseReport,
  "requests" | "latencyMs" | "availability" | "throughputPerS" | "degraded" | "redirects" | "timeToFailure"
>;

/** Outcomes that never happened in the run take no room. */
function happened({ phases }: Report): readonly Outcome[] {
  return OUTCOMES.filter(
    (outcome) => outcome === "ok" || phases.some(({ requests }) => requests[outcome] > 0),
  );
}

function countedHead(report: Report): readonly string[] {
  return [
    "due",
    ...happened(report).map((outcome) => OUTCOME_WORDS[outcome]),
    "available",
    "good",
    ...LATENCIES.map((quantile) => (quantile === "p999" ? "p99.9" : quantile)),
    ...(tellsDegraded(report) ? ["degraded", "p99 of these"] : []),
    ...(tellsRedirects(report) ? ["redirects"] : []),
    ...(tellsFailureTimes(report) ? FAILURE_HEAD : []),
  ];
}

function countedCells(report: Report, counted: Counted): Markup {
  const { requests, latencyMs, availability, throughputPerS, degraded } = counted;
  const cells = [
    formatCount(requests.scheduled),
    ...happened(report).map((outcome) => formatCount(requests[outcome])),
    formatValue(availability, "ratio"),
    formatRate(throughputPerS),
    ...LATENCIES.map((quantile) => formatValue(latencyMs[quantile], "ms")),
    ...(tellsDegraded(report) ? degradedCells({ degraded }) : []),
    ...(tellsRedirects(report) ? [redirectsCell(counted)] : []),
    ...(tellsFailureTimes(report) ? failureCells(counted) : []),
  ];
  return markup`${cells.map((cell) => markup`<td class="n">${cell}</td>`)}`;
}

function phaseName(phase: PhaseReport): string {
  return phase.fault === null ? phase.kind : `${phase.kind}: ${phase.fault}`;
}

function renderPhases(report: Report): Markup {
  return table(
    "Phases in numbers",
    ["phase", "from", "for", ...countedHead(report)],
    report.phases.map(
      (
        phase,
      ) => markup`<tr><th scope="row">${phaseName(phase)}${phase.invalid === null ? null : markup`<br><small>invalid</small>`}</th>
      <td class="n">${formatClock(phase.startS)}</td><td class="n">${formatSeconds(phase.durationS)}</td>${countedCells(report, phase)}</tr>`,
    ),
  );
}

/** What may have disturbed the measurement. */
function renderMachine(report: Report): Markup {
  return table(
    "Load generator and machine",
    ["phase", "the generator's own lateness, p99", "machine busy", "CPU time taken by its host"],
    report.phases.map((phase) => {
      const cells = [
        phase.late.p99Ms === null ? NOTHING : formatMs(phase.late.p99Ms),
        formatValue(phase.machine?.busy ?? null, "ratio"),
        formatValue(phase.machine?.stolen ?? null, "ratio"),
      ];
      return markup`<tr><th scope="row">${phaseName(phase)}</th>${cells.map((cell) => markup`<td class="n">${cell}</td>`)}</tr>`;
    }),
  );
}

/** Of more workers than this the rest is in report.json alone, those that were lost come first: a page of thousands of rows is none that anybody reads. */
const MOST_WORKERS = 100;

/** Which worker saw what, phase by phase. */
function renderWorkers(workers: readonly WorkerRecord[]): Markup {
  const lostFirst = [...workers].sort((a, b) => Number(a.lost === null) - Number(b.lost === null));
  const shown = workers.length > MOST_WORKERS ? lostFirst.slice(0, MOST_WORKERS) : workers;
  const rows = shown.flatMap((worker) =>
    worker.phases.map(({ id, scheduled, outcomes, latencyMs }) => {
      const cells = [
        formatCount(scheduled),
        formatCount(scheduled - outcomes.ok),
        formatValue(latencyMs.p50, "ms"),
        formatValue(latencyMs.p99, "ms"),
        workerClockText(worker),
      ];
      const lost = lostWorkerSentence(worker);
      return markup`<tr><th scope="row">${`${worker.name} on ${worker.host} · ${id}`}${lost === null ? null : markup`<br><small>${prose(lost)}</small>`}</th>${cells.map((cell) => markup`<td class="n">${cell}</td>`)}</tr>`;
    }),
  );
  const more = workers.length - MOST_WORKERS;
  if (more > 0) {
    const lost = lostFirst.slice(MOST_WORKERS).filter((worker) => worker.lost !== null).length;
    const ofWhich = lost > 0 ? `, ${formatCount(lost)} of them lost` : "";
    rows.push(
      markup`<tr><th scope="row" colspan="6">${`${countOf(more, "more worker")}${ofWhich}: see report.json`}</th></tr>`,
    );
  }
  return table(
    "Workers",
    ["worker and phase", "requests", "bad", "p50 of good answers", "p99", "its clock"],
    rows,
  );
}

function renderRequests(report: Report): Markup {
  return table(
    "Each request in numbers",
    ["request", ...countedHead(report)],
    report.phases.flatMap((phase) =>
      phase.perRequest.map(
        (request) =>
          markup`<tr><th scope="row">${phaseName(phase)} · ${request.name}</th>${countedCells(report, request)}</tr>`,
      ),
    ),
  );
}

function renderTimed(report: Report): Markup {
  return table(
    "Journeys and waits in numbers",
    ["journey or wait", ...countedHead(report)],
    timedRows(report).map(
      ({ phase, label, timed }) =>
        markup`<tr><th scope="row">${phaseName(phase)} · ${label}</th>${countedCells(report, timed)}</tr>`,
    ),
  );
}

/** By request name, where there are several and the record tells them apart. */
function renderSignals(report: Report): Markup {
  const rows = report.phases.flatMap((phase) =>
    signalRows(phase).map(
      ({ name, text, samples }) =>
        markup`<tr><th scope="row">${phase.name}</th><td>${name}</td><td class="told">${prose(text)}</td><td class="n">${samples}</td></tr>`,
    ),
  );
  return table("Signals in numbers", ["phase", "signal", "what it was", "samples"], rows);
}

function renderReasons(report: Report): Markup {
  const rows = report.phases.flatMap((phase) => {
    const named = phase.perRequest.map(({ name, reasons }) => ({ name, reasons: reasons ?? {} }));
    const apart = named.length > 1 && named.some(({ reasons }) => Object.keys(reasons).length > 0);
    const parts = apart ? named : [{ name: null, reasons: phase.reasons }];
    return parts.flatMap(({ name, reasons }) =>
      Object.entries(reasons).map(([reason, count]) => {
        const what = [phaseName(phase), ...(name === null ? [] : [name]), reason].join(" · ");
        const sample = sampleFor(phase, reason);
        const example =
          sample === undefined || sample.body === ""
            ? null
            : markup`<br><small>An answer began: <code>${sample.body}</code></small>`;
        return markup`<tr><th scope="row">${what}${example}</th><td class="n">${formatCount(count)}</td></tr>`;
      }),
    );
  });
  return table("Why requests failed", ["phase and reason", "requests"], rows);
}

function renderTraces(report: Report): Markup {
  const rows = traceRows(report).map(({ phase, at, request, what, traceId, link }) => {
    const id = markup`<code>${traceId}</code>`;
    const trace = link === null ? id : markup`<a href="${link}" rel="noopener noreferrer">${id}</a>`;
    return markup`<tr><th scope="row">${phase}</th><td class="n">${at}</td><td>${request}</td><td class="told">${what}</td><td>${trace}</td></tr>`;
  });
  return table(
    "Traces of failed and slow requests",
    ["phase", "due at", "request", "what became of it", "trace"],
    rows,
  );
}

function renderEvents(report: Report): Markup {
  return markup`<ol class="events">${report.events.map(
    (event) =>
      markup`<li><span>${event.atS < 0 ? "before" : formatClock(event.atS)}</span><span>${event.kind}</span><span>${prose(event.text)}</span></li>`,
  )}</ol>`;
}

function renderEnvironment(report: Report): Markup {
  const { environment, scenario, load } = report;
  const facts: readonly (readonly [string, string])[] = [
    ["Scenario", scenario.file],
    ["SHA-256", scenario.sha256],
    ["Seed", String(report.seed)],
    ["Target", targetInWords(load)],
    ["Timeout", formatMs(load.timeoutMs)],
    [
      "Toxiproxy",
      `${environment.toxiproxy.kind} ${environment.toxiproxy.version}${environment.toxiproxy.url ? ` at ${environment.toxiproxy.url}` : ""}`,
    ],
    ...(report.telemetry ?? []).map((each) => ["Telemetry", telemetrySentence(each)] as const),
    ["Machine", `${environment.platform}, ${environment.cpus} CPUs, Node.js ${environment.node}`],
  ];
  return markup`<dl class="facts-list">${facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function targetInWords({ targetUrl, protocol, forward }: Report["load"]): string {
  const version = protocol === "h2" ? " over HTTP/2" : "";
  const way = forward
    ? `, through port-forwards: ${countOf(forward.connections, "connection")} to ${countOf(forward.pods, "pod")}`
    : "";
  return `${targetUrl}${version}${way}`;
}

function renderMethod(report: Report): Markup {
  return markup`<ul>
    <li>Every request that was due ends in exactly one outcome. Timeouts, refusals, resets, unexpected answers and unsent requests count as longer than anything in each quantile: “&gt; timeout”.</li>
    <li>Latency counts from when a request was due, so a stalled system does not hide the requests that waited for it.</li>
    ${
      report.evidence === "interval" &&
      markup`<li>Verdicts rest on 98% intervals that allow for failures coming in bursts. “fail” is a fact about this run; “pass” is a claim about the system; “inconclusive” is not enough evidence, and never a pass.</li>`
    }
    <li>Recovered means: from this second on the SLOs held for the time that is printed beside it. “&gt; 12 s” means that it was not seen within 12 seconds.</li>
  </ul>`;
}
