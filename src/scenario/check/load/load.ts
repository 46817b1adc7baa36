import { kindsFor, schemeOf } from "../../../requests/kinds.js";
import type { CheckContext, LoadParts } from "../context.js";
import { checkTls } from "../tls.js";
import { checkFeeds } from "./feeds.js";
import { checkMix } from "./mix.js";
import { checkModel } from "./model.js";

export function checkLoad(context: CheckContext): void {
  const { load } = context.parts.valid;
  if (!load) return;
  checkModel(context, load);
  checkMix(context, load);
  checkHeaders(context, load);
  checkLoadTls(context, load);
  checkFeeds(context, load);
}

/** Some kind of request that can be sent there has to have headers. */
function checkHeaders(context: CheckContext, { headers, target = "" }: LoadParts): void {
  if (!headers) return;
  const complaints = kindsFor(target).flatMap(({ checkHeaders }) =>
    checkHeaders ? [checkHeaders(headers)] : [],
  );
  context.complain(complaints.flat(), ["load", "headers"]);
  if (complaints.length > 0) return;
  const message = `requests to ${schemeOf(target)?.name}:// have no headers`;
  context.diagnostics.error("conflict", context.key("load", "headers"), message);
}

function checkLoadTls(context: CheckContext, { tls, target = "" }: LoadParts): void {
  if (!tls) return;
  checkTls(context, ["load", "tls"], tls);
  const scheme = schemeOf(target);
  if (!scheme || scheme.isTls) return;
  const secure = kindsFor(target).flatMap(({ schemes }) => schemes.filter(({ isTls }) => isTls));
  const message = secure[0]
    ? `\`tls\` needs an ${secure[0].name}:// target`
    : `a ${scheme.name}:// target has no TLS`;
  context.diagnostics.error("conflict", context.key("load", "tls"), message);
}
