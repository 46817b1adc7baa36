import { isClusterTarget } from "../../../notation/cluster-target.js";
import { targetSchemes } from "../../../requests/kinds.js";
import { hostOf, parseAddress } from "../../../support/hosts.js";
import type { CheckContext } from "../context.js";
import { CLUSTER_HELP, checkClusterTarget, isNearlyCluster } from "./cluster-target.js";
import { checkHost, refusesPort, urlIn } from "./named-host.js";

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

/** Checks load.target: the protocol is one that is spoken, and the host may be loaded. */
export function checkLoadTarget(context: CheckContext, target: string): void {
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
  const url = urlIn(target);
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
