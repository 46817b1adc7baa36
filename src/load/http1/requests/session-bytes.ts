import type { ValueScope } from "../../mix/values.js";
import type { Hop, UserSession } from "../../sessions/user-session.js";
import { type RequestBytes, type RequestText, toBytes } from "./request-bytes.js";

/** Headers that say something of a body. */
const OF_BODY = /\r\ncontent-(?:type|encoding|language|location):[^\r]*/gi;
const REQUEST_LINE = /^(\S+) (\S+) /;
const HOST = /\r\nhost:[ \t]*([^\r]*)/i;

/** What a virtual user sends next: the request as it is written, or what its last answer leads to. With its cookies. */
export function bytesInSession(
  bytes: RequestBytes,
  session: UserSession<RequestText>,
  scope: ValueScope,
): Buffer {
  const again = session.again;
  if (again !== null) return bytesOf(again, session.follow());
  const text = bytes.text(scope);
  const [, method = "", path = ""] = REQUEST_LINE.exec(text.head) ?? [];
  const [, host = ""] = HOST.exec(text.head) ?? [];
  return bytesOf(text, session.begin(text, method, path, host));
}

function bytesOf(text: RequestText, hop: Hop): Buffer {
  const line = text.head.replace(REQUEST_LINE, () => `${hop.method} ${hop.path} `);
  const cookies = [text.cookie, hop.cookie].filter((cookie) => cookie !== "").join("; ");
  const cookie = cookies === "" ? "" : `\r\nCookie: ${cookies}`;
  if (hop.keepsBody) return toBytes(`${line}${cookie}`, text.body, text.saysLength);
  return toBytes(`${line.replace(OF_BODY, "")}${cookie}`, "", false);
}
