import { z } from "zod";
import type { AlertEndpoint, SignalSpec } from "../../plan/signals/signal-spec.js";
import { type AlertState, numberOfState } from "../../slo/alert-state.js";
import { urlUnder } from "../../support/url-under.js";
import { jsonOf } from "../json-of.js";
import { askPage } from "../polled/ask-page.js";
import { type SignalLook, troubled } from "../polled/look.js";
import { PolledSource } from "../polled/polled-source.js";
import type { SignalSource } from "../signal-source.js";

const rules = z.object({
  data: z.object({
    groups: z.array(
      z.object({ rules: z.array(z.object({ name: z.string(), state: z.string().default("inactive") })) }),
    ),
  }),
});

const paged = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    status: z.object({
      state: z.string(),
      silencedBy: z.array(z.unknown()).default([]),
      inhibitedBy: z.array(z.unknown()).default([]),
    }),
  }),
);

/** One alert, by its name: what the rules of a Prometheus say of it, and whom an Alertmanager pages for it. */
export function alertSource(spec: SignalSpec, source: AlertEndpoint): SignalSource {
  const { alert, headers, tls } = source;
  return new PolledSource(spec, async (stop) => {
    const asked = (url: string, look: (text: string) => SignalLook) =>
      askPage({ source: { url, headers, tls }, timeoutMs: spec.timeoutMs }, stop, look);
    const { prometheus, alertmanager } = source;
    const ruled = prometheus
      ? await asked(urlUnder(prometheus, "api/v1/rules", { type: "alert" }), (text) =>
          stateOfRule(text, alert),
        )
      : null;
    if (!alertmanager || ruled?.kind === "trouble") return ruled ?? state("quiet");
    const told = await asked(urlUnder(alertmanager, "api/v2/alerts"), (text) => stateOfPage(text, alert));
    // A rule that fires has paged nobody before the Alertmanager has it.
    const isOnItsWay =
      told.kind === "value" && told.value === numberOfState("quiet") && ruled?.kind === "value";
    return isOnItsWay && ruled.value > numberOfState("quiet") ? state("pending") : told;
  });
}

function state(of: AlertState): SignalLook {
  return { kind: "value", value: numberOfState(of) };
}

function stateOfRule(text: string, alert: string): SignalLook {
  const read = rules.safeParse(jsonOf(text));
  if (!read.success) return notUnderstood("Prometheus");
  const found = read.data.data.groups.flatMap((group) => group.rules).filter(({ name }) => name === alert);
  if (found.length === 0) return troubled({ id: "no_rule", facts: { alert } });
  if (found.some(({ state: each }) => each === "firing")) return state("firing");
  return state(found.some(({ state: each }) => each === "pending") ? "pending" : "quiet");
}

/** An alert of several instances pages when one of them is not hidden. */
function stateOfPage(text: string, alert: string): SignalLook {
  const read = paged.safeParse(jsonOf(text));
  if (!read.success) return notUnderstood("Alertmanager");
  const found = read.data.filter(({ labels }) => labels.alertname === alert).map(({ status }) => status);
  if (found.length === 0) return state("quiet");
  if (found.some(({ state: each }) => each !== "suppressed")) return state("firing");
  return state(found.some(({ silencedBy }) => silencedBy.length > 0) ? "silenced" : "inhibited");
}

function notUnderstood(server: string): SignalLook {
  return troubled({ id: "refused_query", facts: { reason: `its answer is not that of ${server}'s API` } });
}
