import type { CheckContext } from "./context.js";
import { checkFeeds } from "./feeds.js";
import { checkMix } from "./mix.js";
import { checkModel } from "./model.js";
import { checkHeader } from "./requests.js";
import { checkTls } from "./tls.js";

export function checkLoad(context: CheckContext): void {
  const { load } = context.parts.sound;
  if (!load) return;
  checkModel(context, load);
  checkMix(context, load);
  for (const [name, value] of Object.entries(load.headers ?? {})) {
    checkHeader(context, name, value, ["load", "headers", name]);
  }
  checkTls(context, load);
  checkFeeds(context, load);
}
