import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";
import type { TreeNode } from "../text/tree.js";
import type { CheckContext } from "./context.js";
import { SHORTEST_EVERY_MS } from "./signals.js";
import { checkServersTls } from "./tls.js";

/** Where alerts are watched. Its addresses are checked with all others. */
export function checkAlerts(context: CheckContext): void {
  if (!context.has("alerts")) return;
  const { diagnostics } = context;
  if (context.lacks("alerts", "prometheus") && context.lacks("alerts", "alertmanager")) {
    const help = "Write alerts: { prometheus: http://127.0.0.1:9090 }, or alertmanager:, or both.";
    diagnostics.error("missing-key", context.key("alerts"), "it is not said where alerts are watched", help);
  }
  const { every, tls, prometheus, alertmanager } = context.parts.valid.alerts ?? {};
  checkServersTls(context, ["alerts"], tls, [prometheus, alertmanager]);
  if (every && every.ms < SHORTEST_EVERY_MS) {
    const message = `expected at least ${SHORTEST_EVERY_MS}ms: asking is load, too`;
    diagnostics.error("wrong-value", context.at("alerts", "every"), message);
  }
}

/** Somebody has to say where the alert of an SLO is watched. */
export function checkAlertSlo(context: CheckContext, { metric, text }: Slo, node: TreeNode): void {
  if (metricOf(metric).alert === null || !context.lacks("alerts")) return;
  const help = "Write alerts: { prometheus: http://127.0.0.1:9090 } beside `slos:`.";
  context.diagnostics.error(
    "slo",
    node.span,
    `"${text}" can show nothing: it is not said where alerts are watched`,
    help,
  );
}

/** Alerts that no SLO names are asked by nobody. */
export function checkAlertsAreNamed(context: CheckContext, slos: readonly Slo[]): void {
  if (!context.has("alerts") || slos.some(({ metric }) => metricOf(metric).alert !== null)) return;
  const help = "Write an SLO such as alert(HighErrorRate) fires < 2m, or leave `alerts:` away.";
  context.diagnostics.error("conflict", context.key("alerts"), "no SLO names an alert", help);
}
