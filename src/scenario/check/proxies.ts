import { BARE_TLS, schemeShown, splitProxyAddress, tlsSides } from "../values/proxy-address.js";
import type { CheckContext } from "./context.js";
import { checkTls } from "./tls.js";

/** What proxies say of the protocol and of TLS; their addresses are checked with all others. */
export function checkProxies(context: CheckContext): void {
  for (const [name, proxy] of Object.entries(context.parts.valid.proxies ?? {})) {
    const { listen, upstream, protocol, tls } = proxy ?? {};
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
      "`tls` says how an upstream is spoken to over TLS, and this one speaks none",
      `Write upstream: "${schemeShown(protocol, true)}${address}", or leave \`tls\` out.`,
    );
  }
}

/** http:// and https:// are of HTTP and gRPC, and tls:// is of anything else. */
function checkScheme(context: CheckContext, name: string, key: "listen" | "upstream", text: string): void {
  const { scheme, address } = splitProxyAddress(text);
  const isOfHttp = !context.lacks("proxies", name, "protocol");
  const { protocol = "http" } = context.parts.valid.proxies?.[name] ?? {};
  if (scheme === BARE_TLS && isOfHttp) {
    context.diagnostics.error(
      "conflict",
      context.at("proxies", name, key),
      `with \`protocol: ${protocol}\` TLS is https://`,
      `Write ${key}: "https://${address}", or leave \`protocol\` out.`,
    );
  }
  // Another one is no address at all, which is said elsewhere.
  if ((scheme !== "http" && scheme !== "https") || isOfHttp) return;
  context.diagnostics.error(
    "conflict",
    context.at("proxies", name, key),
    `${scheme}:// needs \`protocol: http\` or \`protocol: grpc\``,
    `Write one of them at the proxy \`${name}\`, or ${scheme === "https" ? `tls://${address}, if it is neither` : "host:port alone"}.`,
  );
}
