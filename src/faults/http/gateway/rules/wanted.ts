import { globbed } from "../../../between/rules/glob.js";
import type { WantedRequest } from "../../../between/rules/rule.js";
import type { HttpRule } from "../../../http-rule.js";

/** What rules know of a request, whichever version of HTTP it came by. */
export interface RuledRequest {
  readonly method: string;
  /** As it was sent: with the query, and as a URL where a client asks a proxy so. */
  readonly target: string;
  /** Values of a header, in their order. @param name in lower case. */
  valuesOf(name: string): readonly string[];
}

/** Whether a request is one that the rule is for. */
export function wantedBy({ method, path, query, header }: HttpRule): WantedRequest<RuledRequest> {
  const conditions: WantedRequest<RuledRequest>[] = [];
  if (method !== undefined) conditions.push((request) => request.method === method);
  if (path !== undefined) {
    const fits = globbed(path);
    conditions.push(({ target }) => fits(pathOf(target)));
  }
  for (const [name, value] of Object.entries(query ?? {})) {
    const fits = globbed(value);
    conditions.push(({ target }) => queryOf(target).getAll(name).some(fits));
  }
  for (const [name, value] of Object.entries(header ?? {})) {
    const fits = globbed(value);
    conditions.push((request) => request.valuesOf(name.toLowerCase()).some(fits));
  }
  return (request) => conditions.every((holds) => holds(request));
}

/** Of a target such as "/a?b" or "http://shop/a?b", as it was sent. */
export function pathOf(target: string): string {
  const path = target.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/, "");
  const end = path.search(/[?#]/);
  const bare = end < 0 ? path : path.slice(0, end);
  return bare === "" ? "/" : bare;
}

function queryOf(target: string): URLSearchParams {
  const mark = target.indexOf("?");
  return new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1));
}
