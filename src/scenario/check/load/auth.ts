import { authComplaints } from "../../../requests/authentication/auth-complaints.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext, LoadParts } from "../context.js";
import { capturesOf, checkCaptureSlots } from "./capture-slots.js";
import { rowsOf } from "./feed-rows.js";
import { kindsSent } from "./kinds-sent.js";
import { requestPlaces } from "./request-names.js";

const LOGIN: TreePath = ["load", "login"];

/** `load.auth`, and where challenges are answered. */
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
  checkDigestVersion(context, load);
}

/** A challenge is answered on the connection on which it came. */
function checkDigestVersion(context: CheckContext, load: LoadParts): void {
  const needing = kindsSent(context, load).find(({ needsHttp2 }) => needsHttp2);
  if (needing === undefined && load.protocol !== "h2") return;
  const help =
    needing === undefined
      ? "Take protocol: h2 away, or write auto: it chooses HTTP/1.1 then."
      : `Requests of ${needing.name} go over HTTP/2, and so do all beside them. Give these a scenario of their own.`;
  for (const place of [["load"], LOGIN, ...requestPlaces(context)]) {
    const at = [...place, "auth", "digest"];
    if (!context.has(...at)) continue;
    const message = "`digest` goes over HTTP/1.1 alone, and the load is HTTP/2";
    context.diagnostics.error("conflict", context.key(...at), message, help);
  }
}
