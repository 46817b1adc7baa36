import { requestName } from "../scenario/check/load/requests.js";
import type { DegradationInput, ExpectationInput } from "../scenario/schema/expectation.js";
import type { RequestInput, StepInput } from "../scenario/schema/request.js";
import { escapeTemplate, parseTemplate } from "../scenario/values/template.js";
import {
  type Capture,
  DEFAULT_STATUSES,
  type Expectation,
  HTTP_LOAD,
  type HttpRequest,
} from "./http-request.js";

/** `common`: headers of all requests. */
export function buildHttpRequest(
  request: RequestInput | StepInput | { readonly method: string; readonly path: string },
  common: Readonly<Record<string, string>>,
): HttpRequest {
  const input: Partial<RequestInput> & { readonly method: string; readonly path: string } = request;
  const { body, bodyEncoding, contentType } = buildBody(input);
  const expect = buildExpectation(input.expect);
  return {
    name: requestName(input),
    protocol: HTTP_LOAD,
    ...(input.degraded ? { tellsDegraded: true, degraded: buildDegradation(input.degraded, expect) } : {}),
    method: input.method.toUpperCase(),
    path: buildPath(input.path, input.query ?? {}),
    headers: mergeHeaders(
      contentType === null ? {} : { "Content-Type": contentType },
      common,
      input.headers ?? {},
    ),
    body,
    bodyEncoding,
    expect,
  };
}

/** Without a status of its own, a fallback has one that a good answer may have. */
function buildDegradation({ status, header, ...rest }: DegradationInput, expect: Expectation): Expectation {
  return buildExpectation({ ...rest, headers: header, status: status ?? [...expect.status] });
}

/** What a good answer is. Also for requests that are no load. */
export function buildExpectation(expect: ExpectationInput | undefined): Expectation {
  return {
    status: expect?.status === undefined ? DEFAULT_STATUSES : [expect.status].flat(),
    headers: lowerCaseKeys(expect?.headers ?? {}),
    body: expect?.body ?? null,
    json: expect?.json ?? {},
  };
}

/** A step of a journey, with what it takes from the answer for later steps. */
export function buildHttpStep(step: StepInput, common: Readonly<Record<string, string>>): HttpRequest {
  return { ...buildHttpRequest(step, common), capture: buildCaptures(step) };
}

type Body = Pick<HttpRequest, "body" | "bodyEncoding"> & { readonly contentType: string | null };

function buildBody({ json, form, body }: Partial<RequestInput>): Body {
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

function buildCaptures(step: StepInput): readonly Capture[] {
  return Object.entries(step.capture ?? {}).map(([name, { json, header, regex }]): Capture => {
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

function lowerCaseKeys<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
