import { z } from "zod";
import { type OtlpSpec, shownUrl } from "../../plan/telemetry/telemetry-spec.js";
import { saidIn } from "../../support/secrets/said.js";
import { urlUnder } from "../../support/url-under.js";
import { type Exporter, NotTaken, type ToldBy } from "../exporter.js";
import { type PostAnswer, post } from "../post.js";
import type { ToldItem } from "../told.js";
import { otlpMetrics } from "./metrics-request.js";
import { attributes, type OtlpSpan } from "./otlp-json.js";
import { requestSpan } from "./request-spans.js";
import { runSpans } from "./run-spans.js";
import { RunTrace } from "./run-trace.js";

/** Seconds of one request. */
const MOST_AT_ONCE = 60;

/** Posts metrics and traces to a collector, as OTLP over HTTP in JSON. */
export function otlpExporters(
  { url: base, headers, tls, metrics = true }: OtlpSpec,
  { scenario, version }: ToldBy,
): readonly Exporter[] {
  const resource = {
    attributes: attributes({
      "service.name": "faultline",
      "service.version": version,
      "faultline.scenario": scenario,
    }),
  };
  const scope = { name: "faultline", version };
  const run = new RunTrace();
  const exporter = (
    path: string,
    sends: Exporter["sends"],
    request: (told: Parameters<Exporter["send"]>[0]) => object,
  ): Exporter => {
    const url = urlUnder(base, path);
    return {
      to: shownUrl(url),
      sends,
      mostAtOnce: MOST_AT_ONCE,
      send: async (told, stop) => {
        const body = JSON.stringify(request(told));
        const answer = await post(url, {
          headers: { ...headers, "Content-Type": "application/json" },
          body,
          tls,
          stop,
        });
        refuseRejected(answer);
      },
    };
  };
  const ofMetrics = exporter("v1/metrics", ["phase_begun", "second", "phase_over", "judged"], (told) => ({
    resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: otlpMetrics(told, scenario) }] }],
  }));
  const ofTraces = exporter("v1/traces", ["traces", "judged"], (told) => ({
    resourceSpans: [{ resource, scopeSpans: [{ scope, spans: told.flatMap((each) => spansOf(each, run)) }] }],
  }));
  return metrics ? [ofMetrics, ofTraces] : [ofTraces];
}

function spansOf(told: ToldItem, run: RunTrace): readonly OtlpSpan[] {
  if (told.kind === "traces") return told.traces.map((request) => requestSpan(request, run));
  return told.kind === "judged" && told.loadStartMs !== null
    ? runSpans(told.report, told.loadStartMs, run)
    : [];
}

const rejected = z.union([z.number(), z.string()]).transform(Number).default(0);
const answerSchema = z.object({
  partialSuccess: z.object({
    rejectedDataPoints: rejected,
    rejectedSpans: rejected,
    errorMessage: z.string().default(""),
  }),
});

/** A collector answers 200 also when it has taken a part, or nothing. */
function refuseRejected({ status, json, isCut }: PostAnswer): void {
  // Some say nothing, or nothing in JSON. One that says this much has something to say of what it rejected.
  if (isCut) throw new NotTaken({ id: "unreadable", facts: { status } });
  const { data } = answerSchema.safeParse(json);
  if (!data) return;
  const { rejectedDataPoints, rejectedSpans, errorMessage } = data.partialSuccess;
  if (rejectedDataPoints + rejectedSpans === 0) return;
  throw new NotTaken({ id: "refused", facts: { status, said: saidIn(errorMessage) } });
}
