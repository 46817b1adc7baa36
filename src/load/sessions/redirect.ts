/** Where an answer leads, and what is asked there. */

import { wholeOrSize } from "../../support/secrets/said.js";

const FOLLOWED = new Set([301, 302, 303, 307, 308]);
/** Of a scheme, a host and a port. A name has at most 253 characters. */
const LONGEST_SHOWN = 280;

export type Lead =
  | {
      readonly ok: true;
      readonly method: string;
      /** With the query. */
      readonly path: string;
    }
  /** The reason for `http_error`. */
  | { readonly ok: false; readonly reason: string };

export function isRedirect(status: number): boolean {
  return FOLLOWED.has(status);
}

/**
 * @param location the value of that header. null: there is none.
 * @param method of the request that was answered.
 * @param url the request's own.
 * @param target where the load goes. A redirect to any other scheme, host or port is not followed.
 */
export function leadOf(
  status: number,
  location: string | null,
  method: string,
  url: string,
  target: string,
): Lead {
  if (location === null || location.trim() === "")
    return { ok: false, reason: `status ${status} without a location` };
  let to: URL;
  try {
    to = new URL(location.trim(), url);
  } catch {
    return { ok: false, reason: "redirect to what is no URL" };
  }
  if (to.origin !== new URL(url).origin && to.origin !== new URL(target).origin) {
    const where = to.origin === "null" ? to.protocol : to.origin;
    return {
      ok: false,
      reason: `redirect leads away from the target, to ${wholeOrSize(where, LONGEST_SHOWN)}`,
    };
  }
  return { ok: true, method: methodAfter(status, method), path: `${to.pathname}${to.search}` };
}

/** As browsers do it (Fetch standard, HTTP-redirect fetch): a form that was sent is not sent to the page behind it. */
function methodAfter(status: number, method: string): string {
  const becomesGet =
    ((status === 301 || status === 302) && method === "POST") ||
    (status === 303 && method !== "GET" && method !== "HEAD");
  return becomesGet ? "GET" : method;
}
