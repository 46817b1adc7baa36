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

/** "Exempt: "cache cut off" of slow-cache.yaml until 2027-01-31."; "": nothing is. */
export function exemptText(exempt: readonly Exemption[]): string {
  if (exempt.length === 0) return "";
  return `Exempt: ${exempt.map(({ scenario, fault, expires }) => `"${fault}" of ${scenario} until ${expires}`).join("; ")}.`;
}
