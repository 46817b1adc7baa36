import type { HttpRequest } from "../../../requests/http/http-request.js";
import { FaultlineError, messageOf } from "../../../support/errors.js";
import { compileBasic } from "../../http/basic-value.js";
import { compileBody } from "../../http/compiled-body.js";
import { compileEncoded } from "../../http/encodings.js";
import {
  announcesLength,
  compilePath,
  ownHeaders,
  type RequestSurroundings,
  refuseWhiteSpace,
} from "../../http/request-parts.js";
import { type CompiledPart, constantText, renderTemplate } from "../../mix/request-template.js";
import { newScope, type ValueScope, type Values } from "../../mix/values.js";
import { ownCookie, withoutCookie } from "../../sessions/own-cookie.js";
import type { RequestToBuild } from "../connection/autocannon-client.js";

/** autocannon's builder of request bytes, for the plan's target. */
export type BuildRequest = (request: RequestToBuild) => Buffer;

export interface RequestBytes {
  /** The same bytes for every request. null when values vary. */
  readonly constant: Buffer | null;
  readonly render: (scope: ValueScope) => Buffer;
  /** The same as texts. */
  readonly text: (scope: ValueScope) => RequestText;
}

/** A request with its values. */
export interface RequestText {
  /** Request line and headers, without the empty line at the end. */
  readonly head: string;
  /** Cookies that the request sends itself, where those of a session are added to them. Else they are in the head. */
  readonly cookie: string;
  readonly body: string | Buffer;
  readonly saysLength: boolean;
}

/** Stands around a value's number while autocannon builds the head. No header may hold this character. */
const MARK = "\u0001";
const HEAD_END = "\r\n\r\n";
/** autocannon writes this line into every request. */
const KEEP_ALIVE_LINE = "\r\nConnection: keep-alive";

/**
 * Lets autocannon build the head once and keeps its bytes. Where values vary, each request's values are filled into
 * autocannon's text.
 * @param inSession cookies of the user's session may be added.
 * @throws SCENARIO_INVALID for unknown values or methods.
 */
export function compileRequest(
  spec: HttpRequest,
  surroundings: RequestSurroundings,
  values: Values,
  build: BuildRequest,
  inSession: boolean,
): RequestBytes {
  const head = headParts(inSession ? withoutCookie(spec) : spec, surroundings, values, build);
  const cookie = inSession ? compileEncoded(ownCookie(spec), "header", values) : [];
  const body = compileBody(spec, values);
  const saysLength = announcesLength(spec);
  const bodyOf = (scope: ValueScope) => body?.render(scope) ?? "";
  const render = (scope: ValueScope) => {
    const content = bodyOf(scope);
    return toBytes(renderTemplate(head, scope), content, saysLength);
  };
  const text = (scope: ValueScope) => ({
    body: bodyOf(scope),
    cookie: renderTemplate(cookie, scope),
    head: renderTemplate(head, scope),
    saysLength,
  });
  const isConstant = constantText(head) !== null && (body === null || body.isConstant);
  return { constant: isConstant ? render(newScope()) : null, render, text };
}

/** A whole request. `saysLength`: that of the body, also where there is none. */
export function toBytes(head: string, body: string | Buffer, saysLength: boolean): Buffer {
  const length = saysLength ? `\r\nContent-Length: ${Buffer.byteLength(body)}` : "";
  if (typeof body === "string") return Buffer.from(`${head}${length}${HEAD_END}${body}`);
  return Buffer.concat([Buffer.from(`${head}${length}${HEAD_END}`), body]);
}

/** Request line and headers as autocannon builds them, without the empty line at the end. */
function headParts(
  spec: HttpRequest,
  surroundings: RequestSurroundings,
  values: Values,
  build: BuildRequest,
): CompiledPart[] {
  const inserts: CompiledPart[] = [];
  const marked = (parts: readonly CompiledPart[]) =>
    parts
      .map((part) => (typeof part === "string" ? part : `${MARK}${inserts.push(part) - 1}${MARK}`))
      .join("");
  const { keepAlive } = surroundings;
  const headers = ownHeaders(spec);
  const ownConnection = headers.some(([name]) => name.toLowerCase() === "connection");
  const connection = keepAlive || ownConnection ? [] : [["Connection", "close"] as const];
  const text = buildText(build, {
    method: spec.method,
    path: marked(compilePath(spec, surroundings, values)),
    headers: Object.fromEntries([
      ...headers.map(([name, value]) => [name, marked(compileEncoded(value, "header", values))] as const),
      ...(spec.basic ? [["Authorization", marked(compileBasic(spec.basic, values))] as const] : []),
      ...connection,
    ]),
  });
  const head = text.slice(0, text.lastIndexOf(HEAD_END));
  const replaced = ownConnection || !keepAlive ? head.replace(KEEP_ALIVE_LINE, "") : head;
  // Split at the marks: texts and numbers of values in turn.
  return replaced
    .split(MARK)
    .map((piece, i) => (i % 2 === 0 ? piece : inserts[Number(piece)]!))
    .filter((part) => part !== "");
}

function buildText(build: BuildRequest, request: RequestToBuild): string {
  refuseWhiteSpace(request.path);
  try {
    return build(request).toString("utf8");
  } catch (error) {
    throw new FaultlineError("SCENARIO_INVALID", messageOf(error), { cause: error });
  }
}
