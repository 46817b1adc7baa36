/**
 * Reads the text format of Prometheus and of OpenMetrics, as a page of metrics has it:
 *
 *   # TYPE http_requests_total counter
 *   http_requests_total{method="post",code="200"} 1027 1395066363000
 */

export interface ExposedSeries {
  readonly metric: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface Exposition {
  readonly series: readonly ExposedSeries[];
  /** Metrics that the page knows, also those without any series yet. */
  readonly metrics: ReadonlySet<string>;
}

const DECLARED = /^#\s*(?:TYPE|HELP)\s+([A-Za-z_:][\w:]*)/;
const NAME = /\s*([A-Za-z_:][\w:]*)\s*/y;
const LABEL = /\s*([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/y;
const CLOSED = /\s*,?\s*\}/y;
const VALUE = /\s*(\S+)/y;

/** A line that cannot be read is left out: another one may be what is looked for. */
export function readExposition(text: string): Exposition {
  const series: ExposedSeries[] = [];
  const metrics = new Set<string>();
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    if (line.startsWith("#")) {
      const declared = DECLARED.exec(line)?.[1];
      // OpenMetrics declares the counter `orders`, and its series are called `orders_total`.
      if (declared !== undefined) metrics.add(declared).add(`${declared}_total`);
      continue;
    }
    const read = readLine(line);
    if (read === null) continue;
    series.push(read);
    metrics.add(read.metric);
  }
  return { series, metrics };
}

function readLine(line: string): ExposedSeries | null {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(line);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  const metric = take(NAME)?.[1];
  if (metric === undefined) return null;
  const labels = new Map<string, string>();
  if (line[at] === "{") {
    at += 1;
    for (let found = take(LABEL); found !== null; found = take(LABEL)) {
      const [, label = "", value = ""] = found;
      labels.set(
        label,
        value.replace(/\\(.)/g, (_, escaped) => (escaped === "n" ? "\n" : escaped)),
      );
    }
    if (take(CLOSED) === null) return null;
  }
  const written = take(VALUE)?.[1];
  const value = written === undefined ? null : numberOf(written);
  return value === null ? null : { metric, labels, value };
}

/** @returns null when it is no number. "NaN" is one here. */
function numberOf(text: string): number | null {
  const infinite = /^([+-]?)Inf$/i.exec(text);
  if (infinite) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^NaN$/i.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isNaN(value) ? null : value;
}
