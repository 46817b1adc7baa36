import {
  CURVES,
  type Curve,
  type CurveName,
  type Incident,
} from "../../scenario/generate/incident/incident.js";
import { PrometheusApi, PromRefusal, type PromSeries } from "../../signals/prometheus/prometheus-api.js";
import { FaultlineError } from "../../support/errors.js";
import { NoAnswer } from "../../support/outside/bounded-request.js";
import type { IncidentRange } from "./incident-range.js";

const TIMEOUT_MS = 30_000;
/** Finer than this no stage follows a curve. */
const MOST_POINTS = 600;

/** Prometheus counts in seconds by convention. */
const FACTORS = { latency: 1000, errors: 1, traffic: 1 } as const satisfies Record<CurveName, number>;

export interface PrometheusIncident {
  readonly url: string;
  readonly token: string | null;
  /** PromQL. */
  readonly queries: Readonly<Partial<Record<CurveName, string>>>;
  readonly range: IncidentRange;
}

/** Asks for the curves. @throws FaultlineError USAGE with the server's own words. */
export async function incidentFromPrometheus({
  url,
  token,
  queries,
  range,
}: PrometheusIncident): Promise<Incident> {
  const headers: Readonly<Record<string, string>> =
    token === null ? {} : { authorization: `Bearer ${token}` };
  const api = new PrometheusApi({ kind: "prometheus", url, headers, tls: null }, TIMEOUT_MS);
  const lengthS = range.untilS - range.fromS;
  const stepS = Math.max(1, Math.ceil(lengthS / MOST_POINTS));
  const curves: Partial<Record<CurveName, Curve>> = {};
  for (const curve of CURVES) {
    const query = queries[curve];
    if (query === undefined) continue;
    curves[curve] = curveOf(await ask(api, curve, query, { ...range, stepS }), curve, range);
  }
  return { lengthS, curves };
}

async function ask(
  api: PrometheusApi,
  curve: CurveName,
  query: string,
  stretch: IncidentRange & { readonly stepS: number },
): Promise<readonly PromSeries[]> {
  try {
    return await api.range(query, stretch, new AbortController().signal);
  } catch (error) {
    const isTold = error instanceof NoAnswer || error instanceof PromRefusal;
    const why = isTold ? error.message : "its answer is not one of Prometheus' API";
    throw new FaultlineError("USAGE", `--${curve}: Prometheus gave no series: ${why}`, { cause: error });
  }
}

function curveOf(series: readonly PromSeries[], curve: CurveName, { fromS }: IncidentRange): Curve {
  const [only] = series;
  if (!only || series.length > 1) {
    const what = only
      ? `gives ${series.length} series. Make one of them: write sum(…) or max(…) around it, or select one by its labels`
      : "gives no series in that time. See in Prometheus whether it has data then; --range is in the time of this machine unless it names a zone";
    throw new FaultlineError("USAGE", `--${curve}: the query ${what}`);
  }
  const points = only.points
    // Where nothing was answered, nothing was answered with an error: 0 of 0 is NaN.
    .map((point) => (curve === "errors" && Number.isNaN(point.value) ? { ...point, value: 0 } : point))
    .filter(({ value }) => Number.isFinite(value))
    .map(({ atS, value }) => ({ atS: atS - fromS, value: Math.max(0, value) * FACTORS[curve] }));
  // A quotient of two rates may be a little above 1.
  const wrong = curve === "errors" ? points.find(({ value }) => value > 1.001) : undefined;
  if (wrong) {
    throw new FaultlineError(
      "USAGE",
      `--errors: the query gives ${wrong.value}, which is no share of answers. A share is from 0 to 1: errors per second divided by answers per second`,
    );
  }
  if (points.length === 0)
    throw new FaultlineError("USAGE", `--${curve}: the query gives no number in that time`);
  return points;
}
