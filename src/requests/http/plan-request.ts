import { escapeTemplate, parseTemplate } from "../../notation/template.js";
import { buildExpectation, type Expectation } from "../answers/expectation.js";
import type { DegradationInput, RepetitionInput } from "../answers/expectation-schema.js";
import { type Capture, HTTP_REQUEST, type HttpRequest } from "./http-request.js";
import type { HttpRequestInput } from "./keys.js";

/** `common`: headers of all requests. */
export function planHttpRequest(
  name: string,
  request: HttpRequestInput,
  common: Readonly<Record<string, string>>,
): HttpRequest {
  const { body, bodyEncoding, contentType } = buildBody(request);
  const expect = buildExpectation(request.expect);
  return {
    name,
    kind: HTTP_REQUEST,
    ...(request.degraded
      ? { tellsDegraded: true, degraded: buildDegradation(request.degraded, expect) }
      : {}),
    method: request.method.toUpperCase(),
    path: buildPath(request.path, request.query ?? {}),
    headers: mergeHeaders(
      contentType === null ? {} : { "Content-Type": contentType },
      request.stream ? { Accept: "text/event-stream" } : {},
      common,
      request.headers ?? {},
    ),
    body,
    bodyEncoding,
    expect,
    ...(request.stream ? buildStream(request.stream) : {}),
    ...(request.until ? buildRepetition(request.until, expect) : {}),
    ...(request.capture ? { capture: buildCaptures(request.capture) } : {}),
  };
}

/** Without a status of its own, a fallback has one that a good answer may have. */
function buildDegradation({ status, header, ...rest }: DegradationInput, expect: Expectation): Expectation {
  return buildExpectation({ ...rest, headers: header, status: status ?? [...expect.status] });
}

function buildRepetition(
  { every, within, status, ...rest }: RepetitionInput,
  expect: Expectation,
): Pick<HttpRequest, "asksAgain" | "until"> {
  return {
    asksAgain: { everyMs: every.ms, withinMs: within.ms },
    until: buildExpectation({ ...rest, status: status ?? [...expect.status] }),
  };
}

function buildStream({
  events,
  firstEvent,
  within,
}: NonNullable<HttpRequestInput["stream"]>): Pick<HttpRequest, "stream" | "streams" | "timeoutMs"> {
  return {
    streams: true,
    stream: { events, firstEventMs: firstEvent?.ms ?? null },
    ...(within ? { timeoutMs: within.ms } : {}),
  };
}

type Body = Pick<HttpRequest, "body" | "bodyEncoding"> & { readonly contentType: string | null };

function buildBody({ json, form, body }: HttpRequestInput): Body {
  if (json !== undefined) {
    // A whole value of "${seq}" or "${random.int(…)}" is meant as a number. A key is followed by a colon, and a quote
    // inside a text has a backslash before it. So neither is taken for such a value.
    const text = JSON.stringify(escapeKeys(json)).replace(
      /"(\$\{(?:seq|random\.int\([^)"]*\))\})"(?!:)/g,
      "$1",
    );
    return { body: text, bodyEncoding: "json", contentType: "application/json" };
  }
  if (form !== undefined) {
    return {
      body: encodePairs(form),
      bodyEncoding: "form",
      contentType: "application/x-www-form-urlencoded",
    };
  }
  return { body: body ?? null, bodyEncoding: "none", contentType: null };
}

/** Keys are never templates, but the whole body is read as one. */
function escapeKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(escapeKeys);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [escapeTemplate(key), escapeKeys(inner)]),
  );
}

function buildPath(path: string, query: Readonly<Record<string, string>>): string {
  // Characters that may not stand in a request line are encoded. What is already encoded stays.
  const encoded = encodeLiterals(path, (text) =>
    text.replace(/[^\x21-\x7e]|["<>\\^`{|}]/gu, encodeURIComponent),
  );
  const pairs = encodePairs(query);
  if (pairs === "") return encoded;
  return `${encoded}${path.includes("?") ? "&" : "?"}${pairs}`;
}

function encodePairs(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeLiterals(value, encodeURIComponent)}`)
    .join("&");
}

/** Encodes a template's own text and leaves its slots. */
function encodeLiterals(template: string, encode: (text: string) => string): string {
  return parseTemplate(template)
    .map((part) => (part.kind === "text" ? encode(part.text) : `\${${part.expression}}`))
    .join("");
}

function buildCaptures(captures: NonNullable<HttpRequestInput["capture"]>): readonly Capture[] {
  return Object.entries(captures).map(([name, { json, header, regex }]): Capture => {
    if (json !== undefined) return { name, from: { kind: "json", path: json } };
    if (header !== undefined) {
      return { name, from: { kind: "header", header: header.toLowerCase(), pattern: regex ?? null } };
    }
    return { name, from: { kind: "regex", pattern: regex ?? "" } };
  });
}

/** Names stay as they are written. Names that differ only in case are one header: the last one counts. */
function mergeHeaders(...all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const byName = new Map<string, readonly [name: string, value: string]>();
  for (const [name, value] of all.flatMap((headers) => Object.entries(headers))) {
    byName.set(name.toLowerCase(), [name, value]);
  }
  return Object.fromEntries(byName.values());
}
