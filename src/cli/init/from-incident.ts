import path from "node:path";
import {
  CURVES,
  type CurveName,
  hasFault,
  type Incident,
} from "../../scenario/generate/incident/incident.js";
import { incidentFromCsv } from "../../scenario/generate/incident/incident-csv.js";
import { type IncidentSource, incidentScenario } from "../../scenario/generate/incident/incident-scenario.js";
import type { StarterAnswers } from "../../scenario/generate/starter.js";
import { FileAccess } from "../../scenario/read/file-access.js";
import { readSource } from "../../scenario/read/read-source.js";
import { isHttpUrl } from "../../support/address.js";
import { FaultlineError } from "../../support/errors.js";
import type { Io } from "../process/io.js";
import { incidentFromPrometheus } from "./incident-from-prometheus.js";
import { parseRangeOfTime, rangeInWords } from "./incident-range.js";
import { PROMETHEUS } from "./incident-source.js";

/** What the command line says of an incident. */
export interface IncidentOptions {
  readonly prometheus?: string;
  readonly range?: string;
  readonly latency?: string;
  readonly errors?: string;
  readonly traffic?: string;
  readonly tokenEnv?: string;
}

const OWN_PROMETHEUS = "http://127.0.0.1:9090";

export interface IncidentAnswers extends Omit<StarterAnswers, "name"> {
  /** null: it tells when the incident was. */
  readonly name: string | null;
}

/**
 * A scenario that plays an incident again.
 * @param schema the path for editors, or null.
 */
export async function incidentText(
  from: string,
  options: IncidentOptions,
  { name, ...answers }: IncidentAnswers,
  schema: string | null,
  io: Io,
): Promise<string> {
  const { incident, source } =
    from === PROMETHEUS ? await ofPrometheus(options, io) : await ofCsv(from, options, io);
  if (!hasFault(incident)) throw usage("an incident without the dependency's latency or errors has no fault");
  return incidentScenario(
    incident,
    source,
    { ...answers, name: name ?? `What happened then: ${source.title}` },
    schema,
  );
}

interface Read {
  readonly incident: Incident;
  readonly source: IncidentSource;
}

async function ofPrometheus(options: IncidentOptions, { env }: Io): Promise<Read> {
  const { prometheus = OWN_PROMETHEUS, tokenEnv } = options;
  if (!isHttpUrl(prometheus)) throw usage("--prometheus: expected a URL such as http://127.0.0.1:9090");
  if (options.range === undefined)
    throw usage("--from prometheus needs --range, such as 2026-11-24T10:00/11:00");
  const queries = queriesOf(options);
  if (queries.length === 0)
    throw usage("--from prometheus needs --latency or --errors, each a query for one series");
  const token = tokenEnv === undefined ? null : (env[tokenEnv] ?? null);
  if (tokenEnv !== undefined && token === null) throw usage(`--token-env: ${tokenEnv} is not set`);
  const range = parseRangeOfTime(options.range);
  const incident = await incidentFromPrometheus({
    url: prometheus,
    token,
    queries: Object.fromEntries(queries),
    range,
  });
  const lines = queries.map(([curve, query]) => `${curve}: ${query}`);
  return { incident, source: { title: `Prometheus, ${rangeInWords(range)}`, lines } };
}

async function ofCsv(from: string, options: IncidentOptions, { cwd }: Io): Promise<Read> {
  const given = (["prometheus", "range", "latency", "errors", "traffic", "tokenEnv"] as const).find(
    (key) => options[key] !== undefined,
  );
  if (given !== undefined) {
    throw usage(
      `--${given === "tokenEnv" ? "token-env" : given} is for --from prometheus: a file has all of it`,
    );
  }
  const { source } = await readSource(path.resolve(cwd, from), from, FileAccess.everywhere(), "an incident");
  const { incident, columns } = await incidentFromCsv(source);
  return {
    incident,
    source: { title: path.basename(from), lines: [`columns: ${columns.join(", ")}`] },
  };
}

function queriesOf(options: IncidentOptions): readonly (readonly [CurveName, string])[] {
  return CURVES.flatMap((curve) => {
    const query = options[curve];
    return query === undefined ? [] : [[curve, query] as const];
  });
}

function usage(message: string): FaultlineError {
  return new FaultlineError("USAGE", message);
}
