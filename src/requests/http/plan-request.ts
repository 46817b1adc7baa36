import { parseTemplate } from "../../notation/template.js";
import { buildExpectation, type Expectation } from "../answers/expectation.js";
import type { DegradationInput, RepetitionInput } from "../answers/expectation-schema.js";
import { planAuth } from "../authentication/plan-auth.js";
import { jsonTemplate } from "../json-template.js";
import { contentTypeOf } from "./bodies/content-types.js";
import { buildMultipart } from "./bodies/multipart.js";
import type { ReadBodies } from "./bodies/read-bodies.js";
import { type Capture, HTTP_REQUEST, type HttpRequest } from "./http-request.js";
import type { HttpRequestInput } from "./keys.js";

/** `common`: headers of all requests. `read`: files that it names. */
export function planHttpRequest(
  name: string,
  request: HttpRequestInput,
  common: Readonly<Record<string, string>>,
  read: ReadBodies | null = null,
): HttpRequest {
  const { contentType, ...body } = buildBody(request, read);
  const auth = planAuth(request.auth, request.headers ?? {});
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
      auth === null ? common : without("authorization", common),
      auth?.headers ?? {},
      request.headers ?? {},
      // Nobody else knows what stands between its fields.
      request.multipart && contentType !== null ? { "Content-Type": contentType } : {},
    ),
    ...body,
    ...auth?.planned,
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

type Body = Pick<HttpRequest, "body" | "bodyEncoding" | "pieces"> & { readonly contentType: string | null };

function buildBody({ json, form, body, multipart }: HttpRequestInput, read: ReadBodies | null): Body {
  if (json !== undefined) {
    return { body: jsonTemplate(json), bodyEncoding: "json", contentType: "application/json" };
  }
  if (form !== undefined) {
    return {
      body: encodePairs(form),
      bodyEncoding: "form",
      contentType: "application/x-www-form-urlencoded",
    };
  }
  if (multipart !== undefined) {
    const { contentType, pieces } = buildMultipart(multipart, read?.parts ?? []);
    return { body: null, pieces, bodyEncoding: "none", contentType };
  }
  if (typeof body === "object") {
    const pieces = read?.body ? [read.body] : [];
    return { body: null, pieces, bodyEncoding: "none", contentType: contentTypeOf(body.file) };
  }
  return { body: body ?? null, bodyEncoding: "none", contentType: null };
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

/** `name`: in lower case. */
function without(name: string, headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([one]) => one.toLowerCase() !== name));
}

/** Names stay as they are written. Names that differ only in case are one header: the last one counts. */
function mergeHeaders(...all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const byName = new Map<string, readonly [name: string, value: string]>();
  for (const [name, value] of all.flatMap((headers) => Object.entries(headers))) {
    byName.set(name.toLowerCase(), [name, value]);
  }
  return Object.fromEntries(byName.values());
}
