import type { Report } from "../../analysis/document/report.js";
import { printable } from "../escape.js";
import type { FileReporter } from "../reporter.js";
import { type Gauge, type GaugeSample, gaugesOf } from "../shown/gauges.js";

/** faultline.prom: the results in Prometheus' text format 0.0.4, for node_exporter's textfile collector. */
export const prometheusReporter: FileReporter = {
  name: "prometheus",
  alias: "prom",
  fileName: "faultline.prom",
  mime: "text/plain; version=0.0.4",
  purpose: "the results as gauges, for the textfile collector",
  render: ({ report }) => toPrometheusText(report),
};

export function toPrometheusText(report: Report): string {
  return gaugesOf(report).map(toText).join("");
}

/** A name and labels that come twice would make the whole file unreadable. An SLO that is listed twice counts once. */
function toText({ name, help, samples }: Gauge): string {
  if (samples.length === 0) return "";
  const byLabels = new Map(samples.map(({ labels, value }) => [toLabels(labels), value]));
  const lines = [...byLabels].map(([labels, value]) => `${name}{${labels}} ${toNumber(value)}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}

function toLabels(labels: GaugeSample["labels"]): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(",");
}

function escapeLabel(value: string): string {
  return printable(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function toNumber(value: GaugeSample["value"]): string {
  return value === "inf" ? "+Inf" : String(value);
}
