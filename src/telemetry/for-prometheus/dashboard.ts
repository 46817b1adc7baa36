/** A dashboard of Grafana for what `remoteWrite` has sent to a Prometheus, as its import takes it. */

const SOURCE = { type: "prometheus", uid: "${datasource}" };
const OF = 'scenario=~"$scenario"';
const DURATION = "faultline_request_duration";

interface Panel {
  readonly title: string;
  readonly type: "timeseries" | "state-timeline" | "table" | "stat";
  readonly description: string;
  /** In columns of 24, and rows. */
  readonly width: number;
  readonly height: number;
  readonly unit: string;
  readonly expr: string;
  readonly legend: string;
  /** One value, that of the time range's end, in place of a line. */
  readonly isInstant?: boolean;
}

const PANELS: readonly Panel[] = [
  {
    title: "Requests by outcome",
    type: "timeseries",
    description: "Counted by when they ended.",
    width: 12,
    height: 8,
    unit: "reqps",
    expr: `sum by (outcome) (rate(faultline_requests_total{${OF}}[$__rate_interval]))`,
    legend: "{{outcome}}",
  },
  {
    title: "Share of requests that failed",
    type: "timeseries",
    description: "All outcomes but ok.",
    width: 12,
    height: 8,
    unit: "percentunit",
    expr: `sum(rate(faultline_requests_total{${OF},outcome!="ok"}[$__rate_interval])) / sum(rate(faultline_requests_total{${OF}}[$__rate_interval]))`,
    legend: "failed",
  },
  {
    title: "Latency",
    type: "timeseries",
    description:
      "Of each second. Failures count as longer than anything: a gap where more failed than the quantile leaves out.",
    width: 12,
    height: 8,
    unit: "s",
    expr: `max by (quantile) (${DURATION}_quantile_seconds{${OF}} < +Inf)`,
    legend: "{{quantile}}",
  },
  {
    title: "Good answers by how long they took",
    type: "timeseries",
    description: "Share of the good answers within each bound.",
    width: 12,
    height: 8,
    unit: "percentunit",
    expr: `sum by (le) (rate(${DURATION}_seconds_bucket{${OF},le=~"0.01|0.1|1"}[$__rate_interval])) / on () group_left sum(rate(${DURATION}_seconds_count{${OF}}[$__rate_interval]))`,
    legend: "within {{le}} s",
  },
  {
    title: "Phases",
    type: "state-timeline",
    description: "What went on when.",
    width: 24,
    height: 5,
    unit: "none",
    expr: `max by (scenario, phase, fault) (faultline_phase_active{${OF}})`,
    legend: "{{phase}} {{fault}}",
  },
  {
    title: "SLOs",
    type: "table",
    description: "1: it held in the last run of the time range.",
    width: 16,
    height: 8,
    unit: "none",
    expr: `min by (scenario, fault, slo, phase, verdict) (last_over_time(faultline_slo_passed{${OF}}[$__range]))`,
    legend: "",
    isInstant: true,
  },
  {
    title: "Since the last run",
    type: "stat",
    description: "How long ago the last run of each scenario began.",
    width: 8,
    height: 8,
    unit: "s",
    expr: `time() - max by (scenario) (last_over_time(faultline_run_timestamp_seconds{${OF}}[$__range]))`,
    legend: "{{scenario}}",
    isInstant: true,
  },
];

export function dashboard(): object {
  return {
    uid: "faultline",
    title: "faultline",
    tags: ["faultline"],
    schemaVersion: 39,
    editable: true,
    refresh: "5s",
    time: { from: "now-15m", to: "now" },
    templating: { list: [datasourceVariable, scenarioVariable] },
    annotations: { list: [faultBands] },
    panels: placed(PANELS),
  };
}

const datasourceVariable = {
  name: "datasource",
  label: "Prometheus",
  type: "datasource",
  query: "prometheus",
};

const scenarioVariable = {
  name: "scenario",
  label: "Scenario",
  type: "query",
  datasource: SOURCE,
  query: { query: "label_values(faultline_phase_active, scenario)", refId: "scenario" },
  refresh: 2,
  includeAll: true,
  multi: true,
  current: { text: "All", value: "$__all" },
};

const faultBands = {
  name: "Faults",
  enable: true,
  datasource: SOURCE,
  iconColor: "red",
  expr: `faultline_phase_active{${OF},phase="fault"}`,
  step: "1s",
  titleFormat: "{{fault}}",
  textFormat: "{{trial}}",
  tagKeys: "scenario",
};

function placed(panels: readonly Panel[]): readonly object[] {
  const most = 24;
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map(({ title, type, description, width, height, unit, expr, legend, isInstant }, at) => {
    if (x + width > most) [x, y, rowHeight] = [0, y + rowHeight, 0];
    rowHeight = Math.max(rowHeight, height);
    const gridPos = { x, y, w: width, h: height };
    x += width;
    return {
      id: at + 1,
      title,
      type,
      description,
      datasource: SOURCE,
      gridPos,
      fieldConfig: { defaults: { unit }, overrides: [] },
      targets: [
        {
          refId: "A",
          datasource: SOURCE,
          expr,
          legendFormat: legend,
          ...(isInstant
            ? { instant: true, range: false, format: type === "table" ? "table" : "time_series" }
            : { range: true }),
        },
      ],
    };
  });
}
