import { isIP } from "node:net";
import { bareHost } from "../../support/address.js";
import { didYouMean } from "../did-you-mean.js";
import type { LoadInput } from "../schema/load.js";
import type { RequestInput, StepInput } from "../schema/request.js";
import type { DeferredSlot } from "../substitute.js";
import type { TreePath } from "../tree.js";
import type { CheckContext } from "./context.js";

export function checkLoad(context: CheckContext): void {
  const { load } = context.parts;
  if (!context.has("load")) return;
  checkModel(context, load);
  checkMix(context, load);
  checkTls(context, load);
  checkFeeds(context, load);
}

function checkModel(context: CheckContext, load: Partial<LoadInput>): void {
  const { diagnostics } = context;
  const open = context.has("load", "rate");
  const closed = context.has("load", "connections");
  if (open && closed) {
    diagnostics.error(
      "conflict",
      context.key("load", "connections"),
      "`rate` and `connections` are two models of load; give one",
      "rate: requests are due whatever the system does (for SLOs). connections: each sends when its last answer came.",
    );
    return;
  }
  if (!open && !closed) {
    const { misspelt } = context.parts;
    if (misspelt.has("load.rate") || misspelt.has("load.connections")) return;
    const help = "For example rate: 100/s (open model, for SLOs) or connections: 50 (closed model).";
    diagnostics.error("missing-key", context.key("load"), "`rate` or `connections` is missing in load", help);
    return;
  }
  const foreign: readonly (readonly [keyof LoadInput, string])[] = open
    ? [["thinkTime", "in the open model requests do not wait for answers"]]
    : [
        ["arrivals", "in the closed model a request leaves when the last answer came"],
        ["maxConnections", "`connections` already says how many there are"],
      ];
  for (const [key, why] of foreign) {
    if (!context.has("load", key)) continue;
    diagnostics.error(
      "conflict",
      context.key("load", key),
      `\`${key}\` does not go with \`${open ? "rate" : "connections"}\`: ${why}`,
    );
  }
  if (load.keepAlive === false && load.pipelining !== undefined && load.pipelining > 1) {
    const message = "`pipelining` does not go with `keepAlive: false`: each connection takes one request";
    diagnostics.error("conflict", context.key("load", "pipelining"), message);
  }
  for (const [index, stage] of (load.stages ?? []).entries()) {
    const at = ["load", "stages", index];
    const [wanted, other] = open ? (["rate", "connections"] as const) : (["connections", "rate"] as const);
    if (stage[other] !== undefined) {
      const message = `this load counts ${open ? "a rate" : "connections"}: give \`${wanted}\``;
      diagnostics.error("conflict", context.key(...at, other), message);
    }
    if (stage.ramp && stage.hold) {
      diagnostics.error("conflict", context.key(...at, "hold"), "a stage is a `ramp` or a `hold`; give one");
    } else if (!stage.ramp && !stage.hold) {
      diagnostics.error(
        "missing-key",
        context.key(...at),
        "a stage is a `ramp` or a `hold`; give one",
        "For example { ramp: 30s, rate: 500/s }.",
      );
    } else if (stage.ramp && stage[wanted] === undefined && stage[other] === undefined) {
      diagnostics.error("missing-key", context.key(...at, "ramp"), `where to? Give \`${wanted}\``);
    }
  }
  if (closed && typeof load.workers === "number" && load.connections !== undefined) {
    const most = Math.max(load.connections, ...(load.stages ?? []).map((stage) => stage.connections ?? 0));
    if (load.workers > most) {
      const message = `${load.workers} threads cannot share ${most} connections`;
      diagnostics.error("conflict", context.at("load", "workers"), message);
    }
  }
}

function checkMix(context: CheckContext, load: Partial<LoadInput>): void {
  const { diagnostics } = context;
  const captureSlots = context.deferred.filter(({ reference }) => reference.kind === "capture");
  if (context.has("load", "requests") && context.has("load", "journeys")) {
    const help = "A single request can be a journey of one step.";
    diagnostics.error(
      "conflict",
      context.key("load", "journeys"),
      "`requests` and `journeys` are given; give one",
      help,
    );
  }
  for (const list of ["requests", "journeys"] as const) {
    const items = load[list];
    if (items?.every((item) => item.weight === 0)) {
      diagnostics.error(
        "wrong-value",
        context.key("load", list),
        "all weights are 0, so nothing would be sent",
      );
    }
  }
  const names = new Map<string, TreePath>();
  for (const [index, request] of (load.requests ?? []).entries()) {
    checkRequest(context, request, ["load", "requests", index]);
    checkName(context, requestName(request), ["load", "requests", index], names);
    checkCaptures(context, captureSlots, ["load", "requests", index], new Set(), null);
  }
  const journeyNames = new Map<string, TreePath>();
  for (const [index, journey] of (load.journeys ?? []).entries()) {
    const path = ["load", "journeys", index];
    checkName(context, journey.name, path, journeyNames);
    const captured = new Set<string>();
    for (const [number, step] of journey.steps.entries()) {
      const at = [...path, "steps", number];
      checkRequest(context, step, at);
      checkName(context, requestName(step), at, names);
      checkCaptures(context, captureSlots, at, captured, journey.name);
      checkStepCaptures(context, step, at);
      for (const name of Object.keys(step.capture ?? {})) captured.add(name);
    }
  }
}

/** The name that the report and SLOs use. */
export function requestName(request: RequestInput | StepInput): string {
  return request.name ?? `${request.method.toUpperCase()} ${request.path}`;
}

function checkName(context: CheckContext, name: string, path: TreePath, seen: Map<string, TreePath>): void {
  const earlier = seen.get(name);
  if (earlier === undefined) {
    seen.set(name, path);
    return;
  }
  const named = context.has(...path, "name");
  context.diagnostics.error(
    "duplicate",
    named ? context.at(...path, "name") : context.key(...path),
    `\`${name}\` is the name of two requests`,
    "Statistics and SLOs are kept by name: give each a `name` of its own.",
  );
}

const BODIES = ["json", "body", "form"] as const;
/** Set by the load generator from the body itself. */
const OWN_HEADERS = ["content-length", "transfer-encoding", "connection"];

function checkRequest(context: CheckContext, request: RequestInput | StepInput, path: TreePath): void {
  const [, second] = BODIES.filter((key) => request[key] !== undefined);
  if (second) {
    const message = "a request has one body: `json`, `body` or `form`";
    context.diagnostics.error("conflict", context.key(...path, second), message);
  }
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    checkHeader(context, name, value, [...path, "headers", name]);
  }
  for (const jsonPath of Object.keys(request.expect?.json ?? {})) {
    if (isJsonPath(jsonPath)) continue;
    const at = context.key(...path, "expect", "json", jsonPath);
    context.diagnostics.error("wrong-value", at, `\`${jsonPath}\` is not a JSON path`, JSON_PATH_HELP);
  }
}

export function checkHeader(context: CheckContext, name: string, value: string, path: TreePath): void {
  if (OWN_HEADERS.includes(name.toLowerCase())) {
    const message = `\`${name}\` is set by faultline itself`;
    context.diagnostics.error(
      "conflict",
      context.key(...path),
      message,
      "keepAlive: false sends connection: close.",
    );
  } else if (/[^\t\x20-\x7e\x80-\xff]/.test(value.replace(/\$\{[^}]*\}/g, ""))) {
    const message = "a header's value is one line of Latin-1 characters";
    context.diagnostics.error("wrong-value", context.at(...path), message);
  }
}

/** $.a.b[0]["c d"] */
export function isJsonPath(text: string): boolean {
  return /^\$(?:\.[A-Za-z_$][\w$-]*|\[\d+\]|\["[^"\]]+"\]|\['[^'\]]+'\])*$/.test(text);
}

const JSON_PATH_HELP = 'For example $.access_token, $.items[0].id or $["odd name"].';

function checkStepCaptures(context: CheckContext, step: StepInput, path: TreePath): void {
  const { diagnostics } = context;
  for (const [name, capture] of Object.entries(step.capture ?? {})) {
    const at = [...path, "capture", name];
    const given = (["json", "header", "regex"] as const).filter((key) => capture[key] !== undefined);
    if (given.length !== 1) {
      diagnostics.error("conflict", context.key(...at), "a capture has one of `json`, `header` and `regex`");
    }
    if (capture.json !== undefined && !isJsonPath(capture.json)) {
      const message = `\`${capture.json}\` is not a JSON path`;
      diagnostics.error("wrong-value", context.at(...at, "json"), message, JSON_PATH_HELP);
    }
    if (capture.regex !== undefined) {
      try {
        new RegExp(capture.regex);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        diagnostics.error("wrong-value", context.at(...at, "regex"), `not a regular expression: ${why}`);
      }
    }
  }
}

/** ${capture.NAME} needs a step before it that captures NAME. */
function checkCaptures(
  context: CheckContext,
  captureSlots: readonly DeferredSlot[],
  path: TreePath,
  captured: ReadonlySet<string>,
  journey: string | null,
): void {
  for (const slot of captureSlots) {
    if (!path.every((part, index) => slot.path[index] === part)) continue;
    if (slot.reference.kind !== "capture" || captured.has(slot.reference.name)) continue;
    const { name } = slot.reference;
    const message =
      journey === null
        ? "only steps of a journey can use what an answer held"
        : `no step before this one captures \`${name}\`${didYouMean(name, captured)}`;
    const help =
      journey === null
        ? "Move the request into load.journeys."
        : "A value is there from the step after its capture on.";
    context.diagnostics.error("unknown-name", slot.span, message, help);
  }
}

function checkTls(context: CheckContext, load: Partial<LoadInput>): void {
  const { tls, target } = load;
  if (!tls) return;
  if (tls.servername !== undefined && isIP(bareHost(tls.servername)) !== 0) {
    context.diagnostics.error(
      "wrong-value",
      context.at("load", "tls", "servername"),
      `\`servername\` is a name, and ${tls.servername} is an address`,
      "TLS sends names only (RFC 6066, section 3). Leave it out: the certificate then has to name the target's host.",
    );
  }
  if (target?.startsWith("http:")) {
    const message = "`tls` needs an https:// target";
    context.diagnostics.error("conflict", context.key("load", "tls"), message);
  }
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    const message = "`cert` and `key` belong together";
    context.diagnostics.error(
      "missing-key",
      context.key("load", "tls", tls.cert === undefined ? "key" : "cert"),
      message,
    );
  }
}

function checkFeeds(context: CheckContext, load: Partial<LoadInput>): void {
  const { diagnostics } = context;
  for (const [name, feed] of Object.entries(load.data ?? {})) {
    if ((feed.file === undefined) === (feed.rows === undefined)) {
      diagnostics.error(
        "conflict",
        context.key("load", "data", name),
        "a data feed has either `file` or `rows`",
      );
    }
  }
  for (const [name, value] of Object.entries(load.headers ?? {}))
    checkHeader(context, name, value, ["load", "headers", name]);
  const declared = context.names("load", "data");
  for (const { reference, span } of context.deferred) {
    if (reference.kind !== "data") continue;
    const { feed, column } = reference;
    if (!declared.includes(feed)) {
      const help = "Declare it under load.data.";
      diagnostics.error("unknown-name", span, `no data feed \`${feed}\`${didYouMean(feed, declared)}`, help);
      continue;
    }
    const rows = context.files.feeds.find(({ name }) => name === feed)?.rows;
    if (!rows) continue;
    const lacking = rows.findIndex((row) => !Object.hasOwn(row, column));
    if (lacking < 0) continue;
    const columns = Object.keys(rows[lacking] ?? {});
    const which = lacking === 0 ? "" : ` in its row ${lacking + 1}`;
    diagnostics.error(
      "unknown-name",
      span,
      `the data feed \`${feed}\` has no column \`${column}\`${which}${didYouMean(column, columns)}`,
      `Its columns: ${columns.slice(0, 20).join(", ")}.`,
    );
  }
}
