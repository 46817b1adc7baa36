import { createHash } from "node:crypto";
import type { DigestChallenge } from "./challenge.js";

/** Whose answer it is, as texts. */
export interface DigestUser {
  readonly username: string;
  readonly password: string;
}

/** What of an answer is the same as long as its nonce is. */
export interface DigestKey {
  /** The user's name as it is sent: a parameter. */
  readonly name: string;
  /** H(A1) of RFC 7616, 3.4.2. */
  readonly secret: string;
}

/** The request that it is for. */
export interface AskedOf {
  readonly method: string;
  /** Its path, with the query. */
  readonly uri: string;
}

/** `cnonce`: of the first request with this nonce. */
export function digestKey(challenge: DigestChallenge, user: DigestUser, cnonce: string): DigestKey {
  const { realm, nonce, isSession, hashesName } = challenge;
  const hashed = hash(challenge, `${user.username}:${realm}:${user.password}`);
  return {
    name: hashesName
      ? `username="${hash(challenge, `${user.username}:${realm}`)}", userhash=true`
      : nameParameter(user.username),
    secret: isSession ? hash(challenge, `${hashed}:${nonce}:${cnonce}`) : hashed,
  };
}

/**
 * The value of an Authorization header: RFC 7616, 3.4.
 * @param count how often the nonce has been used, this time included.
 */
export function digestValue(
  challenge: DigestChallenge,
  { name, secret }: DigestKey,
  { method, uri }: AskedOf,
  count: number,
  cnonce: string,
): string {
  const { realm, nonce, opaque, algorithm, counts } = challenge;
  const asked = hash(challenge, `${method}:${uri}`);
  const nc = count.toString(16).padStart(8, "0");
  const between = counts ? `${nonce}:${nc}:${cnonce}:auth` : nonce;
  return [
    `Digest ${name}`,
    `realm="${escaped(realm)}"`,
    `nonce="${escaped(nonce)}"`,
    `uri="${escaped(uri)}"`,
    ...(algorithm === null ? [] : [`algorithm=${algorithm}`]),
    `response="${hash(challenge, `${secret}:${between}:${asked}`)}"`,
    ...(opaque === null ? [] : [`opaque="${escaped(opaque)}"`]),
    ...(counts ? ["qop=auth", `nc=${nc}`, `cnonce="${cnonce}"`] : []),
  ].join(", ");
}

function hash({ hash: name }: DigestChallenge, text: string): string {
  return createHash(name).update(text).digest("hex");
}

/** A name beyond ASCII has a form of its own: RFC 7616, 3.4, and RFC 8187. */
function nameParameter(username: string): string {
  if (/^[\x20-\x7e]*$/.test(username)) return `username="${escaped(username)}"`;
  const bytes = encodeURIComponent(username).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16)}`,
  );
  return `username*=UTF-8''${bytes}`;
}

/** A value of the server's may hold no line break, or it would begin another header. */
function escaped(text: string): string {
  return text.replace(/[\r\n\0]+/g, " ").replace(/["\\]/g, "\\$&");
}
