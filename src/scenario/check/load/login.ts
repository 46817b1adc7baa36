import { jsonPathMistake } from "../../../notation/json-path.js";
import { requestKindWith } from "../../../requests/kinds.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext, LoadParts } from "../context.js";
import { capturesOf, checkCaptureSlots } from "./capture-slots.js";
import { checkRequest } from "./request.js";

const AT = ["load", "login"];

/** @returns the names of what the login captures, which all requests may use. */
export function checkLogin(
  context: CheckContext,
  { login, rate, cookies, journeys = [] }: LoadParts,
  named: (name: string | undefined, path: TreePath) => void,
): ReadonlySet<string> {
  const captured = new Set(capturesOf(context, AT));
  if (login === undefined) return captured;
  const { diagnostics } = context;
  named(checkRequest(context, login, AT), AT);
  checkCaptureSlots(context, AT, new Set(), null);
  const inSteps = journeys.flatMap((journey, index) =>
    (journey?.steps ?? []).flatMap((_, step) =>
      capturesOf(context, ["load", "journeys", index, "steps", step]),
    ),
  );
  checkCaptureSlots(context, ["load", "headers"], new Set([...captured, ...inSteps]), null);
  if (captured.size === 0 && context.lacks(...AT, "capture") && cookies !== true) {
    const help = "Write capture: { token: { json: $.access_token } }, or cookies: true in load.";
    diagnostics.warning("suspicious", context.key(...AT), "nothing of what `login` brings is kept", help);
  }
  checkLifetime(context, login);
  if (context.has(...AT, "stream")) {
    const help =
      "Take stream away: of a stream nothing can be captured, and a login is good when its answer is whole.";
    diagnostics.error("conflict", context.key(...AT, "stream"), "a login cannot be a stream of events", help);
  }
  const { once } = login;
  if (context.has(...AT, "refreshBefore") && context.lacks(...AT, "lifetime")) {
    const message = "`refreshBefore` needs `lifetime`: nothing says when the login ends";
    const help =
      "Write lifetime: $.expires_in, where its answer says for how many seconds it is good, or lifetime: 5m.";
    diagnostics.error("conflict", context.key(...AT, "refreshBefore"), message, help);
  }
  if (once === "user" && rate !== undefined) {
    const message = "with `rate` each user comes once, so nobody would use its login again";
    const help = "Make it the first step of the journeys, or write once: run.";
    diagnostics.error("conflict", context.key(...AT, "once"), message, help);
  }
  return captured;
}

function checkLifetime(context: CheckContext, { lifetime }: NonNullable<LoadParts["login"]>): void {
  const { diagnostics } = context;
  if (typeof lifetime !== "string") return;
  const mistake = jsonPathMistake(lifetime);
  if (mistake !== null) {
    diagnostics.error("wrong-value", context.at(...AT, "lifetime"), mistake.message, mistake.help);
  }
  const kind = requestKindWith(context.names(...AT));
  if (kind.captureAt) return;
  const message = `of a login by ${kind.name} no path in its answer says how long it is good`;
  diagnostics.error("conflict", context.at(...AT, "lifetime"), message, "Write a duration, such as 5m.");
}
