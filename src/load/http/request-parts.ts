import type { HttpRequest } from "../../requests/http/http-request.js";
import { FaultlineError } from "../../support/errors.js";
import type { CompiledPart } from "../mix/request-template.js";
import type { Values } from "../mix/values.js";
import { compileEncoded } from "./encodings.js";
import { compileLeadingPath, leadingValue } from "./leading-value.js";

export interface RequestSurroundings {
  /** Put before each request's path: "", or "/base" without a slash at its end. */
  readonly basePath: string;
  /** A path that comes from a value must belong to this target. */
  readonly targetUrl: string;
  readonly keepAlive: boolean;
}

/** Methods whose empty body is announced. RFC 9110 asks for that where a body is usual. */
const BODY_USUAL = new Set(["POST", "PUT", "PATCH"]);

export function announcesLength({ body, pieces, method }: HttpRequest): boolean {
  return body !== null || pieces !== undefined || BODY_USUAL.has(method);
}

/** The path with the query. @throws SCENARIO_INVALID for unknown expressions, and for rows that bring no path. */
export function compilePath(
  { path }: HttpRequest,
  { basePath, targetUrl }: RequestSurroundings,
  values: Values,
): CompiledPart[] {
  const leading = leadingValue(path);
  // A path from a value starts at the target's root, as a `location` does.
  return leading
    ? compileLeadingPath(leading, targetUrl, values)
    : compileEncoded(`${basePath}${path}`, "url", values);
}

/** @throws SCENARIO_INVALID: a request line has no place for it. */
export function refuseWhiteSpace(path: string): void {
  if (!/[\s\0]/.test(path)) return;
  throw new FaultlineError("SCENARIO_INVALID", `the path "${path}" holds white space; write it as %20`);
}

/** The length is set by whoever sends: it is not known before the values are in. */
export function ownHeaders({ headers }: HttpRequest): readonly (readonly [name: string, value: string])[] {
  return Object.entries(headers).filter(([name]) => name.toLowerCase() !== "content-length");
}

export function surroundingsOf(target: { readonly url: string }, keepAlive: boolean): RequestSurroundings {
  return {
    basePath: new URL(target.url).pathname.replace(/\/$/, ""),
    targetUrl: target.url,
    keepAlive,
  };
}
