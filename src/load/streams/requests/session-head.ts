import { encodeHead, type Head, type HeadField } from "../../../http2/hpack/header-encoder.js";
import type { AskedOf } from "../../authentication/digest-answer.js";
import type { Hop, UserSession } from "../../sessions/user-session.js";

/** A request with its values, as a session may send it again to where its answer leads. */
export interface Http2Text {
  /** Pseudo-headers come first. Its own cookies are not among them. */
  readonly fields: readonly HeadField[];
  /** Cookies that the request sends itself, beside those of its user. "" when it has none. */
  readonly cookie: string;
  readonly body: Buffer | null;
}

export interface SentInSession {
  readonly head: Head;
  readonly body: Buffer | null;
}

/** Fields that say something of a body. */
const OF_BODY = /^content-(?:type|encoding|language|location|length)$/;

/**
 * What a virtual user sends next: the request as it is written, or what its last answer leads to. With its cookies.
 * @param authorizationOf the value of its Authorization header. null: that is among its fields, or it has none.
 */
export function sentInSession(
  session: UserSession<Http2Text>,
  text: () => Http2Text,
  authorizationOf: (asked: AskedOf) => string | null,
): SentInSession {
  const again = session.again;
  if (again !== null) return sentAs(again, session.follow(), authorizationOf);
  const first = text();
  const [method, path, authority] = [":method", ":path", ":authority"].map(
    (wanted) => first.fields.find(([name]) => name === wanted)?.[1] ?? "",
  );
  const hop = session.begin(first, method ?? "", path ?? "", authority ?? "");
  return sentAs(first, hop, authorizationOf);
}

function sentAs(
  { fields, cookie, body }: Http2Text,
  hop: Hop,
  authorizationOf: (asked: AskedOf) => string | null,
): SentInSession {
  const authorization = authorizationOf({ method: hop.method, uri: hop.path });
  const cookies = [cookie, hop.cookie].filter((one) => one !== "").join("; ");
  const kept = hop.keepsBody ? fields : fields.filter(([name]) => !OF_BODY.test(name));
  const own: Readonly<Record<string, string>> = { ":method": hop.method, ":path": hop.path };
  const sent = kept.map(([name, value]): HeadField => [name, own[name] ?? value]);
  const more: readonly HeadField[] = [
    ...(authorization === null ? [] : [["authorization", authorization] as const]),
    ...(cookies === "" ? [] : [["cookie", cookies] as const]),
  ];
  return {
    head: encodeHead([...sent, ...more]),
    body: hop.keepsBody ? body : null,
  };
}
