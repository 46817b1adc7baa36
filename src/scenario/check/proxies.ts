import { splitProxyAddress, tlsSides } from "../values/proxy-address.js";
import type { CheckContext } from "./context.js";
import { checkTls } from "./tls.js";

/** What proxies say of the protocol and of TLS; their addresses are checked with all others. */
export function checkProxies(context: CheckContext): void {
  for (const [name, proxy] of Object.entries(context.parts.valid.proxies ?? {})) {
    const { listen, upstream, tls } = proxy ?? {};
    for (const [key, text] of [
      ["upstream", upstream],
      ["listen", listen],
    ] as const) {
      if (text !== undefined) checkScheme(context, name, key, text);
    }
    if (!tls) continue;
    checkTls(context, ["proxies", name, "tls"], tls);
    // Without `listen` of its own the upstream alone decides.
    if (upstream === undefined || tlsSides({ listen: "", upstream }).upstream) continue;
    const { address } = splitProxyAddress(upstream);
    context.diagnostics.error(
      "conflict",
      context.key("proxies", name, "tls"),
      "`tls` says how an https:// upstream is spoken to, and this one speaks no TLS",
      `Write upstream: "https://${address}", or leave \`tls\` out.`,
    );
  }
}

/** http:// and https:// are of HTTP. */
function checkScheme(context: CheckContext, name: string, key: "listen" | "upstream", text: string): void {
  const { scheme } = splitProxyAddress(text);
  // Another one is no address at all, which is said elsewhere.
  if ((scheme !== "http" && scheme !== "https") || !context.lacks("proxies", name, "protocol")) return;
  context.diagnostics.error(
    "conflict",
    context.at("proxies", name, key),
    `${scheme}:// needs \`protocol: http\``,
    `Write protocol: http at the proxy \`${name}\`, or host:port alone.`,
  );
}
