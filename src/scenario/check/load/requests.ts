import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { RequestInput, StepInput } from "../../schema/request.js";
import { mapScalars, type ScalarNode, type TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";
import { checkExpectation } from "./expectation.js";
import { checkPath } from "./request-path.js";

/** A request as far as it is well formed. */
export type RequestParts = ValidParts<RequestInput> | ValidParts<StepInput>;

/** The name that the report and SLOs use. */
export function requestName(request: Pick<RequestInput, "name" | "method" | "path">): string {
  return request.name ?? `${request.method.toUpperCase()} ${request.path}`;
}

const BODIES = ["json", "body", "form"] as const;

export function checkRequest(context: CheckContext, request: RequestParts, path: TreePath): void {
  if (request.path !== undefined) checkPath(context, request.path, path);
  const [body, second] = BODIES.filter((key) => context.has(...path, key));
  if (second) {
    const message = "a request has one body: `json`, `body` or `form`";
    context.diagnostics.error("conflict", context.key(...path, second), message);
  }
  const method = request.method?.toUpperCase();
  if (body && (method === "GET" || method === "HEAD") && !context.isUnclear(...path)) {
    const help = context.has(...path, "method")
      ? `Servers may ignore the body of a ${method} request, or refuse it.`
      : "Without `method` it is a GET: give method: POST, or the one that is meant.";
    const message = `\`${body}\` is the body of a ${method} request`;
    context.diagnostics.warning("suspicious", context.key(...path, body), message, help);
  }
  for (const [key, headers] of [
    ["expect", "headers"],
    ["degraded", "header"],
  ] as const) {
    const looksInto = (["body", "json"] as const).find((part) => context.has(...path, key, part));
    if (!looksInto || method !== "HEAD") continue;
    const message = `\`${looksInto}\` is never found: an answer to HEAD has no body`;
    const help = `Expect a \`status\` or \`${headers}\`, or use GET.`;
    context.diagnostics.warning("suspicious", context.key(...path, key, looksInto), message, help);
  }
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    checkHeader(context, name, value, [...path, "headers", name]);
  }
  checkExpectation(context, request.expect, [...path, "expect"]);
  const { header: headers, ...degraded } = request.degraded ?? {};
  checkExpectation(context, { headers, ...degraded }, [...path, "degraded"], "header");
  refuseRounded(context, [...path, "json"], "`body:` sends JSON as it is written; in quotes it is a text.");
  for (const key of ["expect", "degraded"]) {
    const help = "`body:` looks for a text in the answer as it came, such as '\"id\":9007199254740993'.";
    refuseRounded(context, [...path, key, "json"], help);
  }
}

/** A double cannot tell some whole numbers from the next one. They would be sent, or compared, as another number. */
function refuseRounded(context: CheckContext, path: TreePath, help: string): void {
  const node = context.node(...path);
  if (node === undefined) return;
  mapScalars(node, (scalar: ScalarNode) => {
    const isRounded = /^[-+]?\d+$/.test(scalar.text) && !Number.isSafeInteger(scalar.value);
    if (isRounded && typeof scalar.value === "number") {
      const message = `${scalar.written} cannot be told from its neighbours: whole numbers go up to ${Number.MAX_SAFE_INTEGER} here`;
      context.diagnostics.error("wrong-value", scalar.span, message, help);
    }
    return scalar;
  });
}

/** Headers that the load generator sets from the request itself, and what to do instead. */
const OWN_HEADERS: ReadonlyMap<string, string> = new Map([
  ["content-length", "It is the length of the body that is sent: leave it out."],
  ["transfer-encoding", "A body is sent whole, with its content-length: leave it out."],
  ["connection", "Leave it out; load.keepAlive: false sends connection: close."],
]);

/** `value` is undefined when it is malformed. */
export function checkHeader(
  context: CheckContext,
  name: string,
  value: string | undefined,
  path: TreePath,
): void {
  const instead = OWN_HEADERS.get(name.toLowerCase());
  if (instead !== undefined) {
    const message = `\`${name}\` is set by faultline itself`;
    context.diagnostics.error("conflict", context.key(...path), message, instead);
  } else if (value !== undefined && /[^\t\x20-\x7e\x80-\xff]/.test(value.replace(/\$\{[^}]*\}/g, ""))) {
    const message = "a header's value is one line of Latin-1 characters";
    context.diagnostics.error("wrong-value", context.at(...path), message);
  }
}
