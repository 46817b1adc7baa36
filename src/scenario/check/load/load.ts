import type { CheckContext, LoadParts } from "../context.js";
import { checkTls } from "../tls.js";
import { checkFeeds } from "./feeds.js";
import { checkMix } from "./mix.js";
import { checkModel } from "./model.js";
import { checkHeader } from "./requests.js";

export function checkLoad(context: CheckContext): void {
  const { load } = context.parts.valid;
  if (!load) return;
  checkModel(context, load);
  checkMix(context, load);
  for (const [name, value] of Object.entries(load.headers ?? {})) {
    checkHeader(context, name, value, ["load", "headers", name]);
  }
  checkLoadTls(context, load);
  checkFeeds(context, load);
}

function checkLoadTls(context: CheckContext, { tls, target }: LoadParts): void {
  if (!tls) return;
  checkTls(context, ["load", "tls"], tls);
  if (!target?.startsWith("http:")) return;
  context.diagnostics.error("conflict", context.key("load", "tls"), "`tls` needs an https:// target");
}
