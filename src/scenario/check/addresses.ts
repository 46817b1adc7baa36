import { engineAddressHelp, parseEngineAddress } from "../../faults/kinds/docker/engine-address.js";
import { isReferenceText } from "../../kubernetes/references/object-reference.js";
import { isClusterTarget } from "../../notation/cluster-target.js";
import { targetSchemes } from "../../requests/kinds.js";
import {
  HIGHEST_PORT,
  hostOf,
  isAllowedHost,
  isLoopback,
  isOwnAddress,
  isWildcard,
  parseAddress,
  portTooHigh,
} from "../../support/hosts.js";
import { SIGNAL_URLS } from "../signals/kinds.js";
import type { Span } from "../text/source.js";
import { BARE_TLS, isKnownScheme, splitProxyAddress } from "../values/proxy-address.js";
import { readyUrl } from "../values/ready-url.js";
import { misplacedSlot } from "../values/slot-places.js";
import { checkSlots, withSamples } from "./address-slots.js";
import { CLUSTER_HELP, checkClusterTarget, isNearlyCluster } from "./cluster-target.js";
import type { CheckContext } from "./context.js";
import { targetUrls } from "./faults/target-urls.js";
import { checkAwaitedObject } from "./references.js";
import { telemetryUrls } from "./telemetry.js";

/** Checks where the run connects to: the address is well formed, its protocol is spoken, and the host is allowed. */
export function checkAddresses(context: CheckContext): void {
  const { valid } = context.parts;
  checkAllowHosts(context);
  checkSlots(context);
  if (!checkSlotPlaces(context)) return;
  if (valid.load?.target !== undefined) checkTarget(context, valid.load.target);
  const listening = new Map<string, string>();
  for (const [name, proxy] of Object.entries(valid.proxies ?? {})) {
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
  for (const [name, service] of Object.entries(valid.services ?? {})) {
    const ready = readyUrl(service?.ready);
    if (ready === null) continue;
    if (isReferenceText(ready.url)) {
      checkAwaitedObject(context, ready.url, ["services", name, ...ready.at]);
      continue;
    }
    const at = context.at("services", name, ...ready.at);
    if (refusesPort(context, ready.url, at)) continue;
    const url = urlOf(ready.url);
    if (
      !url ||
      !["http:", "https:", "grpc:", "grpcs:", "tcp:"].includes(url.protocol) ||
      (!url.protocol.startsWith("http") && url.port === "")
    ) {
      const help =
        "For example http://127.0.0.1:3000/health, grpc://127.0.0.1:50051 or tcp://127.0.0.1:6379.";
      const message =
        "expected http://…, https://…, grpc://host:port, tcp://host:port or k8s://NAMESPACE/KIND/NAME";
      context.diagnostics.error("wrong-value", at, message, help);
    } else if (url.protocol.startsWith("grpc") && !isPercentText(url.pathname)) {
      const help = "For example grpc://127.0.0.1:50051/shop.Quotes. A percent sign is written %25.";
      context.diagnostics.error("wrong-value", at, "the name of the service cannot be read", help);
    } else checkHost(context, hostOf(url), at);
  }
  for (const [at, url] of askedUrls(context)) checkAsked(context, url, at);
  if (valid.toxiproxy?.url !== undefined) {
    const at = context.at("toxiproxy", "url");
    const url = urlOf(valid.toxiproxy.url);
    if (!url || !["http:", "https:"].includes(url.protocol)) {
      context.diagnostics.error("wrong-value", at, "expected a URL such as http://127.0.0.1:8474");
    } else checkHost(context, hostOf(url), at);
  }
  if (valid.docker?.host !== undefined) {
    const at = context.at("docker", "host");
    const address = parseEngineAddress(valid.docker.host);
    if (address === null)
      context.diagnostics.error(
        "wrong-value",
        at,
        "expected the address of a Docker engine",
        engineAddressHelp(valid.docker.host),
      );
    else if (address.kind === "tcp") checkHost(context, address.address.host, at);
  }
}

/** The URLs that `checks:` ask, where `signals:` are read, `alerts:` watched and `telemetry:` sent, and that faults act on, each with its place. */
function askedUrls(context: CheckContext): readonly (readonly [Span, string])[] {
  const { checks = [], signals = {}, alerts } = context.parts.valid;
  const ofChecks = checks.flatMap((check, index) => {
    const http = check?.http;
    if (typeof http === "string") return [[context.at("checks", index, "http"), http] as const];
    return http?.url === undefined ? [] : [[context.at("checks", index, "http", "url"), http.url] as const];
  });
  const ofSignals = Object.entries(signals).flatMap(([name, signal]) =>
    SIGNAL_URLS.flatMap((key) => {
      const url = signal?.[key];
      return url === undefined ? [] : [[context.at("signals", name, key), url] as const];
    }),
  );
  const ofAlerts = (["prometheus", "alertmanager"] as const).flatMap((key) => {
    const url = alerts?.[key];
    return url === undefined ? [] : [[context.at("alerts", key), url] as const];
  });
  return [...ofChecks, ...ofSignals, ...ofAlerts, ...telemetryUrls(context), ...targetUrls(context)];
}

function checkAsked(context: CheckContext, text: string, at: Span): void {
  if (refusesPort(context, text, at)) return;
  const url = urlOf(text);
  if (!url || !["http:", "https:"].includes(url.protocol) || url.hostname === "") {
    const help = "For example http://127.0.0.1:3000/admin/stock.";
    context.diagnostics.error("wrong-value", at, "expected an http:// or https:// URL", help);
  } else if (url.username !== "" || url.password !== "") {
    const help = "Send it as a header: headers: { authorization: … } beside the URL.";
    context.diagnostics.error("wrong-value", at, "a URL with a user name or password is not used", help);
  } else checkHost(context, hostOf(url), at);
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

/** Whether the port is what is wrong with a text that is no URL or address. If so, it has been complained about. */
function refusesPort(context: CheckContext, text: string, at: Span): boolean {
  const port = portTooHigh(withSamples(text));
  if (port === null) return false;
  context.diagnostics.error("wrong-value", at, `there is no port ${port}: the highest is ${HIGHEST_PORT}`);
  return true;
}

/** Of protocols that people ask for. */
const FOREIGN_SCHEMES = ["h2", "h2c", "http2", "https2", "grpc", "grpcs", "h3", "ws", "wss"];
/** Those that mean HTTP/2, which has the schemes of HTTP. */
const HTTP2_SCHEMES = ["h2", "h2c", "http2", "https2"];

/** What to write for a scheme that says more than a URL does. */
function instead(scheme: string, target: string): string | null {
  if (HTTP2_SCHEMES.includes(scheme)) return "For HTTP/2 write an http:// or https:// URL, and protocol: h2.";
  if (!scheme.startsWith("grpc")) return null;
  return `Write ${target.replace(/^grpc/i, "http")}, and requests with \`grpc:\`.`;
}

function checkTarget(context: CheckContext, target: string): void {
  if (isClusterTarget(target)) {
    checkClusterTarget(context, target);
    return;
  }
  const { diagnostics } = context;
  const at = context.at("load", "target");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(target)?.[1]?.toLowerCase();
  const help = "For example http://127.0.0.1:3000.";
  const schemes = targetSchemes().map(({ name }) => name);
  if (scheme !== undefined && isNearlyCluster(scheme)) {
    diagnostics.error("unsupported-protocol", at, `${scheme}:// is not supported`, CLUSTER_HELP);
    return;
  }
  if (scheme !== undefined && FOREIGN_SCHEMES.includes(scheme) && !schemes.includes(scheme)) {
    diagnostics.error(
      "unsupported-protocol",
      at,
      `${scheme}:// is not supported; faultline speaks HTTP/1.1, HTTP/2, gRPC and WebSocket`,
      instead(scheme, target) ?? help,
    );
    return;
  }
  if (scheme === "http" && /^http:\/\/unix:/i.test(target)) {
    const message = "for a unix socket give its path as `load.socket`";
    diagnostics.error(
      "wrong-value",
      at,
      message,
      "For example target: http://localhost and socket: /run/shop.sock.",
    );
    return;
  }
  if (refusesPort(context, target, at)) return;
  const url = urlOf(target);
  if (!url || !schemes.includes(url.protocol.slice(0, -1)) || url.hostname === "") {
    const written = parseAddress(target) ? `Write http://${target}.` : help;
    const known = schemes
      .map((name) => `${name}://`)
      .join(", ")
      .replace(/, (?=[^,]*$)/, " or ");
    diagnostics.error("wrong-value", at, `expected an ${known} URL`, written);
    return;
  }
  if (url.username !== "" || url.password !== "") {
    const message = "a URL with a user name or password is not used";
    diagnostics.error("wrong-value", at, message, "Send it as a header: headers: { authorization: … }.");
  }
  if (
    url.hash !== "" ||
    (url.search !== "" && (context.has("load", "requests") || context.has("load", "journeys")))
  ) {
    diagnostics.error("wrong-value", at, "the target has a path at most; queries belong to the requests");
  }
  if (!context.has("load", "socket")) checkHost(context, hostOf(url), at);
}

function checkHost(context: CheckContext, host: string, at: Span): void {
  if (isAllowedHost(host, context.allowedHosts)) return;
  // What an untrusted scenario allows itself does not count.
  const inScenario = context.untrusted === null ? `, or allowHosts: [${host}]` : "";
  context.diagnostics.error(
    "host-not-allowed",
    at,
    `${host} is not this machine`,
    `If it may be loaded and disturbed, allow it: --allow-host ${host}${inScenario}.`,
  );
}

function checkAllowHosts(context: CheckContext): void {
  for (const [index, host] of (context.parts.valid.allowHosts ?? []).entries()) {
    if (host === undefined || /^(\*\.)?[\w.-]+$|^\[?[0-9A-Fa-f:.]+\]?$/.test(host)) continue;
    const help = "Without scheme, port or path: staging.example.com, 10.0.0.7, *.example.com.";
    context.diagnostics.error(
      "wrong-value",
      context.at("allowHosts", index),
      "expected a host's name or address",
      help,
    );
  }
}

/** host:port, or the URL of a server of HTTP or of TLS. */
function proxyAddressAt(context: CheckContext, text: string, at: Span) {
  const { scheme, address: written } = splitProxyAddress(text);
  const address = isKnownScheme(scheme) ? parseAddress(withSamples(written)) : null;
  if (address || refusesPort(context, text, at)) return address;
  const url = urlOf(text);
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

function urlOf(text: string): URL | null {
  try {
    return new URL(withSamples(text));
  } catch {
    return null;
  }
}

/**
 * Whether all placeholders stand where they may. @returns false when one would become part of a host's name; then the
 * complaint is made.
 */
function checkSlotPlaces(context: CheckContext): boolean {
  const { proxies = {}, services = {}, load } = context.parts.valid;
  const addresses: (readonly [string | undefined, Span])[] = [
    [load?.target, context.at("load", "target")],
    ...Object.entries(proxies).flatMap(([name, proxy]) => [
      [proxy?.listen, context.at("proxies", name, "listen")] as const,
      [proxy?.upstream, context.at("proxies", name, "upstream")] as const,
    ]),
    ...Object.entries(services).flatMap(([name, service]) => {
      const ready = readyUrl(service?.ready);
      return ready ? [[ready.url, context.at("services", name, ...ready.at)] as const] : [];
    }),
    ...askedUrls(context).map(([at, url]) => [url, at] as const),
  ];
  let areRight = true;
  for (const [text, at] of addresses) {
    const slot = text === undefined ? null : misplacedSlot(text);
    if (slot === null) continue;
    areRight = false;
    const help =
      "For example http://127.0.0.1:${services.shop.port}/health, or http://${proxies.cache.listen}.";
    context.diagnostics.error("template", at, `\`\${${slot}}\` would be part of a host's name here`, help);
  }
  return areRight;
}

/** Whether each percent sign begins a character. */
function isPercentText(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
