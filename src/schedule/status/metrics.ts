import type { GameDayStatus } from "./board.js";

interface Metric {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  /** Labels beside the name of the game day, with values. */
  readonly samples: (day: GameDayStatus, nowMs: number) => readonly Sample[];
}

type Sample = readonly [value: number | null, labels?: Readonly<Record<string, string>>];

const METRICS: readonly Metric[] = [
  {
    name: "next_run_timestamp_seconds",
    type: "gauge",
    help: "When the next run begins.",
    samples: ({ nextMs }) => [[nextMs === null ? null : nextMs / 1000]],
  },
  {
    name: "running",
    type: "gauge",
    help: "1 while it runs.",
    samples: ({ runningSinceMs }) => [[runningSinceMs === null ? 0 : 1]],
  },
  {
    name: "last_run_timestamp_seconds",
    type: "gauge",
    help: "When the last run ended.",
    samples: ({ last }) => [[last && last.endedMs / 1000]],
  },
  {
    name: "last_run_age_seconds",
    type: "gauge",
    help: "How long ago the last run ended.",
    samples: ({ last }, nowMs) => [[last && (nowMs - last.endedMs) / 1000]],
  },
  {
    name: "last_run_duration_seconds",
    type: "gauge",
    help: "How long the last run took.",
    samples: ({ last }) => [[last && last.durationMs / 1000]],
  },
  {
    name: "last_run_score",
    type: "gauge",
    help: "Lowest score of the last run's scenarios, 0 to 100.",
    samples: ({ last }) => [[last?.score ?? null]],
  },
  {
    name: "last_run_verdict",
    type: "gauge",
    help: "1, with the verdict of the last run.",
    samples: ({ last }) => (last ? [[1, { verdict: last.verdict }]] : []),
  },
  {
    name: "runs_total",
    type: "counter",
    help: "Runs since this scheduler was started.",
    samples: ({ runs }) => [...runs].map(([verdict, value]) => [value, { verdict }]),
  },
  {
    name: "postponed_total",
    type: "counter",
    help: "Runs that were left out, with why.",
    samples: ({ postponed }) => [...postponed].map(([reason, value]) => [value, { reason }]),
  },
  {
    name: "missed_total",
    type: "counter",
    help: "Runs whose time passed without them.",
    samples: ({ missed }) => [[missed]],
  },
];

/** In Prometheus' text format, version 0.0.4. */
export function gameDayMetricsText(days: readonly GameDayStatus[], nowMs: number): string {
  return METRICS.map(({ name, type, help, samples }) => {
    const lines = days.flatMap((day) =>
      samples(day, nowMs).flatMap(([value, labels = {}]) =>
        value === null
          ? []
          : [`faultline_gameday_${name}${labelText({ gameday: day.name, ...labels })} ${value}\n`],
      ),
    );
    return `# HELP faultline_gameday_${name} ${help}\n# TYPE faultline_gameday_${name} ${type}\n${lines.join("")}`;
  }).join("");
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const escaped = (value: string) =>
    value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",")}}`;
}
