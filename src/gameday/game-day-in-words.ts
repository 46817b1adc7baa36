import { isPast } from "./schema/date.js";
import type { Exemption } from "./schema/exempt.js";
import type { GameDayData } from "./schema/game-day.js";

/** "Coordinator @sre, observers #payments."; "": nobody is named. */
export function rolesText({ owner, roles }: Pick<GameDayData, "owner" | "roles">): string {
  const named = [
    ["Owner", roles.owner ?? owner],
    ["coordinator", roles.coordinator],
    ["observers", roles.observers],
  ].flatMap(([role, who]) => (who === undefined ? [] : [`${role} ${who}`]));
  const [first = "", ...more] = named;
  if (first === "") return "";
  return `${[first.slice(0, 1).toUpperCase() + first.slice(1), ...more].join(", ")}.`;
}

/**
 * "Exempt: "cache cut off" of slow-cache.yaml until 2027-01-31 (no fallback before SHOP-12, @payments)."; "": nothing is.
 * What expires while a scheduler stays is not exempt any more.
 */
export function exemptText(exempt: readonly Exemption[], nowMs: number): string {
  const inForce = exempt.filter(({ expires }) => !isPast(expires, nowMs));
  if (inForce.length === 0) return "";
  const each = inForce.map(
    ({ scenario, fault, expires, reason, owner }) =>
      `"${fault}" of ${scenario} until ${expires} (${reason}, ${owner})`,
  );
  return `Exempt: ${each.join("; ")}.`;
}
