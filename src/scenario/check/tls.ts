import { isIP } from "node:net";
import type { ValidParts } from "../../quantities/valid-parts.js";
import { bareHost } from "../../support/address.js";
import type { TlsInput } from "../schema/tls.js";
import type { TreePath } from "../text/tree.js";
import type { CheckContext } from "./context.js";

/** What contradicts itself in `tls`, wherever it stands. */
export function checkTls(context: CheckContext, path: TreePath, tls: ValidParts<TlsInput>): void {
  if (tls.servername !== undefined && isIP(bareHost(tls.servername)) !== 0) {
    context.diagnostics.error(
      "wrong-value",
      context.at(...path, "servername"),
      `\`servername\` is a name, and ${tls.servername} is an address`,
      "TLS sends names only (RFC 6066, section 3). Leave it out: the certificate then has to name the server's host.",
    );
  }
  if (tls.verify === false && context.has(...path, "ca")) {
    const help = "Leave `verify` out to have the server's certificate checked against this authority.";
    const message = "`ca` has no effect with `verify: false`";
    context.diagnostics.warning("suspicious", context.key(...path, "ca"), message, help);
  }
  for (const [key, other] of [
    ["cert", "key"],
    ["key", "cert"],
  ] as const) {
    if (!context.has(...path, key) || !context.lacks(...path, other)) continue;
    const message = "`cert` and `key` belong together";
    context.diagnostics.error("missing-key", context.key(...path, key), message);
  }
}

/** `tls` beside the URLs of servers that are asked: one of them has to speak it. */
export function checkServersTls(
  context: CheckContext,
  at: TreePath,
  tls: ValidParts<TlsInput> | undefined,
  urls: readonly (string | undefined)[],
): void {
  if (!tls) return;
  checkTls(context, [...at, "tls"], tls);
  const there = urls.filter((url) => url !== undefined);
  if (there.length === 0 || there.some((url) => !url.startsWith("http:"))) return;
  context.diagnostics.error("conflict", context.key(...at, "tls"), "`tls` needs an https:// URL");
}
