import { type PushgatewaySpec, shownUrl } from "../../plan/telemetry/telemetry-spec.js";
import { toPrometheusText } from "../../report/formats/prometheus.js";
import { printable } from "../../support/printable.js";
import { urlUnder } from "../../support/url-under.js";
import type { Exporter, ToldBy } from "../exporter.js";
import { post } from "../post.js";

/**
 * Puts the results where Prometheus fetches them. They replace those of the run before and stay: this server is for what
 * outlives a job, and forgets nothing by itself. Nothing is put there while a run goes on, as a run that is killed would leave
 * it there for good.
 */
export function pushgatewayExporter(
  { url, headers, tls, labels }: PushgatewaySpec,
  { scenario }: ToldBy,
): Exporter {
  const group = groupPath({ job: "faultline", scenario, ...labels });
  return {
    to: shownUrl(urlUnder(url, "metrics")),
    sends: ["judged"],
    mostAtOnce: 1,
    send: async (told, stop) => {
      for (const each of told) {
        if (each.kind !== "judged") continue;
        await post(urlUnder(url, group), {
          method: "PUT",
          headers: { ...headers, "Content-Type": "text/plain; version=0.0.4" },
          body: toPrometheusText(each.report),
          tls,
          stop,
        });
      }
    },
  };
}

/** The grouping key: `job` comes first. What could not stand in a path as it is, is written in base64. */
function groupPath({ job, ...labels }: Readonly<Record<string, string>> & { readonly job: string }): string {
  const parts = [["job", job] as const, ...Object.entries(labels)].map(([name, value]) => {
    const text = printable(value);
    return /^[\w-]+$/.test(text)
      ? `${name}/${text}`
      : `${name}@base64/${Buffer.from(text, "utf8").toString("base64url")}`;
  });
  return ["metrics", ...parts].join("/");
}
