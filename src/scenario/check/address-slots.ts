import { parseReference, parseTemplate, type Reference } from "../../notation/template.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import type { Span } from "../text/source.js";
import { schemeShown, tlsSides } from "../values/proxy-address.js";
import type { CheckContext } from "./context.js";

/** ${services.NAME.port} and ${proxies.NAME.…} must name what exists. A proxy that nothing names gets no traffic. */
export function checkSlots(context: CheckContext): void {
  const { diagnostics } = context;
  const services = context.names("services");
  const proxies = context.names("proxies");
  const used = new Set<string>();
  for (const { reference, span, path } of context.deferred) {
    if (reference.kind === "service_port" && !services.includes(reference.service)) {
      const message = `no service \`${reference.service}\`${didYouMean(reference.service, services)}`;
      diagnostics.error("unknown-name", span, message, "The port is chosen for a service under services:.");
    }
    if (reference.kind !== "proxy_address") continue;
    if (reference.part !== "ca") used.add(reference.proxy);
    if (!proxies.includes(reference.proxy)) {
      const message = `no proxy \`${reference.proxy}\`${didYouMean(reference.proxy, proxies)}`;
      diagnostics.error("unknown-name", span, message);
    } else if (path[0] === "proxies") {
      diagnostics.error("template", span, "a proxy cannot be told another proxy's address");
    } else checkProxyPart(context, reference, span);
  }
  checkPortWords(context, services);
  for (const name of proxies) {
    if (used.has(name) || context.has("proxies", name, "listen")) continue;
    diagnostics.warning(
      "suspicious",
      context.key("proxies", name),
      `nothing connects through the proxy \`${name}\`: its port is chosen when it runs, and nothing refers to it`,
      `Use \${proxies.${name}.listen} in a service's env or in load.target, or give it a fixed \`listen\`.`,
    );
  }
}

/** Keys of a service that say nothing to it about where to listen. */
const TELL_NO_PORT = ["ready", "cleanup"];

/** A word makes a further port. Where its service is not told of it, nothing listens there: the word may be misspelt. */
function checkPortWords({ deferred, diagnostics }: CheckContext, services: readonly string[]): void {
  const ports = deferred.flatMap(({ reference, span, path }) => {
    if (reference.kind !== "service_port" || reference.port === null) return [];
    const [part, name, key] = path;
    const isTold =
      part === "services"
        ? name === reference.service && !TELL_NO_PORT.includes(String(key))
        : part === "proxies" && key === "listen";
    return [{ service: reference.service, word: reference.port, span, isTold }];
  });
  const warned = new Set<string>();
  for (const { service, word, span } of ports.filter((port) => services.includes(port.service))) {
    const told = ports.filter((port) => port.service === service && port.isTold).map((port) => port.word);
    const expression = `services.${service}.port.${word}`;
    if (told.includes(word) || warned.has(expression)) continue;
    warned.add(expression);
    diagnostics.warning(
      "suspicious",
      span,
      `nothing listens at \`\${${expression}}\`: the service \`${service}\` is not told of this port${didYouMean(word, told)}`,
      `Use it in \`run\` or \`env\` of \`${service}\`, which says where to listen.`,
    );
  }
}

/** Only a server of HTTP has a URL, and only one that services reach over TLS a certificate. */
function checkProxyPart(
  { parts, diagnostics }: CheckContext,
  { proxy, part }: Extract<Reference, { kind: "proxy_address" }>,
  span: Span,
): void {
  const { protocol, listen, upstream } = parts.valid.proxies?.[proxy] ?? {};
  if (listen === undefined || upstream === undefined) return;
  if (part === "url" && protocol === undefined) {
    const help = `Write protocol: http (or grpc) at the proxy \`${proxy}\`, or use \${proxies.${proxy}.listen}, which is host:port.`;
    diagnostics.error("template", span, `the proxy \`${proxy}\` has no URL, as it knows no protocol`, help);
  }
  if (part === "ca" && !tlsSides({ listen, upstream }).services) {
    const scheme = schemeShown(protocol, true);
    const help = `That is so with upstream: "${scheme}HOST:PORT", or listen: "${scheme}127.0.0.1:PORT".`;
    const message = `services connect to the proxy \`${proxy}\` without TLS, so it has no certificate`;
    diagnostics.error("template", span, message, help);
  }
}

/** The text with stand-ins for what is known only when it runs. All of that is on this machine. */
export function withSamples(text: string): string {
  try {
    return parseTemplate(text)
      .map((part) => (part.kind === "text" ? part.text : sampleOf(part.expression)))
      .join("");
  } catch {
    return ""; // substitute() has already complained
  }
}

function sampleOf(expression: string): string {
  const reference = parseReference(expression);
  if (reference.kind === "service_port") return "1";
  if (reference.kind !== "proxy_address") return "";
  return { listen: "127.0.0.1:1", host: "127.0.0.1", port: "1", url: "http://127.0.0.1:1", ca: "" }[
    reference.part
  ];
}
