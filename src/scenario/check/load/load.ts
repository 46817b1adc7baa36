import { isClusterTarget } from "../../../notation/cluster-target.js";
import { kindsFor, schemeOf } from "../../../requests/kinds.js";
import { LOAD_KEYS } from "../../../requests/request-kind.js";
import type { CheckContext, LoadParts } from "../context.js";
import { checkTls } from "../tls.js";
import { checkAuth } from "./auth.js";
import { checkFeeds } from "./feeds.js";
import { kindsSent } from "./kinds-sent.js";
import { checkMix } from "./mix.js";
import { checkModel } from "./model.js";
import { checkSession } from "./session.js";
import { checkTracing } from "./tracing.js";
import { checkVersions } from "./versions.js";

export function checkLoad(context: CheckContext): void {
  const { load } = context.parts.valid;
  if (!load) return;
  checkModel(context, load);
  checkMix(context, load);
  checkKeys(context, load);
  checkPartial(context, load);
  checkSession(context, load);
  checkHeaders(context, load);
  checkAuth(context, load);
  checkLoadTls(context, load);
  checkFeeds(context, load);
  checkTracing(context, load);
  checkVersions(context, load);
}

/** Some kind of request that is sent to the target has to know the key. */
function checkKeys(context: CheckContext, load: LoadParts): void {
  const kinds = kindsSent(context, load);
  for (const key of LOAD_KEYS) {
    if (!context.has("load", key) || !kinds.every(({ without }) => without.includes(key))) continue;
    const { target = "" } = load;
    const isOfTarget = kindsFor(target).every(({ without }) => without.includes(key));
    const what = isOfTarget
      ? `requests to ${schemeOf(target)?.name}://`
      : `requests of ${kinds.map(({ name }) => name).join(" and ")}`;
    context.diagnostics.error("conflict", context.key("load", key), `\`${key}\` means nothing to ${what}`);
  }
}

/** Some of the requests go without what others have. */
function checkPartial(context: CheckContext, load: LoadParts): void {
  const kinds = kindsSent(context, load);
  const given = { auth: load.auth !== undefined && load.auth !== "none", cookies: load.cookies === true };
  for (const key of ["auth", "cookies"] as const) {
    const lacking = kinds.filter(({ without }) => without.includes(key));
    if (!given[key] || lacking.length === 0 || lacking.length === kinds.length) continue;
    const message = `requests of ${lacking.map(({ name }) => name).join(" and ")} go without \`${key}\``;
    const help = "What they need to say who they are goes into their `headers`.";
    context.diagnostics.warning("suspicious", context.key("load", key), message, help);
  }
}

function checkHeaders(context: CheckContext, load: LoadParts): void {
  const { headers } = load;
  if (!headers) return;
  for (const kind of kindsSent(context, load)) {
    context.complain(kind.checkHeaders?.(headers) ?? [], ["load", "headers"]);
  }
}

function checkLoadTls(context: CheckContext, { tls, target = "" }: LoadParts): void {
  if (!tls) return;
  checkTls(context, ["load", "tls"], tls);
  const scheme = schemeOf(target);
  if (!scheme || scheme.isTls) return;
  const secure = kindsFor(target).flatMap(({ schemes }) => schemes.filter(({ isTls }) => isTls));
  const wanted = isClusterTarget(target) ? "a k8s+https" : secure[0] && `an ${secure[0].name}`;
  const message = wanted ? `\`tls\` needs ${wanted}:// target` : `a ${scheme.name}:// target has no TLS`;
  context.diagnostics.error("conflict", context.key("load", "tls"), message);
}
