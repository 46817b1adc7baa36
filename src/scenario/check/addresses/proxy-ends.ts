import { isAllowedHost, isLoopback, isOwnAddress, isWildcard, parseAddress } from "../../../support/hosts.js";
import type { Span } from "../../text/source.js";
import { BARE_TLS, isKnownScheme, splitProxyAddress } from "../../values/proxy-address.js";
import { withSamples } from "../address-slots.js";
import type { CheckContext } from "../context.js";
import { checkHost, refusesPort, urlIn } from "./named-host.js";

/** Checks where proxies listen and what is behind them. No two listen at one place. */
export function checkProxyEnds(context: CheckContext): void {
  const listening = new Map<string, string>();
  for (const [name, proxy] of Object.entries(context.parts.valid.proxies ?? {})) {
    const { listen, upstream } = proxy ?? {};
    const at = context.at("proxies", name, "upstream");
    const address = upstream === undefined ? null : proxyAddressAt(context, upstream, at);
    if (address?.port === 0) context.diagnostics.error("wrong-value", at, "port 0 is nobody's address");
    else if (address) checkHost(context, address.host, at);
    const listenAt = context.at("proxies", name, "listen");
    const own = listen === undefined ? null : proxyAddressAt(context, listen, listenAt);
    if (!own) continue;
    checkListen(context, name, own.host, listenAt);
    const place = `${own.host}:${own.port}`;
    const other = listening.get(place);
    if (other !== undefined && own.port !== 0) {
      const message = `the proxy \`${other}\` listens there already`;
      context.diagnostics.error("conflict", listenAt, message);
    }
    listening.set(place, name);
  }
}

/** Listening on this machine for others must be allowed, or at least gets a warning. */
function checkListen(context: CheckContext, name: string, host: string, at: Span): void {
  const message = `everyone on the network can connect through the proxy \`${name}\``;
  const isAllowed = isAllowedHost(host, context.allowedHosts);
  if (isWildcard(host)) {
    const inScenario = context.untrusted === null ? `, or allowHosts: ["${host}"]` : "";
    const help = `Listen on 127.0.0.1. If others need it, allow it: --allow-host ${host}${inScenario}.`;
    if (!isAllowed) context.diagnostics.error("host-not-allowed", at, message, help);
  } else if (!isAllowed) checkHost(context, host, at);
  else if (isOwnAddress(host) && !isLoopback(host)) {
    context.diagnostics.warning("suspicious", at, message, "Listen on 127.0.0.1 unless others need it.");
  }
}

/** host:port, or the URL of a server of HTTP or of TLS. */
function proxyAddressAt(context: CheckContext, text: string, at: Span) {
  const { scheme, address: written } = splitProxyAddress(text);
  const address = isKnownScheme(scheme) ? parseAddress(withSamples(written)) : null;
  if (address || refusesPort(context, text, at)) return address;
  const url = urlIn(text);
  if (
    isKnownScheme(scheme) &&
    url?.host &&
    (!["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "" || url.username !== "")
  ) {
    const help = `Write ${url.protocol}//${url.host}: paths go through as clients ask for them.`;
    context.diagnostics.error("wrong-value", at, "expected host:port, without a path", help);
    return null;
  }
  const help =
    scheme === BARE_TLS
      ? `For example ${BARE_TLS}://127.0.0.1:6380.`
      : url?.host
        ? `Write ${url.host}, without the protocol.`
        : "For example 127.0.0.1:6379, or [::1]:6379.";
  context.diagnostics.error("wrong-value", at, "expected host:port", help);
  return null;
}
