import type { Debrief } from "../facts/debrief.js";

/** One thing to change: found on this day, or kept by the team. */
export interface ActionRow {
  readonly what: string;
  readonly about: string | null;
  readonly owner: string | null;
  readonly due: string | null;
  readonly ticket: string | null;
  readonly status: "overdue" | "new" | "open" | "reopened" | "mended" | "closed";
}

/** Overdue items first, then new ones, and closed ones last. */
export function actionRows({ day, found }: Debrief): readonly ActionRow[] {
  const kept = (day.actions ?? []).map(
    ({ what, scenario, fault, owner, due, ticket, before, status, isOverdue }): ActionRow => ({
      what,
      about: fault ?? scenario,
      owner,
      due,
      ticket,
      status: status !== "open" ? status : isOverdue ? "overdue" : before === "mended" ? "reopened" : "open",
    }),
  );
  const fresh = found.map(
    ({ what, scenario, fault, owner }): ActionRow => ({
      what,
      about: fault ?? scenario,
      owner,
      due: null,
      ticket: null,
      status: "new",
    }),
  );
  return [...kept, ...fresh].toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
}

const ORDER: readonly ActionRow["status"][] = ["overdue", "new", "reopened", "open", "mended", "closed"];

export const STATUS_WORDS = {
  overdue: { sign: "!", word: "overdue", tone: "bad" },
  new: { sign: "+", word: "new", tone: "unsure" },
  reopened: { sign: "✗", word: "open again", tone: "bad" },
  open: { sign: "–", word: "open", tone: "muted" },
  mended: { sign: "?", word: "mended, not decided", tone: "unsure" },
  closed: { sign: "✓", word: "closed", tone: "good" },
} as const;
