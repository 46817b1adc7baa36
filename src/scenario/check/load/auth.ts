import { authComplaints } from "../../../requests/authentication/auth-complaints.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext, LoadParts } from "../context.js";
import { capturesOf, checkCaptureSlots } from "./capture-slots.js";
import { rowsOf } from "./feed-rows.js";
import { requestPlaces } from "./request-names.js";

const LOGIN: TreePath = ["load", "login"];

/** `load.auth`. */
export function checkAuth(context: CheckContext, load: LoadParts): void {
  const { auth, headers = {} } = load;
  const has = (...path: readonly string[]) => context.has("load", ...path);
  const isUnclear = (...path: readonly string[]) => context.isUnclear("load", ...path);
  context.complain(
    authComplaints(auth, { headers, has, isUnclear, rowsOf: (feed) => rowsOf(context, feed) }),
    ["load"],
  );
  const captured = [LOGIN, ...requestPlaces(context)].flatMap((place) => capturesOf(context, place));
  checkCaptureSlots(context, ["load", "auth"], new Set(captured), null);
}
