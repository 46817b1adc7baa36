import { referenceIn } from "../../kubernetes/references/object-reference.js";
import type { PemFiles } from "../../scenario/read/named-files.js";
import type { Scenario } from "../../scenario/read-scenario.js";
import type { CheckInput } from "../../scenario/schema/check.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";
import { buildTls } from "../client-tls.js";
import type { CheckExpectation, CheckSpec, IdSetSpec } from "./check-spec.js";

/** A check that an SLO on completion names looks so often, unless it says how often. */
const USUAL_EVERY_MS = 1_000;
/** Looks within the time that is promised. */
const LOOKS_WITHIN = 5;
const LEAST_EVERY_MS = 100;

/** `slos`: those that may be about what checks see. */
export function buildChecks(
  { data, checkFolders, checkTls, folder }: Scenario,
  slos: readonly Slo[],
): readonly CheckSpec[] {
  return data.checks.map((check, index) => ({
    name: check.name,
    ask: buildAsk(check, checkFolders[index] ?? folder, checkTls[index]),
    // Ids are asked for at the end in any case: only then each request has its outcome.
    when: check.of === undefined || check.when.includes("end") ? check.when : [...check.when, "end"],
    everyMs: check.every?.ms ?? everyFor(check, slos),
    timeoutMs: check.timeout.ms,
    withinMs: check.within?.ms ?? 0,
    expect: check.of === undefined ? buildExpected(check.expect) : null,
    ids: check.of === undefined ? null : buildIds(check.of, check),
  }));
}

/** @returns null when nothing has to be seen while the load goes on. */
function everyFor({ name, of }: CheckInput, slos: readonly Slo[]): number | null {
  if (of === undefined) return null;
  const about = slos.filter(({ metric }) => {
    const completion = metricOf(metric).completion;
    return completion !== null && (completion.of === name || completion.of === of);
  });
  if (about.length === 0) return null;
  const promised = about.flatMap(({ target }) => (target.kind === "absolute" ? [target.value] : []));
  const enough = Math.floor(Math.min(...promised) / LOOKS_WITHIN);
  return Math.min(USUAL_EVERY_MS, Math.max(LEAST_EVERY_MS, enough));
}

/** The scenario's checks refuse one that asks nobody. */
function buildAsk(
  { run, shell, env, http, kubernetes }: CheckInput,
  cwd: string,
  files: PemFiles | null | undefined,
): CheckSpec["ask"] {
  if (kubernetes !== undefined) return { kind: "kubernetes", object: referenceIn(kubernetes) };
  if (http !== undefined) {
    const { url, headers, tls } = typeof http === "string" ? { url: http } : http;
    return { kind: "http", url, headers: headers ?? {}, tls: buildTls(tls, files) };
  }
  // A text is one command for a shell. Commands without a shell are already split.
  const command = typeof run === "string" ? [run] : (run ?? []);
  return { kind: "command", command, shell, env: env ?? {}, cwd };
}

/** Without any limit, nothing may be lost or there twice. */
function buildIds(request: string, { id, ids, lost, duplicated, unexpected }: CheckInput): IdSetSpec {
  const isOpen = lost === undefined && duplicated === undefined && unexpected === undefined;
  return {
    request,
    id: id ?? "",
    most: {
      lost: lost ?? (isOpen ? 0 : null),
      duplicated: duplicated ?? (isOpen ? 0 : null),
      unexpected: unexpected ?? null,
    },
    list: ids?.list ?? null,
    each: ids?.each ?? null,
  };
}

function buildExpected(expect: CheckInput["expect"]): CheckExpectation {
  return {
    exit: expect?.exit ?? null,
    status: expect?.status === undefined ? null : [expect.status].flat(),
    number: expect?.number ?? null,
    text: expect?.text ?? null,
    json: expect?.json ?? {},
  };
}
