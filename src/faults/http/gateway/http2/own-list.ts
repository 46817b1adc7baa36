import type { HeaderList } from "../../../between/h2-relay/frames/relayed-blocks.js";
import type { HttpRule } from "../../../http-rule.js";

/** They are about a connection of HTTP/1 (RFC 9113, section 8.2.2). */
const OF_HTTP1 = /^(?:connection|keep-alive|proxy-connection|transfer-encoding|upgrade)$/;

/** An answer of ours. It has the headers that the rule gives, and its length. */
export function ownList(
  { status = 500, headers = {}, body = "" }: HttpRule,
  method: string,
): { readonly list: HeaderList; readonly body: Buffer } {
  const bytes = Buffer.from(body);
  const hasBody = status !== 204 && status !== 304;
  const given = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !OF_HTTP1.test(name));
  const fields = [
    [":status", String(status)] as const,
    ...given,
    ...(hasBody ? [["content-length", String(bytes.length)] as const] : []),
  ];
  return {
    list: { fields: fields.flat(), secrets: [] },
    body: hasBody && method !== "HEAD" ? bytes : Buffer.alloc(0),
  };
}
