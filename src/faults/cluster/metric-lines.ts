export interface MetricLine {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** The series of one metric on a page in Prometheus' text format. Lines of another form are left out. */
export function* metricLines(page: string, metric: string): Generator<MetricLine> {
  for (const line of page.split("\n")) {
    if (!line.startsWith(`${metric}{`)) continue;
    const [, labelled = "", value] = /^\w+\{(.*)\} ([0-9.eE+-]+)\s*$/.exec(line) ?? [];
    if (value === undefined) continue;
    const labels = new Map([...labelled.matchAll(LABEL)].map(([, name = "", text = ""]) => [name, text]));
    yield { labels, value: Number(value) };
  }
}
