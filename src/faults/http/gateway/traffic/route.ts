import { routeIn } from "../../../between/traffic/shown-route.js";
import type { RequestHead } from "../message/request-head.js";
import { pathOf } from "../rules/wanted.js";

/** A part of a path that names one thing of many: a number, a UUID, a long run of hexadecimal digits, a key. */
const NAMES_ONE =
  /^(?:\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{16,}|(?=.*\d)[A-Za-z0-9_-]{20,}|[A-Za-z]+_(?=.*\d)[A-Za-z0-9]{8,})$/;

/** "POST /charges/{id}": requests for the same kind of thing have the same. */
export function routeOf({ method, target }: Pick<RequestHead, "method" | "target">): string {
  const path = pathOf(target)
    .split("/")
    .map((part) => (NAMES_ONE.test(part) ? "{id}" : part))
    .join("/");
  return routeIn(`${method} ${path}`);
}
