/** Routes of requests. What a route names may hold secrets: a path is the client's own words. */

import { saidIn } from "../../../support/secrets/said.js";
import type { HttpRoute } from "../../http-traffic.js";

/** What is longer is cut: a record holds it. */
const LONGEST_SHOWN = 125;
/** Room for whole secrets. */
const CARRIED_BEYOND = 1_000;

/** As a gateway counts by it, where no secrets are known. */
export function routeIn(route: string): string {
  return saidIn(route, LONGEST_SHOWN, CARRIED_BEYOND);
}

/** As it may be shown. @param mask takes secrets out. */
export function shownRoute({ route, ...counts }: HttpRoute, mask: (text: string) => string): HttpRoute {
  const masked = mask(route);
  const isLong = masked.length > LONGEST_SHOWN;
  return { route: isLong ? `${masked.slice(0, LONGEST_SHOWN)}…` : masked, ...counts };
}
