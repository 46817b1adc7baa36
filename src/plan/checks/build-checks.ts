import type { Scenario } from "../../scenario/read-scenario.js";
import type { CheckInput } from "../../scenario/schema/check.js";
import type { CheckExpectation, CheckSpec, CommandAsk, HttpAsk, IdSetSpec } from "./check-spec.js";

export function buildChecks({ data, checkFolders, folder }: Scenario): readonly CheckSpec[] {
  return data.checks.map((check, index) => ({
    name: check.name,
    ask: buildAsk(check, checkFolders[index] ?? folder),
    when: check.when,
    everyMs: check.every?.ms ?? null,
    timeoutMs: check.timeout.ms,
    withinMs: check.within?.ms ?? 0,
    expect: check.of === undefined ? buildExpected(check.expect) : null,
    ids: check.of === undefined ? null : buildIds(check.of, check),
  }));
}

/** The scenario's checks refuse one that has neither `run` nor `http`. */
function buildAsk({ run, shell, env, http }: CheckInput, cwd: string): CommandAsk | HttpAsk {
  if (http !== undefined) {
    const { url, headers } = typeof http === "string" ? { url: http } : http;
    return { kind: "http", url, headers: headers ?? {} };
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
