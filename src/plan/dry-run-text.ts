import { describeActions } from "../faults/describe.js";
import { searchAxis } from "../faults/kinds/index.js";
import { referenceText } from "../kubernetes/references/object-reference.js";
import { requestKindNamed } from "../requests/kinds.js";
import { schemeShown } from "../scenario/values/proxy-address.js";
import { formatSlo } from "../slo/parse.js";
import type { Slo } from "../slo/slo.js";
import { formatRatio } from "../support/format.js";
import { redact } from "../support/redact.js";
import { askedText, expectationInWords } from "./checks/check-in-words.js";
import type { CheckSpec, CheckTime } from "./checks/check-spec.js";
import { labelOf } from "./fault-round.js";
import { leftToTarget, leftToTargetText } from "./left-to-target.js";
import type { LoadPlan, Profile } from "./load-plan.js";
import type { RunPlan, ServiceSpec } from "./run-plan.js";
import { readText, sourceText } from "./signals/signal-in-words.js";
import type { SignalSpec } from "./signals/signal-spec.js";
import type { Step, Stretch } from "./steps.js";
import { destinationOf } from "./telemetry/telemetry-spec.js";
import { lengthMs, timelineOf } from "./timeline.js";

/** What a run would do, as text for people: system, load, timeline with offsets and expected requests, SLOs. */
export function dryRunText(plan: RunPlan): string {
  const { steps } = plan;
  const lines = [
    plan.name,
    ...(plan.hypothesis === null ? [] : [`  ${plan.hypothesis}`]),
    "",
    ...systemLines(plan),
    ...loadLines(plan.load),
    "",
    `Timeline: ${seconds(lengthMs(timelineOf(steps)))}${steps.some(({ kind }) => kind === "search") ? " at most" : ""}, if nothing has to be waited for`,
    ...steps.flatMap((step) => stepLines(step)),
    ...(steps.some(({ kind }) => kind === "fault" || kind === "search")
      ? []
      : ["  no fault: a load test, judged over the baseline"]),
    "",
    "SLOs",
    ...plan.slos.map(sloLine),
    ...(plan.checks.length === 0 ? [] : ["", "Checks"]),
    ...plan.checks.flatMap(checkLines),
    ...(plan.signals.length === 0 ? [] : ["", "Signals"]),
    ...plan.signals.flatMap(signalLines),
    ...(plan.abort.length === 0 ? [] : ["", "Aborted when"]),
    ...plan.abort.map(({ condition }) => `  ${condition.text}`),
  ];
  return `${redact(lines.join("\n"), plan.secrets)}\n`;
}

function systemLines(plan: RunPlan): readonly string[] {
  const { services, proxies, toxiproxyUrl, docker, telemetry, clusterLooks } = plan;
  return [
    ...clusterLooks.ready.map((reference) => `Waits until ${referenceText(reference)} is ready`),
    ...clusterLooks.watch.map((namespace) => `Watches the pods of ${namespace}`),
    ...services.flatMap(serviceLines),
    ...proxies.map(({ name, listen, upstream, protocol, tls }) => {
      const from = schemeShown(protocol, tls?.servesTls ?? false) + listen.replace(/:0$/, ":(a free port)");
      const to = schemeShown(protocol, tls !== undefined && tls.upstream !== null);
      return `Proxy ${name}: ${from} → ${to}${upstream}`;
    }),
    ...(toxiproxyUrl === null ? [] : [`Toxiproxy: ${toxiproxyUrl}`]),
    ...(docker?.host ? [`Docker engine: ${docker.host}`] : []),
    ...telemetry.map((spec) => `Telemetry by ${spec.kind} to ${destinationOf(spec)}`),
  ];
}

function serviceLines(service: ServiceSpec): readonly string[] {
  const { name, command, prepare, cleanup, ready, readyLog, readyCommand } = service;
  const conditions = [
    ...(ready === null ? [] : [`at ${ready}`]),
    ...(readyLog === null ? [] : [`when it prints "${readyLog}"`]),
    ...(readyCommand === null ? [] : [`when \`${readyCommand.join(" ")}\` exits with 0`]),
  ];
  return [
    `Service ${name}: ${command.join(" ")}${conditions.length === 0 ? "" : `, ready ${conditions.join(" and ")}`}`,
    ...prepare.map((each) => `  prepare  ${each.join(" ")}`),
    ...cleanup.map((each) => `  cleanup  ${each.join(" ")}`),
  ];
}

function loadLines({
  target,
  model,
  timeoutMs,
  workers,
  mix,
  feeds,
  keepAlive,
  pipelining,
  tracing,
  protocol,
  session,
}: LoadPlan): readonly string[] {
  const where = target.socketPath === null ? target.url : `${target.url} by ${target.socketPath}`;
  const how =
    model.kind === "open"
      ? `${profileText(model.profile, (perS) => `${count(perS)}${mix.kind === "journeys" ? " journeys" : ""}/s`)}, ${model.arrivals === "even" ? "evenly spaced" : "at random (Poisson)"}, at most ${counted(model.maxConnections, "connection")}`
      : `${profileText(model.profile, (n) => counted(n, "connection"))}${model.thinkTimeMs > 0 ? `, ${milliseconds(model.thinkTimeMs)} between requests` : ""}`;
  const parts = mix.kind === "requests" ? mix.requests : mix.journeys;
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  return [
    `Load on ${where}: ${how}`,
    `  timeout ${milliseconds(timeoutMs)}, ${counted(workers, "thread")}${keepAlive ? "" : ", a new connection for each request"}${pipelining > 1 ? `, up to ${pipelining} requests at once on a connection` : ""}${protocolText(protocol)}${sessionText(session)}`,
    ...(tracing ? [`  traceparent on each request, ${formatRatio(tracing.sampling)} sampled`] : []),
    ...parts.map((part) => {
      const share = `${Number(((part.weight / total) * 100).toPrecision(3))}%`.padStart(6);
      const what =
        "steps" in part
          ? part.steps.map(({ name }) => name).join(" → ")
          : requestKindNamed(part.kind).describe(part);
      return `  ${share}  ${part.name === what ? part.name : `${part.name}: ${what}`}`;
    }),
    ...loginLines(mix),
    ...leftToTarget({ mix }).map((left) => `  ${leftToTargetText(left)}`),
    ...feeds.map(({ name, table, pick }) => `  data ${name}: ${counted(table.rowCount, "row")}, ${pick}`),
  ];
}

function protocolText(protocol: LoadPlan["protocol"]): string {
  if (protocol === "h2") return ", HTTP/2";
  return protocol === "auto" ? ", HTTP/2 or HTTP/1.1, as the target prefers" : "";
}

function loginLines({ login }: LoadPlan["mix"]): readonly string[] {
  if (login === undefined) return [];
  const { name, once, refreshBeforeMs } = login;
  const what = requestKindNamed(login.kind).describe(login);
  const anew = refreshBeforeMs > 0 ? `, anew ${milliseconds(refreshBeforeMs)} before it ends` : "";
  return [`  login ${name === what ? name : `${name}: ${what}`}, once per ${once}${anew}`];
}

function sessionText(session: LoadPlan["session"]): string {
  const { cookies = false, follow = 0 } = session ?? {};
  return `${cookies ? ", cookies kept" : ""}${follow > 0 ? `, up to ${counted(follow, "redirect")} followed` : ""}`;
}

function profileText({ startValue, stages }: Profile, value: (n: number) => string): string {
  const later = stages.map(({ kind, durationMs, to }) =>
    kind === "ramp"
      ? `to ${value(to)} over ${seconds(durationMs)}`
      : `${value(to)} for ${seconds(durationMs)}`,
  );
  return [value(startValue), ...later].join(", then ");
}

function stepLines(step: Step): readonly string[] {
  switch (step.kind) {
    case "warmup":
      return [stretchLine("warm-up", step.during)];
    case "baseline":
      return [stretchLine("baseline", step.during)];
    case "fault": {
      const name = labelOf(step.fault);
      return [
        stretchLine("fault", step.during, name),
        ...indented([
          describeActions(step.actions),
          ...step.stages.map(({ atMs, actions }) => `after ${seconds(atMs)}: ${describeActions(actions)}`),
        ]),
        ...(step.recovery ? [stretchLine("recovery", step.recovery, name)] : []),
      ];
    }
    case "search": {
      const { axis, from, to, unit, maxTrials, trialMs, until, at, precision } = step;
      return [
        stretchLine("search", step.during, labelOf(step.fault)),
        ...indented([
          `${searchAxis(axis).label} ${from} to ${to} ${unit} on ${at.target}, to within ${precision} ${unit}, until ${until.text} breaks`,
          `up to ${maxTrials} tries of ${seconds(trialMs)}, each with a recovery`,
        ]),
      ];
    }
  }
}

/** Columns: when it begins, what it is, how long it lasts, its requests, the fault's name. */
const COLUMNS = { start: 9, what: 9, length: 8, requests: 18 };
const INDENT = " ".repeat(
  2 + COLUMNS.start + 2 + COLUMNS.what + 1 + COLUMNS.length + 2 + COLUMNS.requests + 4,
);

function stretchLine(what: string, { startMs, durationMs, expectedRequests }: Stretch, fault = ""): string {
  const requests = expectedRequests === null ? "" : counted(expectedRequests, "request");
  const cells = [
    `  ${seconds(startMs).padStart(COLUMNS.start)}  ${what.padEnd(COLUMNS.what)}`,
    ` ${seconds(durationMs).padStart(COLUMNS.length)}  ${requests.padStart(COLUMNS.requests)}  ${fault}`,
  ];
  return cells.join("").trimEnd();
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `${INDENT}${line}`);
}

function sloLine(slo: Slo): string {
  const only = slo.fault === null ? "" : ` (only in ${slo.fault})`;
  const except = slo.exceptFaults.length === 0 ? "" : ` (not in ${slo.exceptFaults.join(", ")})`;
  return `  ${formatSlo(slo)}${only}${except}`;
}

function checkLines(check: CheckSpec): readonly string[] {
  const { name, when, everyMs, withinMs } = check;
  const often = everyMs === null ? "" : `, every ${seconds(everyMs)}`;
  const patience = withinMs === 0 ? "" : `, within ${seconds(withinMs)}`;
  return [
    `  ${name}: ${expectationInWords(check)}`,
    `    asked ${when.map((time) => ASKED_AT[time]).join(", ")}${often}${patience}: ${askedText(check)}`,
  ];
}

function signalLines(signal: SignalSpec): readonly string[] {
  const often =
    signal.everyMs === null ? "as often as its server has samples" : `every ${seconds(signal.everyMs)}`;
  return [`  ${signal.name}: ${readText(signal)}`, `    read ${often}: ${sourceText(signal)}`];
}

const ASKED_AT: Readonly<Record<CheckTime, string>> = {
  baseline: "in the baseline",
  fault: "in each fault",
  recovery: "in each recovery",
  end: "at the end",
};

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(6))} s`;
}

function milliseconds(ms: number): string {
  return ms >= 1000 ? seconds(ms) : `${ms} ms`;
}

function count(n: number): string {
  return Number(n.toPrecision(6)).toLocaleString("en-US");
}

/** "1 row", "2 rows" */
function counted(n: number, what: string): string {
  return `${count(n)} ${what}${n === 1 ? "" : "s"}`;
}
