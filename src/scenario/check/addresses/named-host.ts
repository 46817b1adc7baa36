import { HIGHEST_PORT, isAllowedHost, portTooHigh } from "../../../support/hosts.js";
import type { Span } from "../../text/source.js";
import { withSamples } from "../address-slots.js";
import type { CheckContext } from "../context.js";

/** Complains about a host that is another machine, unless it is allowed. */
export function checkHost(context: CheckContext, host: string, at: Span): void {
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

/** Whether the port is what is wrong with a text that is no URL or address. If so, it has been complained about. */
export function refusesPort(context: CheckContext, text: string, at: Span): boolean {
  const port = portTooHigh(withSamples(text));
  if (port === null) return false;
  context.diagnostics.error("wrong-value", at, `there is no port ${port}: the highest is ${HIGHEST_PORT}`);
  return true;
}

/** With stand-ins for what is known only when it runs. @returns null when the text is no URL. */
export function urlIn(text: string): URL | null {
  try {
    return new URL(withSamples(text));
  } catch {
    return null;
  }
}
