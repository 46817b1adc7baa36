import { harmlessJson } from "../support/printable.js";
import type { Reporter } from "./reporter.js";

/** report.json: the Report itself, for programs. Its schema is schema/report.schema.json. */
export const jsonReporter: Reporter = {
  name: "json",
  fileName: "report.json",
  mime: "application/json",
  purpose: "everything that was judged, for programs",
  render: ({ report }) => `${harmlessJson(report)}\n`,
};
