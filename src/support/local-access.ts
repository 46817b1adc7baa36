import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { bareHost } from "./address.js";

/** Endings that public DNS never answers for. A stranger's page cannot have such an address. */
const PRIVATE_NAME = /(^|\.)(localhost|internal|local|test)$/;

/**
 * Why a request comes from a page of somebody else in a browser; null: it does not.
 *
 * A page can make its own name lead to this machine (DNS rebinding) and then talk to a server on it. The name still
 * stands in Host, and its origin in Origin, so both have to be names that no stranger can own.
 * @param hosts names that clients call this server by, besides those that no stranger can own.
 * @param mayBeLinked what is asked for is a page: a link on any other page may lead to it.
 */
export function strangerIn(
  request: IncomingMessage,
  hosts: readonly string[],
  { mayBeLinked = false }: { readonly mayBeLinked?: boolean } = {},
): string | null {
  // A whole URL as the request's target counts more than Host (RFC 9112, 3.2.2).
  const [, target] = /^[a-z]+:\/\/([^/?#]*)/i.exec(request.url ?? "") ?? [];
  for (const host of [request.headers.host, target]) {
    if (host !== undefined && !isOwnName(hostname(host), hosts))
      return `host ${JSON.stringify(host)} is not one of this server's names`;
  }
  const { origin, "sec-fetch-site": from } = request.headers;
  if (origin !== undefined && !isOwnName(hostname(origin.replace(/^[a-z][a-z\d+.-]*:\/\//i, "")), hosts))
    return `requests from ${JSON.stringify(origin)} are not allowed`;
  // Not every browser sends Origin with every form or picture. No page can change this header.
  const isCrossSite = origin === undefined && from === "cross-site";
  return isCrossSite && !(mayBeLinked && isNavigation(request))
    ? "requests from the pages of another site are not allowed"
    : null;
}

function isOwnName(name: string | null, hosts: readonly string[]): boolean {
  if (name === null) return false;
  const bare = bareHost(name);
  // A name without a dot is in no public domain.
  return isIP(bare) !== 0 || !bare.includes(".") || PRIVATE_NAME.test(bare) || hosts.includes(bare);
}

/** A person goes there. The page that had the link sees nothing of the answer. */
function isNavigation({ method, headers }: IncomingMessage): boolean {
  return (
    method === "GET" && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document"
  );
}

/**
 * In lower case, without the port. @returns null when there is none ("null" is the origin of pages that hide theirs).
 */
function hostname(host: string): string | null {
  if (host === "null" || !URL.canParse(`http://${host}/`)) return null;
  return new URL(`http://${host}/`).hostname.replace(/\.$/, "");
}

/** Compares digests of one length, so that the time it takes says nothing. */
export function isSameSecret(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
