import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { bareHost } from "../../../../support/address.js";
import { ApiError } from "./api-error.js";

/** Who may use the API. */
export interface AccessRules {
  /** Every request has to carry it; null: none is asked for. */
  readonly token: string | null;
  /** Names that clients call this server by, besides those that no stranger can own. */
  readonly hosts: readonly string[];
}

/** Endings that public DNS never answers for: a stranger's page cannot have such an address. */
const PRIVATE_NAME = /(^|\.)(localhost|internal|local|test)$/;

/**
 * Refuses what comes from a page in a browser, and whoever does not have the token.
 *
 * A page can make its own name lead to this machine (DNS rebinding) and then talk to the API. The name still stands in
 * Host, and its origin in Origin, so both have to be names that no stranger can own.
 * @throws ApiError 401, 403
 */
export function checkAccess(request: IncomingMessage, { token, hosts }: AccessRules): void {
  // A whole URL as the request's target counts more than Host (RFC 9112, 3.2.2).
  const [, target] = /^[a-z]+:\/\/([^/?#]*)/i.exec(request.url ?? "") ?? [];
  for (const host of [request.headers.host, target]) {
    if (host !== undefined && !isOwnName(hostname(host), hosts))
      throw new ApiError(403, `host ${JSON.stringify(host)} is not one of this server's names`);
  }
  const { origin, "sec-fetch-site": from } = request.headers;
  if (origin !== undefined && !isOwnName(hostname(origin.replace(/^[a-z][a-z\d+.-]*:\/\//i, "")), hosts))
    throw new ApiError(403, `requests from ${JSON.stringify(origin)} are not allowed`);
  // Not every browser sends Origin with every form or picture. This header no page can change.
  if (origin === undefined && from === "cross-site")
    throw new ApiError(403, "requests from the pages of another site are not allowed");
  if (token !== null && !isSame(request.headers.authorization ?? "", `Bearer ${token}`))
    throw new ApiError(401, "this API asks for a token: send Authorization: Bearer TOKEN");
}

function isOwnName(name: string | null, hosts: readonly string[]): boolean {
  if (name === null) return false;
  const bare = bareHost(name);
  // A name without a dot is in no public domain.
  return isIP(bare) !== 0 || !bare.includes(".") || PRIVATE_NAME.test(bare) || hosts.includes(bare);
}

/** In lower case, without the port; null when it is none ("null" is the origin of pages that hide theirs). */
function hostname(host: string): string | null {
  if (host === "null" || !URL.canParse(`http://${host}/`)) return null;
  return new URL(`http://${host}/`).hostname.replace(/\.$/, "");
}

/** Compared by digests of one length, so that the time that it takes says nothing. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
