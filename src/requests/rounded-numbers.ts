import type { Complaint } from "../notation/complaint.js";
import type { RequestSaid } from "./request-said.js";

/** A double cannot tell some whole numbers from the next one. They would be sent, or compared, as another number. */
export function roundedComplaints(
  said: RequestSaid,
  path: readonly (string | number)[],
  help: string,
): readonly Complaint[] {
  const isRounded = (text: string, value: unknown) =>
    typeof value === "number" && /^[-+]?\d+$/.test(text) && !Number.isSafeInteger(value);
  return said
    .scalars(...path)
    .filter(({ text, value }) => isRounded(text, value))
    .map(({ path: at, written }) => ({
      code: "wrong-value",
      path: at,
      at: "value",
      message: `${written} cannot be told from its neighbours: whole numbers go up to ${Number.MAX_SAFE_INTEGER} here`,
      help,
    }));
}
