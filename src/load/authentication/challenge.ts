import { wholeOrSize } from "../../support/secrets/said.js";
import { headerText } from "../answers/answer-body.js";

/** A challenge of Digest authentication (RFC 7616) that can be answered. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  /** null: it says none, and gets none back. */
  readonly opaque: string | null;
  /** As the server writes it. null: it says none, which is MD5. */
  readonly algorithm: string | null;
  /** Its name in OpenSSL. */
  readonly hash: string;
  /** The secret is made of the first nonce, too ("-sess"). */
  readonly isSession: boolean;
  /** Requests are counted with `qop=auth`. false: as RFC 2069 has it. */
  readonly counts: boolean;
  /** The answer before was right, but for its nonce. */
  readonly isStale: boolean;
  /** The user's name is hashed, too. */
  readonly hashesName: boolean;
}

const HASHES: ReadonlyMap<string, string> = new Map([
  ["MD5", "md5"],
  ["SHA-256", "sha256"],
  ["SHA-512-256", "sha512-256"],
]);

const LONGEST_SHOWN = 100;

/**
 * The first challenge that can be answered: a server puts its favourite first.
 * @param headers of an answer with status 401: names and values in turn.
 * @returns null when it is no challenge of Digest. A text: why none can be answered.
 */
export function digestChallenge(headers: readonly string[]): DigestChallenge | string | null {
  let problem: string | null = null;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() !== "www-authenticate") continue;
    for (const { scheme, parameters } of challengesIn(headerText(headers[i + 1]!))) {
      if (scheme !== "digest") continue;
      const read = readDigest(parameters);
      if (typeof read !== "string") return read;
      problem ??= read;
    }
  }
  return problem;
}

/** The nonce that the next request is to use. null: the answer says none. */
export function nextNonce(headers: readonly string[]): string | null {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() !== "authentication-info") continue;
    const [only] = challengesIn(`Info ${headerText(headers[i + 1]!)}`);
    return only?.parameters.get("nextnonce") ?? null;
  }
  return null;
}

function readDigest(parameters: ReadonlyMap<string, string>): DigestChallenge | string {
  const realm = parameters.get("realm");
  const nonce = parameters.get("nonce");
  if (realm === undefined || nonce === undefined) return "digest challenge without a realm and a nonce";
  const algorithm = parameters.get("algorithm") ?? null;
  const [, base = "", session] = /^(.*?)(-sess)?$/i.exec(algorithm ?? "MD5") ?? [];
  const hash = HASHES.get(base.toUpperCase());
  if (hash === undefined) return `digest challenge with the algorithm ${wholeOrSize(base, LONGEST_SHOWN)}`;
  const qop =
    parameters
      .get("qop")
      ?.toLowerCase()
      .split(/[\s,]+/)
      .filter((one) => one !== "") ?? [];
  if (qop.length > 0 && !qop.includes("auth")) {
    return `digest challenge with the qop ${wholeOrSize(qop.join(", "), LONGEST_SHOWN)}`;
  }
  return {
    realm,
    nonce,
    opaque: parameters.get("opaque") ?? null,
    algorithm,
    hash,
    isSession: session !== undefined,
    counts: qop.length > 0,
    isStale: parameters.get("stale")?.toLowerCase() === "true",
    hashesName: parameters.get("userhash")?.toLowerCase() === "true",
  };
}

interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** What a scheme such as Negotiate has instead of parameters: RFC 9110, 11.2. */
const TOKEN_68 = /[ \t]+[\w.~+/-]+=*(?=[ \t]*(?:,|$))/y;
/** A scheme, or a parameter of the scheme before it: RFC 9110, 11.2 and 11.6.1. */
const PART = /[\s,]*([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/y;

function challengesIn(value: string): readonly Challenge[] {
  const found: { scheme: string; parameters: Map<string, string> }[] = [];
  PART.lastIndex = 0;
  for (let match = PART.exec(value); match !== null; match = PART.exec(value)) {
    const [, name = "", quoted, bare] = match;
    const text = quoted === undefined ? bare : quoted.replace(/\\(.)/g, "$1");
    if (text === undefined) {
      found.push({ scheme: name.toLowerCase(), parameters: new Map() });
      TOKEN_68.lastIndex = PART.lastIndex;
      if (TOKEN_68.test(value)) PART.lastIndex = TOKEN_68.lastIndex;
    } else found.at(-1)?.parameters.set(name.toLowerCase(), text);
  }
  return found;
}
