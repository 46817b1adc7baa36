import { countOf } from "../../support/count-of.js";
import type { ActionOfDay } from "./action-of-day.js";

const MOST_IN_NOTICE = 3;

/** "2 action items are open, 1 of them overdue: …"; "": none is. */
export function openItemsText(actions: readonly ActionOfDay[]): string {
  if (actions.length === 0) return "";
  const told = actions.slice(0, MOST_IN_NOTICE).map(({ what }) => what);
  const more = actions.length > told.length ? `; and ${actions.length - told.length} more` : "";
  return `${headOf(actions)}: ${told.join("; ")}${more}.`;
}

/** For the begin of a day: a head, and a line for each. */
export function actionLines(actions: readonly ActionOfDay[]): readonly string[] {
  if (actions.length === 0) return [];
  return [`${headOf(actions)}:`, ...actions.map(itemText)];
}

/** For its end: what became of those that were declared mended. */
export function decisionLines(actions: readonly ActionOfDay[]): readonly string[] {
  return actions
    .filter(({ before }) => before === "mended")
    .map(({ id, what, status }) => `${id}: ${DECISION_WORDS[status]} (${what})`);
}

/** Of an item that was declared mended. */
export const DECISION_WORDS = {
  closed: "it holds: closed",
  open: "it broke again: open",
  mended: "it was not decided: still to be shown",
} as const satisfies Record<ActionOfDay["status"], string>;

function headOf(actions: readonly ActionOfDay[]): string {
  const overdue = actions.filter(({ isOverdue }) => isOverdue).length;
  const open = `${countOf(actions.length, "action item")} ${actions.length === 1 ? "is" : "are"} not closed`;
  return overdue === 0 ? open : `${open}, ${overdue} overdue`;
}

function itemText({ what, before, due, isOverdue, owner, ticket }: ActionOfDay): string {
  const facts = [
    ...(isOverdue ? [`overdue since ${due ?? ""}`] : due === null ? [] : [`due ${due}`]),
    ...(before === "mended" ? ["mended, is run again"] : []),
    ...(owner === null ? [] : [owner]),
    ...(ticket === null ? [] : [ticket]),
  ];
  return facts.length === 0 ? what : `${what} (${facts.join(", ")})`;
}
