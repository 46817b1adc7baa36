import { engineAddressHelp, parseEngineAddress } from "../../faults/kinds/docker/engine-address.js";
import { isReferenceText } from "../../kubernetes/references/object-reference.js";
import { hostOf } from "../../support/hosts.js";
import { SIGNAL_URLS } from "../signals/kinds.js";
import type { Span } from "../text/source.js";
import { readyUrl } from "../values/ready-url.js";
import { misplacedSlot } from "../values/slot-places.js";
import { checkSlots } from "./address-slots.js";
import { checkLoadTarget } from "./addresses/load-target.js";
import { checkHost, refusesPort, urlIn } from "./addresses/named-host.js";
import { checkProxyEnds } from "./addresses/proxy-ends.js";
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
  if (valid.load?.target !== undefined) checkLoadTarget(context, valid.load.target);
  checkProxyEnds(context);
  checkReadyUrls(context);
  for (const [at, url] of askedUrls(context)) checkAsked(context, url, at);
  if (valid.toxiproxy?.url !== undefined) {
    const at = context.at("toxiproxy", "url");
    const url = urlIn(valid.toxiproxy.url);
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

/** What says that a service is ready: a URL of its own, or an object of a cluster. */
function checkReadyUrls(context: CheckContext): void {
  for (const [name, service] of Object.entries(context.parts.valid.services ?? {})) {
    const ready = readyUrl(service?.ready);
    if (ready === null) continue;
    if (isReferenceText(ready.url)) {
      checkAwaitedObject(context, ready.url, ["services", name, ...ready.at]);
      continue;
    }
    const at = context.at("services", name, ...ready.at);
    if (refusesPort(context, ready.url, at)) continue;
    const url = urlIn(ready.url);
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
  const url = urlIn(text);
  if (!url || !["http:", "https:"].includes(url.protocol) || url.hostname === "") {
    const help = "For example http://127.0.0.1:3000/admin/stock.";
    context.diagnostics.error("wrong-value", at, "expected an http:// or https:// URL", help);
  } else if (url.username !== "" || url.password !== "") {
    const help = "Send it as a header: headers: { authorization: … } beside the URL.";
    context.diagnostics.error("wrong-value", at, "a URL with a user name or password is not used", help);
  } else checkHost(context, hostOf(url), at);
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
