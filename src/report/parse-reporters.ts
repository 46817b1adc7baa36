import { resolve } from "node:path";
import { FaultlineError } from "../support/errors.js";
import { DEFAULT_REPORTERS, REPORTERS } from "./registry.js";
import type { ReportChoice } from "./write-reports.js";

/**
 * Reads --reporter:
 *
 *   list   = item { "," item }
 *   item   = name [ "=" path ]
 *
 * "html,junit=out/tests.xml"; paths count from `cwd`. Without a list: the default formats. report.json is always among
 * them, because `compare` and `history` read it. @throws USAGE.
 */
export function parseReporters(list: string | undefined, cwd: string): readonly ReportChoice[] {
  if (list === undefined) return DEFAULT_REPORTERS.map((reporter) => ({ reporter, path: null }));
  const items = list
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
  if (items.length === 0) throw new FaultlineError("USAGE", `--reporter names no format; known: ${names()}`);
  const chosen = items.map((item) => parseItem(item, cwd));
  const json = REPORTERS.find((reporter) => reporter.name === "json");
  const always = json && !chosen.some(({ reporter, path }) => reporter === json && path === null);
  return always ? [{ reporter: json, path: null }, ...chosen] : chosen;
}

function parseItem(item: string, cwd: string): ReportChoice {
  const equals = item.indexOf("=");
  const name = (equals < 0 ? item : item.slice(0, equals)).trim();
  const path = equals < 0 ? null : item.slice(equals + 1).trim();
  const reporter = REPORTERS.find((candidate) => candidate.name === name || candidate.alias === name);
  if (!reporter) throw new FaultlineError("USAGE", `--reporter does not know "${name}"; known: ${names()}`);
  if (path === "")
    throw new FaultlineError("USAGE", `--reporter ${name}= needs a path after the equals sign`);
  return { reporter, path: path === null ? null : resolve(cwd, path) };
}

function names(): string {
  return REPORTERS.map((reporter) => reporter.name).join(", ");
}
