import { REPORTERS } from "../../src/report/registry.js";
import type { FileReporter } from "../../src/report/reporter.js";

export function reporterNamed(name: string): FileReporter {
  const found = REPORTERS.find((reporter) => reporter.name === name);
  if (!found) throw new Error(`there is no reporter ${name}`);
  return found;
}
