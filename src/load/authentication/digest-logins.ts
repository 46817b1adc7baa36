import { randomBytes } from "node:crypto";
import { AGAIN, type Answer } from "../compiled-request.js";
import type { ValueScope } from "../mix/values.js";
import { type DigestChallenge, digestChallenge, nextNonce } from "./challenge.js";
import { type AskedOf, type DigestKey, type DigestUser, digestKey, digestValue } from "./digest-answer.js";

const UNAUTHORIZED = 401;
/** For one request. A server that calls each nonce stale would be asked for ever. */
const MOST_CHALLENGES = 3;

/** A nonce that is in use. */
interface Nonce {
  readonly user: DigestUser;
  readonly challenge: DigestChallenge;
  readonly cnonce: string;
  readonly key: DigestKey;
  /** How often it has been used. */
  count: number;
}

/** A request that is under way. */
interface Sent {
  /** Its bytes without an Authorization header. null: whoever sends it keeps it. */
  readonly bytes: Buffer | null;
  readonly user: DigestUser;
  readonly channel: number;
  /** What it was answered with. null: it went without. */
  readonly nonce: Nonce | null;
  readonly challenges: number;
  /** The same bytes go out again. */
  readonly isChallenged: boolean;
}

/**
 * Answers challenges of Digest authentication. Each connection has a nonce of its own, so that requests are counted in the
 * order in which they come. Another user on it is challenged anew.
 */
export class DigestLogins {
  /** By the number of the channel. */
  readonly #nonces: (Nonce | undefined)[] = [];
  readonly #sent = new WeakMap<ValueScope, Sent>();

  /**
   * What goes out next for a user.
   * @param bytesOf makes a request without its Authorization header.
   * @param isMadeAnew behind a challenge it makes the same request with what that has brought, such as cookies. false: its
   *   bytes go out again.
   */
  bytesFor(
    scope: ValueScope,
    channel: number,
    bytesOf: () => Buffer,
    userOf: () => DigestUser,
    isMadeAnew: boolean,
  ): Buffer {
    const before = this.#challenged(scope)?.bytes ?? null;
    const bytes = before === null || isMadeAnew ? bytesOf() : before;
    const nonce = this.#begin(scope, channel, userOf, bytes);
    return nonce === null ? bytes : withAuthorization(bytes, nonce);
  }

  /**
   * The same where the header is not among bytes, for a request that whoever sends it keeps.
   * @returns its value. null: it goes without.
   */
  valueFor(scope: ValueScope, channel: number, asked: AskedOf, userOf: () => DigestUser): string | null {
    const nonce = this.#begin(scope, channel, userOf, null);
    return nonce === null ? null : nextValue(nonce, asked);
  }

  /**
   * Looks at an answer.
   * @returns AGAIN: it is a challenge, and the request goes out again with the answer to it. A text: it is one that cannot be
   *   answered. null: it is the answer to the request.
   */
  answered({ status, headers }: Answer, scope: ValueScope): typeof AGAIN | string | null {
    const sent = this.#sent.get(scope);
    if (sent === undefined) return null;
    this.#sent.delete(scope);
    if (status !== UNAUTHORIZED) {
      this.#noteNext(sent, headers);
      return null;
    }
    const challenge = digestChallenge(headers);
    if (challenge === null || typeof challenge === "string") return challenge;
    if (isRefusal(challenge, sent)) {
      if (this.#nonces[sent.channel] === sent.nonce) this.#nonces[sent.channel] = undefined;
      return null;
    }
    if (sent.challenges >= MOST_CHALLENGES) return `challenged more than ${MOST_CHALLENGES} times`;
    this.#nonces[sent.channel] = newNonce(challenge, sent.user);
    this.#sent.set(scope, { ...sent, challenges: sent.challenges + 1, isChallenged: true });
    return AGAIN;
  }

  /** What is under way for a user, and was challenged. */
  #challenged(scope: ValueScope): Sent | null {
    const last = this.#sent.get(scope);
    return last?.isChallenged ? last : null;
  }

  /** @returns the nonce that it is to be sent with. null: it goes without. */
  #begin(scope: ValueScope, channel: number, userOf: () => DigestUser, bytes: Buffer | null): Nonce | null {
    const before = this.#challenged(scope);
    const user = before?.user ?? userOf();
    const challenges = before?.challenges ?? 0;
    const known = this.#nonces[channel];
    const nonce = known !== undefined && isSame(known.user, user) ? known : null;
    this.#sent.set(scope, { bytes, user, channel, nonce, challenges, isChallenged: false });
    return nonce;
  }

  #noteNext({ nonce, channel }: Sent, headers: readonly string[]): void {
    if (nonce === null || this.#nonces[channel] !== nonce) return;
    const next = nextNonce(headers);
    // What the key of "-sess" is made of is that of the challenge: RFC 7616, 3.4.2.
    if (next !== null) {
      this.#nonces[channel] = { ...nonce, challenge: { ...nonce.challenge, nonce: next }, count: 0 };
    }
  }
}

/**
 * The name or the password is wrong: the answer to a challenge of this very request is challenged once more, for the same
 * realm, and the server does not say that it is the nonce. A nonce of earlier requests says nothing: it may be of another
 * realm, or of a server that has been started anew.
 */
function isRefusal(challenge: DigestChallenge, { nonce, challenges }: Sent): boolean {
  const isAnswered = nonce !== null && challenges > 0 && nonce.challenge.realm === challenge.realm;
  return isAnswered && !challenge.isStale;
}

function isSame(one: DigestUser, other: DigestUser): boolean {
  return one.username === other.username && one.password === other.password;
}

function newNonce(challenge: DigestChallenge, user: DigestUser): Nonce {
  const cnonce = randomBytes(8).toString("hex");
  return { user, challenge, cnonce, key: digestKey(challenge, user, cnonce), count: 0 };
}

/** Uses the nonce once more. */
function nextValue(nonce: Nonce, asked: AskedOf): string {
  nonce.count += 1;
  const { challenge, key, count, cnonce } = nonce;
  return digestValue(challenge, key, asked, count, cnonce);
}

const REQUEST_LINE = /^(\S+) (\S+) /;

/** Puts the header behind the request line. */
function withAuthorization(bytes: Buffer, nonce: Nonce): Buffer {
  const end = bytes.indexOf("\r\n") + 2;
  const [, method = "", uri = ""] = REQUEST_LINE.exec(bytes.toString("latin1", 0, end)) ?? [];
  const value = nextValue(nonce, { method, uri });
  return Buffer.concat([
    bytes.subarray(0, end),
    Buffer.from(`Authorization: ${value}\r\n`),
    bytes.subarray(end),
  ]);
}
