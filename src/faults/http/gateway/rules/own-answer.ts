import { STATUS_CODES } from "node:http";
import type { HttpRule } from "../../../http-rule.js";
import type { RequestHead } from "../message/request-head.js";

/** An answer of ours, in two parts: head and body. It has the headers that the rule gives, and its length. */
export function ownAnswer(
  { status = 500, headers = {}, body = "" }: HttpRule,
  request: RequestHead,
): { readonly head: Buffer; readonly body: Buffer; readonly isLast: boolean } {
  const bytes = Buffer.from(body);
  const hasBody = status !== 204 && status !== 304;
  const isLast = request.isLast || request.expectsContinue;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(hasBody ? [`content-length: ${bytes.length}`] : []),
    ...(isLast ? ["connection: close"] : []),
    "",
    "",
  ];
  return {
    head: Buffer.from(lines.join("\r\n"), "latin1"),
    body: hasBody && request.method !== "HEAD" ? bytes : Buffer.alloc(0),
    isLast,
  };
}

/** They are about the body that was there. */
const OF_THE_BODY = /^(?:content-length|transfer-encoding|content-encoding|trailer)[ \t]*:/i;

/** The upstream's head as it has to be with another body behind it, and that body. */
export function withBody(head: string, body: string): { readonly head: Buffer; readonly body: Buffer } {
  const bytes = Buffer.from(body);
  const lines = head.slice(0, -4).split("\r\n");
  const kept = lines.filter((line) => !OF_THE_BODY.test(line));
  const text = [...kept, `content-length: ${bytes.length}`, "", ""].join("\r\n");
  return { head: Buffer.from(text, "latin1"), body: bytes };
}
