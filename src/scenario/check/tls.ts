import { isIP } from "node:net";
import { bareHost } from "../../support/address.js";
import type { CheckContext } from "./context.js";
import type { SoundLoad } from "./sound-load.js";

export function checkTls(context: CheckContext, { tls, target }: SoundLoad): void {
  if (!tls) return;
  if (tls.servername !== undefined && isIP(bareHost(tls.servername)) !== 0) {
    context.diagnostics.error(
      "wrong-value",
      context.at("load", "tls", "servername"),
      `\`servername\` is a name, and ${tls.servername} is an address`,
      "TLS sends names only (RFC 6066, section 3). Leave it out: the certificate then has to name the target's host.",
    );
  }
  if (tls.verify === false && context.has("load", "tls", "ca")) {
    const help = "Leave `verify` out to have the server's certificate checked against this authority.";
    const message = "`ca` has no effect with `verify: false`";
    context.diagnostics.warning("suspicious", context.key("load", "tls", "ca"), message, help);
  }
  if (target?.startsWith("http:")) {
    const message = "`tls` needs an https:// target";
    context.diagnostics.error("conflict", context.key("load", "tls"), message);
  }
  for (const [key, other] of [
    ["cert", "key"],
    ["key", "cert"],
  ] as const) {
    if (!context.has("load", "tls", key) || !context.lacks("load", "tls", other)) continue;
    const message = "`cert` and `key` belong together";
    context.diagnostics.error("missing-key", context.key("load", "tls", key), message);
  }
}
